"""Shapes that documents of many projects have, each in words of our own: what is an item of them, and what is none."""

from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Summary,Custom field (Requirement ID),Description\nGate opens,cAB100.1,It shall open.\nGate,cAB100,It is.\n",
            {"cAB100.1": "open", "cAB100": "open"},
        ),
        (
            "requirement,owner\nKEY-LOCK-001,core\nKEY-LOCK-002,core\nKEY-LOCK-003,core\nboth of them,core\n",
            {"KEY-LOCK-001": "open", "KEY-LOCK-002": "open", "KEY-LOCK-003": "open", "both of them": "open"},
        ),
    ],
)
def test_rows_of_a_sheet_have_the_ids_that_they_hold(text: str, wanted: dict[str, str]) -> None:
    assert found(text, "doc.csv") == wanted


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Pass with warnings", "partial"),
        ("Passed with minor remarks", "partial"),
        ("Fully compliant", "done"),
        ("Not compliant", "open"),
        ("Non-compliant", "open"),
        ("Partially compliant", "partial"),
    ],
)
def test_words_of_reviews_and_compliance(said: str, status: str) -> None:
    assert found(f"| ID | Check | Status |\n|--|--|--|\n| AB-1 | lock | {said} |\n") == {"AB-1": status}
