"""Cards: headings in the columns of a board, called by their number where it is theirs alone."""

from __future__ import annotations

import pytest

from support.trace_reading import joined, parsed

BOARD = "# Board\n\n## Backlog\n\n### {0}: Log in\n\nwords\n\n### {1}: Log out\n\nwords\n\n## Done\n\n### {2}: Start\n\nwords\n"  # noqa: E501


def cards(*names: str) -> list[tuple[str, str, str | None, int]]:
    items = joined(parsed(BOARD.format(*names))).items
    return [(item.id, item.title, item.status, item.place.line) for item in items]


@pytest.mark.parametrize("kind", ["Task", "Story", "WP", "Phase"])
def test_a_card_is_called_by_its_number(kind: str) -> None:
    assert cards(f"{kind} 1", f"{kind} 2", f"{kind} 3") == [
        (f"{kind} 1", "Log in", "open", 5),
        (f"{kind} 2", "Log out", "open", 9),
        (f"{kind} 3", "Start", "done", 15),
    ]


def test_cards_of_one_number_are_called_by_their_titles() -> None:
    assert cards("Phase 1", "Phase 1", "Phase 2") == [
        ("backlog/phase-1-log-in", "Phase 1: Log in", "open", 5),
        ("backlog/phase-1-log-out", "Phase 1: Log out", "open", 9),
        ("Phase 2", "Start", "done", 15),
    ]


def test_boxes_in_a_card_are_what_it_asks_for() -> None:
    text = "# Board\n\n## Backlog\n\n### Task 1: Log in\n\n- owner: me\n- [ ] the page opens\n\n### Task 2: Log out\n"
    item = joined(parsed(text)).items[0]
    assert (item.id, list(item.acceptance.items)) == ("Task 1", ["the page opens"])
