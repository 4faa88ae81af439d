"""The threat model: each test that it names exists, each line of defence names one, and nobody is left out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from support.commands import gates
from support.projects import write_project
from support.repositories import commit_all, git

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "explanation" / "threat-model.md"
OPEN = "Not defended:"


@cache
def suite() -> frozenset[str]:
    """The names of all functions of the suite that pytest would run."""
    trees = (ast.parse(file.read_bytes()) for file in (REPOSITORY / "tests").rglob("test_*.py"))
    found = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in found if name.startswith("test_"))


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text("utf-8")))
    assert len(named) > 50
    assert named - suite() == set()


def test_every_line_of_defence_names_a_test() -> None:
    lines = [
        line for line in re.split(r"\n(?=- |\n)", PAGE.read_text("utf-8")) if re.match(r"\n?- \*\*.*\.\*\* ", line)
    ]
    defended = [line for line in lines if "\n  Shown by " in line]
    assert len(defended) > 40
    assert [line for line in defended if not re.search(r"\n  Shown by (?:`test_\w+`(?:, )?)+\.$", line)] == []
    assert [line.split(".")[0] for line in lines if line not in defended] == [
        "- **gates is no sandbox",
        "- **Code that runs can lie",
    ]


def test_each_section_says_what_is_not_defended() -> None:
    sections = re.split(r"(?m)^## ", PAGE.read_text("utf-8"))[1:]
    heads = [one.partition("\n")[0] for one in sections]
    for word in ("pull request", "dependency", "plugin", "cache", "machines", "base", "tool", "action", "Tokens"):
        assert any(word in head for head in heads), word
    silent = [head for head, text in zip(heads, sections, strict=True) if OPEN not in text]
    assert silent == ["The base, and the settings on it"]


def test_a_change_that_loosens_is_red_where_parts_are_merged(tmp_path: Path) -> None:
    """A job that collects may be told anything: what judges it is looked at by the one that decides."""
    settings = '[tool.ruff.lint]\nselect = ["E", "F"]\n'
    root = write_project(tmp_path / "project", {"pyproject.toml": settings, "a.py": "x = 1\n"})
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    (root / "pyproject.toml").write_text(settings.replace('"E", "F"', '"E"'), "utf-8")
    commit_all(root)
    assert gates("collect", "lint", "--output", "../parts", cwd=root).code == 0
    merged = gates("merge", "../parts", "--output-format", "concise", cwd=root)
    assert merged.code == 1, merged.out + merged.err
    assert re.search(r"pyproject\.toml.*POL\d{3}", merged.out), merged.out
