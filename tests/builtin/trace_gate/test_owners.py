"""Owners: headings that are items, and those that show how one is written."""

from __future__ import annotations

from gates.builtin.trace.readers import outline
from support.trace_reading import found, joined, parsed


def test_a_heading_to_fill_in_is_no_item() -> None:
    text = "# S\n\n### AB-XXX: Title\n\n- Status: done\n\n### AB-1: Log in\n\n- Status: open\n\n### AB-2: Log out\n\n- Status: done\n"  # noqa: E501
    assert found(text) == {"AB-1": "open", "AB-2": "done"}


def test_a_requirement_is_one_where_it_says_when_it_is_met() -> None:
    text = "# S\n\n## Requirement 1: Log in\n\nAcceptance: the page opens\n\n## Requirement 2: Log out\n\nwords\n"
    items = joined(parsed(text)).items
    assert [(item.id, item.title, list(item.acceptance.items)) for item in items] == [
        ("Requirement 1", "Log in", ["the page opens"])
    ]


def test_what_stands_below_a_heading_is_finer_than_it_at_any_depth() -> None:
    top = parsed("# A\n\n## B\n\n### C\n\n## D\n").blocks.sections[1]
    assert outline.has_finer(top, {5}, [])
    assert outline.has_finer(top, frozenset(), [6])
    assert not outline.has_finer(top, {1, 8}, [])
    assert not outline.has_finer(top.children[1], {3, 5}, [2, 8])


def test_a_page_with_an_item_in_front_may_hold_words_and_tables() -> None:
    text = "---\nid: A-1\ntitle: it opens\nstatus: done\n---\n\nwords\n\n- [ ] quickly\n\n| a |\n|--|\n| b |\n"
    (item,) = joined(parsed(text)).items
    assert (item.id, item.status, list(item.acceptance.items)) == ("A-1", "done", ["quickly"])
