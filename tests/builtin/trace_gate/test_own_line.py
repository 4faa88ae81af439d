"""Tests that an item names in its own line, whatever the shape of its document."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.builtin.trace import making, wording
from gates.builtin.trace.facts import Item
from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.validation import Validation
from gates.builtin.trace.readers import registry
from gates.builtin.trace.references import Files
from support.trace_reading import joined, parsed

THERE = Collected(("tests/test_a.py::TestOne::test__b__", "tests/test_a.py::test_a"), {})


def items(*texts: str, path: str = "doc{}.md") -> list[Item]:
    documents = [parsed(text, path.format(at)) for at, text in enumerate(texts)]
    return list(making.made(joined(*documents).items, Validation(THERE), Files(Path(), ())))


def said(text: str, path: str = "doc.md") -> list[tuple[str, int, str | None]]:
    (item,) = items(text, path=path)
    return [(one.command, one.line, one.state) for one in item.validation.items]


@pytest.mark.requirement("TRA-3")
@pytest.mark.parametrize(
    "text",
    [
        "# T\n- [x] Parser (tests/test_a.py::test_a)\n",
        "# T\n- [x] Parser: `tests/test_a.py::test_a`\n",
        "# T\n- [x] A-1: Parser, see [it](tests/test_a.py::test_a)\n",
        "# T\n- [FR-1] The parser MUST refuse it (tests/test_a.py::test_a).\n",
        "# T\n## Phase 1: Parser (tests/test_a.py::test_a) - Complete\n",
        "### DONE — Parser\n- Read it once, tests/test_a.py::test_a.\n",
        "\n- ID: A-1\n  Status: DONE\n  Task: Keep tests/test_a.py::test_a\n",
        "\n| ID | Title | Status |\n|--|--|--|\n| A-1 | tests/test_a.py::test_a | done |\n",
    ],
)
def test_a_test_in_the_line_is_a_validation_in_every_shape(text: str) -> None:
    held = said(text)
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "A-1" in one or "test_a" in one)
    assert held == [("tests/test_a.py::test_a", line, "resolved")]


def test_a_test_that_is_not_there_is_missing_and_names_with_underlines_are_kept() -> None:
    assert said("- [x] Parser (tests/test_a.py::TestOne::test_gone)\n") == [
        ("tests/test_a.py::TestOne::test_gone", 1, "missing")
    ]
    assert said("- [x] Parser tests/test_a.py::TestOne::test__b__: it reads\n") == [
        ("tests/test_a.py::TestOne::test__b__", 1, "resolved")
    ]


@pytest.mark.parametrize("command", ["`pytest -q tests/test_a.py::test_a`", "tests/test_a.py::test_a"])
def test_what_the_validation_names_is_there_once(command: str) -> None:
    text = f"- [x] A-1: Parser (tests/test_a.py::test_a)\n  - Validation: {command}\n"
    assert [(one, line) for one, line, _ in said(text)] == [(command.strip("`"), 2)]
    more = text.replace("test_a)", "test_another)")
    assert [(one, line) for one, line, _ in said(more)] == [
        (command.strip("`"), 2),
        ("tests/test_a.py::test_another", 1),
    ]


def test_of_another_document_the_line_is_that_of_the_definition() -> None:
    (item,) = items("\n\n- **REQ-1**: The door MUST open.\n", "- [x] REQ-1: open (tests/test_a.py::test_a)\n")
    assert [(one.line, one.state) for one in item.validation.items] == [(3, "resolved")]


@pytest.mark.parametrize(
    "text",
    [
        "- [x] Removed tests/test_a.py::test_gone\n",
        "- [x] A-1: Delete tests/test_a.py::test_gone\n",
        "- [x] A-1: drop tests/test_a.py::test_gone\n",
        "- [x] Parser, from https://example.com/tests/test_a.py::test_gone\n",
        f"- [x] Parser {'-' * 100_000}/a.py::test_gone\n",
    ],
)
def test_what_is_no_evidence_is_no_validation(text: str) -> None:
    assert said(text) == []


def test_a_derived_id_has_no_path_of_a_test() -> None:
    text = "# Tasks\n- [x] Parser (tests/test_a.py::test_a)\n- [x] tests/test_a.py::test_a\n- [x] Other\n"
    assert [one.id for one in items(text)] == ["tasks/parser", "tasks/test-a", "tasks/other"]


def test_naming_a_test_is_no_other_wording() -> None:
    before, after = (
        wording.of([registry.read(parsed(text), registry.builtin())])["A-1"]
        for text in ("- [ ] A-1: Parser\n", "- [x] A-1: Parser (tests/test_a.py::test_a)\n")
    )
    assert not before.differs(after)
