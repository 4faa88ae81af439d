"""The page on releases: its project, and what its commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gates.cli.release import command
from support import releases
from support.projects import write_project

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "release.md"


def marked(mark: str) -> str:
    """The code block that follows a comment, without its margin."""
    block = rf"(?m)^ *<!-- {re.escape(mark)} -->\n( *)```\w+\n((?:.*\n)*?) *```$"
    found = re.search(block, PAGE.read_text("utf-8"))
    assert found is not None, mark
    return re.sub(rf"(?m)^{found[1]}", "", found[2])


@pytest.mark.parametrize("name", ["notes", "bump"])
def test_what_is_printed_is_what_the_page_says(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(tmp_path, {file: marked(f"file: {file}") for file in ("pyproject.toml", "CHANGELOG.md")})
    monkeypatch.chdir(tmp_path)
    words, _, printed = marked(f"output: {name}").partition("\n")
    assert command(words.removeprefix("$ gates release ").split(), standalone_mode=False) == 0
    told = capsys.readouterr().out
    assert [line.rstrip() for line in told.splitlines()] == [line.rstrip() for line in printed.splitlines()]


def test_a_release_with_three_parts_that_are_not_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = releases.repository(tmp_path / "project")
    releases.sdist(root / "dist")
    releases.bill(root / "dist")
    releases.wheel(root / "dist")
    releases.checksums(root / "dist")
    monkeypatch.chdir(root)
    words, _, printed = marked("output: check").partition("\n")
    assert command(words.removeprefix("$ gates release ").split(), standalone_mode=False) == 1
    assert capsys.readouterr().out == printed
