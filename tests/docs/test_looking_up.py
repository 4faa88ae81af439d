"""The page about looking up runs: its project gives its output, command by command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support import consoles
from support.commands import environment, gates
from support.pages import HOW_TO, marked
from support.repositories import git, make_repository

PAGE = "look-up-runs.md"
UP, DOWN = {"SERVER": "up"}, {"SERVER": "down"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the page, judged four times as the page tells."""
    files = {name: marked(PAGE, f"file: {name}") for name in ("pyproject.toml", "test_greet.py")}
    made = make_repository(tmp_path_factory.mktemp("greet") / "greet", {**files, ".gitignore": ".gates/\n"})
    for server, code in ((UP, 0), (DOWN, 1), (UP, 0)):
        assert gates("check", cwd=made, env=server).code == code
    test = made / "test_greet.py"
    test.write_text(test.read_text("utf-8").replace('"Hello"', '"Hallo"'), "utf-8")
    assert gates("check", cwd=made, env=UP).code == 1
    return made


def test_every_command_prints_what_the_page_shows(root: Path) -> None:
    commit = git(root, "rev-parse", "HEAD")
    (trace,) = re.findall(r"trace +([0-9a-f]{32})", gates("runs", "show", "last", cwd=root).out)
    followed = 0
    for command, shown in consoles.commands(HOW_TO / PAGE):
        words = shlex.split(command.replace("COMMIT", commit.strip()[:7]).replace("TRACE", trace))
        assert words.pop(0) == "gates"
        done = gates(*words, cwd=root, env=UP)
        assert done.code == (1 if words[0] == "check" else 0), f"{command}\n{done.out}{done.err}"
        if shown:
            head, cut, _ = shown.partition("…")
            printed, expected = consoles.alike(done.out), consoles.alike(head)
            assert printed.startswith(expected) if cut else printed == expected, f"{command}\n{done.out}"
            followed += 1
    assert followed >= 7


def test_the_query_of_the_page_is_one(root: Path) -> None:
    assert gates("runs", "list", cwd=root).code == 0
    words = [sys.executable, "-c", marked(PAGE, "query")]
    done = subprocess.run(words, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[0] == "test_greet.py::test_answer[how] failed 1", done.stderr


def test_every_view_of_the_page_is_there(root: Path) -> None:
    import sqlite3

    assert gates("runs", "list", cwd=root).code == 0
    named = set(re.findall(r"`(v_\w+)`", (HOW_TO / PAGE).read_text("utf-8")))
    store = sqlite3.connect(root / ".gates" / "record.sqlite")
    try:
        there = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    finally:
        store.close()
    assert named == there - {"v_suites"}
