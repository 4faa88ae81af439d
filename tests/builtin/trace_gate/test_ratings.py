"""Ratings: how much an item matters, told from words in brackets that say something else."""

from __future__ import annotations

import pytest

from support.trace_reading import joined, parsed


def read(text: str) -> list[tuple[str, str, str]]:
    """Id, severity and title of each item."""
    return [(one.id, one.severity, one.title) for one in joined(parsed(text)).items]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AB-1 (High): stable order", "High"),
        ("AB-1: stable order (High)", "High"),
        ("AB-1 [P1]: stable order", "P1"),
        ("AB-1: [P1] stable order", "P1"),
        ("[P1] AB-1: stable order", "P1"),
        ("(critical) AB-1: stable order", "critical"),
        ("AB-1: [HIGH] stable order", "HIGH"),
        ("AB-1: stable order [critical]", "critical"),
        ("AB-1: stable order (priority: high)", "high"),
        ("AB-1: stable order (Medium priority)", "Medium"),
        ("AB-1: stable order (sev-2).", "sev-2"),
        ("**AB-1** (MUST): stable order", "MUST"),
    ],
)
def test_a_line_says_how_much_it_matters(line: str, said: str) -> None:
    assert read(f"- [ ] {line}\n") == [("AB-1", said, "stable order")]


@pytest.mark.parametrize(
    "title",
    [
        "order (high load)",
        "order of [Low](low.md)",
        "order (of three)",
        "order (P9)",
        "low order",
    ],
)
def test_other_words_in_brackets_say_nothing_of_it(title: str) -> None:
    assert [severity for _, severity, _ in read(f"- [ ] AB-1: {title}\n")] == [""]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# S\n\n## REQ-1: order (High)\n\nStatus: open\n", ("REQ-1", "High", "order")),
        ("# S\n\n## REQ-1 [critical]: order\n\nStatus: open\n", ("REQ-1", "critical", "order")),
        ("# S\n\n## [P1] REQ-1: order\n\nStatus: open\n", ("REQ-1", "P1", "order")),
        ("- [FR-1] (High) It MUST sort\n", ("FR-1", "High", "It MUST sort")),
        ("| ID | Task | Status |\n|--|--|--|\n| A-1 | sort (High) | Open |\n", ("A-1", "High", "sort")),
        ("| ID | Task | Status | Priority |\n|--|--|--|--|\n| A-1 | a (High) | Open | Low |\n", ("A-1", "Low", "a")),
        ("# P\n\n### TODO\n\n- Sort it (High)\n", ("todo/sort-it", "High", "Sort it")),
        ("- [ ] (High)\n", ("high", "High", "(High)")),
    ],
)
def test_every_shape_has_it(text: str, wanted: tuple[str, str, str]) -> None:
    assert read(text) == [wanted]
