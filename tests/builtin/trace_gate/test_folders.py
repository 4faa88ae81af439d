"""Folders: the index of decisions against their files, and what a record and its index say."""

from __future__ import annotations

import pytest

from gates.builtin.trace.readers import decisions, folders
from support.trace_reading import parsed

RECORDS = {"0001-one.md": "# 1. One\n\nStatus: Accepted\n", "0002-two.md": "# 2. Two\n\nStatus: Accepted\n"}


def said(index: str) -> list[tuple[int, str]]:
    held = [parsed(text, f"docs/adr/{name}") for name, text in {**RECORDS, "README.md": index}.items()]
    return [(one.line, one.message) for one in folders.remarks(held)]


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        ("# I\n\n- [1](0001-one.md)\n- [2](./0002-two.md#top)\n", []),
        ("# I\n\n- [1](0001-one.md)\n- [3](0002-two.md)\n", [(4, "the index calls 0002-two.md number 3")]),
        ("# I\n\n- [1](0001-one.md), [2](0002-two.md), [notes](notes.md), [9](../old/0009-nine.md)\n", []),
        ("# I\n\nDecisions of this project. See [notes](notes.md).\n", []),
        ("# I\n\n- [1](0001-one.md)\n", [(1, "ADR-0002 (0002-two.md) is not in the index: add a line for it")]),
        (
            "# I\n\n- [1](0001-one.md)\n- [2](0002-two.md)\n- [3](0003-no.md)\n",
            [(5, "the index names 0003-no.md, which is not among the decisions that are read")],
        ),
    ],
)
def test_the_index_has_the_records_and_their_numbers(index: str, wanted: list[tuple[int, str]]) -> None:
    assert said(index) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [("words", ""), ("[a](notes.md)", ""), ("[a](notes.md), [b](x/0002-two.md#top)", "ADR-0002")],
)
def test_a_cell_leads_to_the_first_record_in_it(cell: str, wanted: str) -> None:
    assert decisions.linked(cell) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("✅ Accepted", "done"), ("**Proposed**", "open"), ("Superseded by ADR-2", "cancelled"), ("Perhaps", None)],
)
def test_a_status_of_no_decision_means_nothing(text: str, wanted: str | None) -> None:
    assert decisions.meaning(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# 1. One\n\n## Status\n\nAccepted\n\n## Context\n\nStatus: Proposed\n", ("Accepted", 5)),
        ("# 1. One\n\n## Status\n\n## Context\n\nStatus: Proposed\n", ("Proposed", 7)),
        ("# 1. One\n\n## Status\n\n## Context\n\nwords\n", None),
    ],
)
def test_an_empty_section_of_status_leaves_it_to_the_others(text: str, wanted: tuple[str, int] | None) -> None:
    found = decisions.status_of(parsed(text, "docs/adr/0001-one.md"))
    assert (found and (found.text, found.line)) == wanted
