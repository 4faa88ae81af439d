"""What a test leaves is told where another may meet it, and what it only looked at or put back is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

PLUGIN = """
import json, os, pytest
from vltair_trial import shared

def note(event, **fields):
    with open(os.environ["SAID"], "a", encoding="utf-8") as stream:
        stream.write(json.dumps({"e": event, **fields}) + "\\n")

shared.begin({"root": os.getcwd(), "watch": ["state"]}, note)

@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    shared.before(item)
    yield
    shared.after(item, item.nodeid)
"""
APP = """
import functools
import itertools

ITEMS = []
OPTIONS = {"digits": {"most": 2}}
COUNT = itertools.count()
LINES = iter([1, 2])
mode = "quiet"


class Store:
    backend = "memory"

    def __init__(self):
        self.held = []

    def __eq__(self, other):
        raise RuntimeError("nobody compares a store")

    __hash__ = None


STORE = Store()


@functools.lru_cache
def cached(one):
    return one
"""
HEAD = """
import decimal, json, logging, os, sys, pytest
import app
{more}
def test_it(tmp_path, monkeypatch):
    {body}
"""


@pytest.fixture
def left(tmp_path: Path):  # type: ignore[no-untyped-def]
    """What the body of a test is said to leave."""
    package = Path(__file__).parents[3] / "src/gates/builtin/diagnosis/child"
    library, root, said = tmp_path / "library", tmp_path / "project", tmp_path / "said"
    (library / "vltair_trial").mkdir(parents=True)
    for folder in (root, tmp_path / "home", tmp_path / "tmp"):
        folder.mkdir()
    for name in ("shared.py", "values.py"):
        (library / "vltair_trial" / name).write_bytes((package / name).read_bytes())
    (library / "vltair_trial" / "__init__.py").write_text("", encoding="utf-8")
    (library / "looking.py").write_text(PLUGIN, encoding="utf-8")
    (root / "app.py").write_text(APP, encoding="utf-8")
    (root / "late.py").write_text("VALUE = 1\n", encoding="utf-8")

    def run(body: str, more: str = "") -> list[str]:
        text = HEAD.format(body=body, more=dedent(more))
        (root / "test_it.py").write_text(text, encoding="utf-8")
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "tmp"),
            "PYTHONPATH": str(library),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SAID": str(said),
        }
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "looking", "-p", "no:cacheprovider", "--rootdir", str(root)]
        ended = subprocess.run(argv, cwd=root, env=environ, capture_output=True, text=True, timeout=90, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
        return [json.loads(line)["what"] for line in lines]

    return run


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("app.ITEMS.append(1)", "app.ITEMS"),
        ("app.OPTIONS['digits']['most'] = 3", "app.OPTIONS"),
        ("next(app.COUNT)", "app.COUNT"),
        ("next(app.LINES)", "app.LINES"),
        ("app.mode = 'loud'", "app.mode"),
        ("app.Store.backend = 'disk'", "app.Store.backend"),
        ("app.STORE.held.append(1)", "app.STORE"),
        ("app.cached(1)", "app.cached"),
        ("app.cached = None", "app.cached"),
        ("os.environ['APP_MODE'] = 'x'", "environment variable APP_MODE"),
        ("os.environ.pop('HOME')", "environment variable HOME"),
        ("os.chdir(tmp_path)", "the current directory"),
        ("sys.path.insert(0, 'x')", "sys.path"),
        ("os.umask(0o077)", "the umask"),
        ("decimal.getcontext().prec = 3", "the context of decimals"),
        ("logging.getLogger('app').setLevel(50)", "logger app"),
        ("logging.disable(50)", "the level that logging.disable set"),
        ("json.loads = print", "json.loads"),
        ("open('data.db', 'w').close()", "file data.db in the checkout"),
        ("os.mkdir('made')", "folder made in the checkout"),
        ("open(os.path.expanduser('~/rc'), 'w').close()", "file rc in the home"),
        ("open(os.environ['TMPDIR'] + '/x', 'w').close()", "file x in the temporary folder"),
        ("import late", "module late, imported"),
        ("sys.modules.pop('app')", "module app, gone from sys.modules"),
    ],
)
def test_what_is_left_is_told(left, body: str, what: str) -> None:  # type: ignore[no-untyped-def]
    assert what in left(body)


def test_a_value_that_many_tests_have_is_looked_at(left) -> None:  # type: ignore[no-untyped-def]
    more = """
    @pytest.fixture(scope="session")
    def basket():
        return []

    def test_first(basket):
        pass

    def test_second(basket):
        basket.append(1)
    """
    assert left("pass", more) == ["fixture basket (session)"] * 2


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "monkeypatch.setenv('APP_MODE', 'x'); monkeypatch.setattr(app, 'mode', 'x'); monkeypatch.chdir(tmp_path)",
        "assert app.ITEMS == []; assert app.OPTIONS['digits']",
        "(tmp_path / 'x').write_text('x')",
        "app.ITEMS.append(1); app.ITEMS.pop()",
    ],
)
def test_what_is_put_back_is_not_told(left, body: str) -> None:  # type: ignore[no-untyped-def]
    assert left(body) == []
