"""The page about bills of materials: its files give its output."""

from __future__ import annotations

from pathlib import Path

from gates.testing.project import write
from support.commands import gates

PAGE = (Path(__file__).parents[2] / "docs/how-to/sbom.md").read_text("utf-8")


def block(mark: str) -> str:
    """The code block that follows a mark."""
    return PAGE.partition(f"<!-- {mark} -->")[2].partition("```")[2].partition("\n")[2].partition("```")[0]


def test_the_project_of_the_page_is_red(tmp_path: Path) -> None:
    names = ("pyproject.toml", "pylock.toml")
    root = write(tmp_path / "greet", {name: block(f"file: {name}") for name in names})
    done = gates("sbom", cwd=root, env={"SOURCE_DATE_EPOCH": "1700000000"})
    assert done.code == 1, done.err
    assert done.out == block("output: failed").partition("\n")[2]
