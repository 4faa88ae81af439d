"""Two machines: other zone, locale, hash seed, user, folder, order of files; one suite, one outcome, one evidence."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machines import JUDGED, Machine, another_user, turkish
from support.projects import write_project
from support.repositories import commit_all, git

EXAMPLE = Path(__file__).parents[2] / "examples" / "full"
MEMORY = Path("/dev/shm")
"""It lists what it holds newest first, where a disk goes by hashes."""

CONFTEST = """
import json, os, random
import pytest

DRAWN = {}


@pytest.fixture(scope="session")
def of_session():
    return random.random()


@pytest.fixture(scope="module")
def of_module():
    return random.random()


@pytest.fixture
def note(request):
    return lambda *what: DRAWN.setdefault(request.node.nodeid, []).extend(what)


def pytest_sessionfinish(session):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    with open(os.path.join(os.environ["NUMBERS"], worker), "w", encoding="utf-8") as file:
        json.dump(DRAWN, file)
"""
DRAWING = """
import os, random, secrets, tempfile, uuid
import pytest

AT_IMPORT = random.random()


def test_at_import(note):
    note(AT_IMPORT)


def test_random(note, of_session, of_module, vltair_rng, vltair_seed):
    note(random.random(), random.gauss(0, 1), of_session, of_module, vltair_rng.random(), vltair_seed)
    note(random.Random().random(), random.SystemRandom().random())


def test_entropy(note):
    note(os.urandom(8).hex(), secrets.token_hex(8), str(uuid.uuid4()))


def test_generator(note, vltair_np_rng):
    import numpy
    note(float(vltair_np_rng.random()), float(numpy.random.random()))


@pytest.mark.parametrize("name", os.listdir(os.path.join(os.path.dirname(__file__), "data")))
def test_listed(name, note, of_session, of_module):
    note(name, random.random(), of_session, of_module)
"""
SURROUNDED = """
import datetime, locale, os, pathlib, shutil, sys, time
import pytest

NAMES = {"zebra", "Ärger", "apple", "ice", "Istanbul", "\\u0131nce", "öl", "Zoo"}


def test_sets(note):
    note(list(NAMES), hash("a"), repr({b"a", b"b", b"c"}))


def test_sorted(note):
    note(sorted(NAMES, key=locale.strxfrm), locale.localeconv()["decimal_point"])


def test_clock(note):
    summer = time.mktime((2026, 7, 1, 12, 0, 0, 0, 0, -1))
    note(summer, time.tzname, time.strftime("%x %X %A", time.gmtime(0)), str(datetime.datetime.fromtimestamp(0)))


def test_place(note, pytestconfig, tmp_path):
    made = tmp_path / "made"
    made.touch()
    note(oct(made.stat().st_mode), os.path.relpath(os.getcwd(), pytestconfig.rootpath))
    note(shutil.get_terminal_size().columns, sys.getrecursionlimit(), os.listdir(pathlib.Path.home()))
    note(sorted(name for name in os.environ if name in {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}))


def test_encoding(tmp_path, note):
    path = tmp_path / "text"
    with open(path, "w") as file:
        file.write("\\u0131äß")
    note(path.read_bytes().hex())


@pytest.mark.xfail
def test_that_fails(note):
    note(list(NAMES))
    assert list(NAMES) == "no such order"


@pytest.mark.skipif("sys.platform == 'nowhere'")
def test_that_is_not_skipped():
    pass
"""
PYPROJECT = """
[project]
name = "sample"

[tool.pytest.ini_options]
testpaths = ["tests"]
vltair = "guard"
vltair_entropy = "seeded"
vltair_home = "fresh"

[tool.gates]
select = ["tests", "determinism"]

[tool.gates.tests]
packages = []
args = [{args}]
"""
DRAWN = 15
"""How many tests of the sample note something; the one with numpy only where that is installed."""


def sample(args: str) -> dict[str, str | bytes]:
    data = {f"tests/data/{name}": "" for name in ("b", "Z", "a", "é", "10", "9")}
    return {
        ".gitignore": ".gates/\n__pycache__/\n",
        "pyproject.toml": PYPROJECT.format(args=args),
        "tests/conftest.py": CONFTEST,
        "tests/test_drawing.py": DRAWING,
        "tests/test_surrounded.py": SURROUNDED,
        **data,
    }


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two that differ in all that pytest_vltair holds still, and in what it need not."""
    first = Machine(tmp_path / "one", {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"}, 0o022)
    other = {
        "TZ": "America/St_Johns",
        "LC_ALL": turkish(),
        "LANG": "POSIX",
        "PYTHONHASHSEED": "random",
        "PYTHONUTF8": "0",
        "COLUMNS": "211",
        "LINES": "3",
        "FORCE_COLOR": "1",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
    }
    base = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path
    folder = Path(tempfile.mkdtemp(dir=base))
    yield first, Machine(folder / "deeper" / "two ü", other, 0o077, another_user(), backwards=True)
    shutil.rmtree(folder)


def entries(folder: Path) -> list[str]:
    """The names in a folder as the file system has them."""
    return [one.name for one in os.scandir(folder)]


def committed(project: Path) -> Path:
    git(project, "init", "--quiet", "--initial-branch=main")
    commit_all(project)
    return project


@pytest.fixture(params=["full", "sample", "sample with workers"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    root = tmp_path / "origin"
    if request.param == "full":
        shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".gates", "__pycache__", ".*cache", ".coverage*"))
        return committed(root)
    if "workers" in request.param:
        pytest.importorskip("xdist")
    return committed(write_project(root, sample('"-n", "2"' if "workers" in request.param else "")))


@pytest.mark.skipif(sys.platform == "win32", reason="zones, locales and umasks are those of POSIX")
def test_two_machines_come_to_the_same(project: Path, machines: tuple[Machine, Machine]) -> None:
    one, other = (machine.judge(project) for machine in machines)
    for gate in JUDGED:
        assert one.facts(gate) == other.facts(gate)
    assert one.digests == other.digests
    assert set(one.digests) == set(JUDGED)
    assert one.drawn == other.drawn
    assert len(one.drawn) >= (DRAWN if (project / "tests/data").is_dir() else 0)
    if (project / "tests/data").is_dir() and entries(one.root / "tests/data") == entries(other.root / "tests/data"):
        pytest.skip("all is the same, but both file systems list their files in one order")
