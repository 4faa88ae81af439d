"""The page on tracing: each example gives the items that it says, and its project what is printed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from gates.builtin.trace import items
from gates.builtin.trace.documents import document
from gates.builtin.trace.readers import registry
from gates.builtin.trace.rules import RULES
from support.projects import write_project
from support.traced import trace

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "trace.md"
TEXT = PAGE.read_text("utf-8")
SHAPES = re.findall(r"<!-- shape: (\S+) -->", TEXT)


def marked(mark: str) -> str:
    """The code block that follows a comment."""
    found = re.search(rf"(?s)<!-- {re.escape(mark)} -->\n```\w+\n(.*?)```", TEXT)
    assert found is not None, mark
    return found[1]


def project(root: Path, **more: str) -> Path:
    names = ("docs/tasks.md", "tests/test_words.py")
    return write_project(root, {**{name: marked(f"file: {name}") for name in names}, **more})


@pytest.mark.requirement("TRA-1")
@pytest.mark.parametrize("name", SHAPES)
def test_each_example_gives_the_items_that_the_page_says(tmp_path: Path, name: str) -> None:
    write_project(tmp_path, {name: marked(f"shape: {name}")})
    joined = items.join([registry.read(document.read(tmp_path, name), registry.builtin())])
    said = [f"{one.id} {one.status}: {one.title}" for one in joined.items]
    assert said == marked(f"items: {name}").splitlines()
    assert joined.remarks == ()


def test_there_is_an_example_of_every_reader() -> None:
    assert len(SHAPES) == len(set(SHAPES)) == TEXT.count("<!-- items: ") >= 10


def test_the_first_run_prints_what_the_page_says(tmp_path: Path) -> None:
    root = project(tmp_path / "words")
    command, _, printed = marked("output: matrix").partition("\n")
    assert trace(root, *command.removeprefix("$ gates trace ").split()).out == printed


def test_the_configuration_of_the_page_finds_the_same(tmp_path: Path) -> None:
    root = project(tmp_path / "words", **{"pyproject.toml": marked("file: pyproject.toml")})
    found = trace(root, "--output-format", "json")
    assert (found.code, found.report["denominator"]["count"]) == (1, 3)


def test_each_command_has_the_verdict_that_the_page_says(tmp_path: Path) -> None:
    root = project(tmp_path / "words", **{"docs/tasks.md": marked("commands")})
    found = trace(root, "docs/tasks.md", "--output-format", "json").report["items"]
    said = [f"{one['id']} {row['state']}: {row['command']}" for one in found for row in one["validation"]]
    assert said == marked("states").splitlines()


def test_every_rule_is_on_the_page() -> None:
    assert re.findall(r"(?m)^\| `(TRC\d+)` \|", TEXT) == [rule.code for rule in RULES]


def test_the_reader_of_the_page_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    settings = '[project]\nname = "words"\nversion = "1"\n[tool.gates]\nplugins = ["dotted"]\n'
    table = '[tool.gates.trace]\ndocuments = ["tasks.dot"]\n'
    files = {"pyproject.toml": settings + table, "dotted.py": marked("file: dotted.py")}
    root = project(tmp_path / "words", **files, **{"tasks.dot": "WD-1 .. done the longest word\n"})
    try:
        (item,) = trace(root, "--output-format", "json").report["items"]
    finally:
        sys.modules.pop("dotted", None)
    assert (item["id"], item["status"], item["title"], item["reader"], item["standing"]) == (
        "WD-1",
        "done",
        "the longest word",
        "dotted",
        "passed",
    )
