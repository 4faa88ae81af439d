"""Sections: bullets below a heading that is a status; fields and places to fill in are no items."""

from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed


@pytest.mark.parametrize(
    "bullet",
    ["- Status: done", "- title: none", "- <what to do>", "- ", "- both\n  - [ ] a\n  - [x] b"],
)  # fmt: skip
def test_a_bullet_that_is_no_item_of_the_section(bullet: str) -> None:
    items = found(f"# P\n\n## TODO\n\n{bullet}\n- write the words\n\n## DONE\n\nsome words\n")
    assert "todo/write-the-words" in items
    assert not {one for one in items if one.startswith("todo/")} - {
        "todo/write-the-words",
        "todo/both/a",
        "todo/both/b",
    }


def test_bullets_have_the_status_above_them_in_their_order() -> None:
    text = "# P\n\n## TODO\n\n- [ ] read it\n- write the words\n\nsome words\n\n- send them\n\n## DONE\n\n- begin\n"
    items = [(item.title, item.status, item.place.line) for item in joined(parsed(text)).items]
    assert items == [
        ("read it", "open", 5),
        ("write the words", "open", 6),
        ("send them", "open", 10),
        ("begin", "done", 14),
    ]


def test_what_stands_below_a_card_is_part_of_it() -> None:
    text = "# B\n\n## Backlog\n\n### Task 1: Log in\n\n#### Notes\n\n- of it\n\n### Task 2: Log out\n\n## Done\n"
    assert list(found(text)) == ["Task 1", "Task 2"]
