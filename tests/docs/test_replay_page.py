"""The page on replay: its commands, run, say what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from support import healthy
from support.commands import Result, gates
from support.pages import marked

PAGE = "replay.md"
LIMIT = "\n[tool.gates.coverage]\ntotal = 50\n"
UNTESTED = "\n\ndef half(a: int) -> int:\n    b = a // 2\n    print(b)\n    print(a)\n    return b\n"


def said(text: str) -> list[str]:
    """The lines without what differs from run to run: names, times and counts."""
    return [re.sub(r"[0-9a-f-]*\d[0-9a-fTZ:-]*", "#", line).rstrip() for line in text.splitlines()]


def run(mark: str, root: Path) -> Result:
    words = shlex.split(marked(PAGE, f"command: {mark}"))
    assert words[0] == "gates"
    return gates(*words[1:], cwd=root)


def test_the_page_shows_what_its_commands_say(tmp_path: Path) -> None:
    adder = healthy.FILES["src/sample/adder.py"] + UNTESTED
    root = healthy.write(
        tmp_path / "project", **{"pyproject.toml": healthy.PYPROJECT + LIMIT, "src/sample/adder.py": adder}
    )
    assert gates("check", "lint", "tests", "coverage", cwd=root).code == 0
    same = run("replay", root)
    assert same.code == 0, same.err
    assert said(same.out)[:2] == said(marked(PAGE, "output: replay"))
    other = run("set", root)
    assert other.code == 1
    assert set(marked(PAGE, "output: set").splitlines()) <= {line.rstrip() for line in other.out.splitlines()}
