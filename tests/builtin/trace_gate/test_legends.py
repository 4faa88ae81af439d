"""Legends and patterns: what a document says of its own words, and ids that are places to fill in."""

from __future__ import annotations

import pytest

from gates.builtin.trace.readers import context
from support.trace_reading import found, parsed

ROWS = "\n\n| ID | Task | Status |\n|--|--|--|\n| A-1 | one | Gamma |\n| A-2 | two | Delta |\n"


def meanings(text: str) -> dict[str, str | None]:
    return dict(context.legend(parsed(text)).meanings)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("TXXX: title", True), ("REQ-XXX", True), ("AB_nnn: title", True), ("12-XX", False), ("see -XX", False),
     ("2026-XX and REQ-XX", True), ("FIXX it", False)],
)  # fmt: skip
def test_a_place_for_a_number_needs_letters_before_it(text: str, wanted: bool) -> None:
    assert context.is_pattern(text) is wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Legend: Gamma = done, Delta = in progress", {"gamma": "done", "delta": "in-progress"}),
        ("Legend: Gamma = done, Delta = who knows", {"gamma": "done"}),
        ("Legend: Gamma = done\nit is said of a word = done", {"gamma": "done"}),
        ("Legend: [x] = who knows, Gamma = done", {"gamma": "done"}),
        ("Legend: Live = in progress, Done = verified", {"live": "in-progress", "done": "done"}),
        ("Legend: Partial = work in progress", {"partial": "partial"}),
        ("Legend: [x] = done, [!] = blocked", {"[x]": "done", "x": "done", "[!]": "blocked", "!": "blocked"}),
        ("Legend: ✅ , ❌ open", {"❌": "open"}),
        ("Legend: 🚧 = blocked", {"🚧": "blocked"}),
    ],
)
def test_only_what_is_explained_is_learned(line: str, wanted: dict[str, str]) -> None:
    assert meanings(line + ROWS) == wanted


def test_a_word_that_the_legend_does_not_explain_is_not_known() -> None:
    assert found("Legend: Gamma = done, Delta = who knows" + ROWS) == {"A-1": "done", "A-2": None}


def test_a_row_of_a_legend_without_a_meaning_is_left_out() -> None:
    assert meanings("| Symbol | Meaning |\n|--|--|\n| ✅ |\n| 🚧 | blocked |\n| ❌ |\n") == {"🚧": "blocked"}


def test_boxes_that_explain_are_no_items() -> None:
    legend = "# Plan\n\nLegend:\n\n- [x] done\n- [ ] open\n- [!] blocked\n"
    assert found(f"{legend}\n## Work\n\n- [!] A-2: wait\n- [x] A-3: go\n") == {"A-2": "blocked", "A-3": "done"}
