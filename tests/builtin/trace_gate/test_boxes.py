"""Boxes: words that are no ids, parents without one, commands in fences, and signs in the middle of a line."""

from __future__ import annotations

from support.trace_reading import found, joined, parsed


def test_small_words_that_stand_before_several_boxes_are_no_id() -> None:
    text = "# S\n\n- [ ] follow-up: call\n- [ ] follow-up: write\n- [x] word-list: read it\n"
    items = [(item.id, item.title) for item in joined(parsed(text)).items]
    assert items == [
        ("s/follow-up-call", "follow-up: call"),
        ("s/follow-up-write", "follow-up: write"),
        ("word-list", "read it"),
    ]


def test_a_fence_below_a_validation_holds_commands() -> None:
    fence = "\n  ```\n  pytest tests/b.py\n  ```\n"
    text = f"- [x] A-2: b\n  Validation: run\n{fence}- [x] A-3: c\n{fence}"
    first, second = joined(parsed(text)).items
    assert [(one.command, one.line) for one in first.validation.items] == [("run", 2), ("`pytest tests/b.py`", 5)]
    assert second.validation.count == 0


def test_only_a_box_with_an_id_is_a_parent() -> None:
    items = joined(parsed("- [ ] all of it\n  - [x] A-2: b\n- [ ] A-3: more\n  - [x] A-4: b\n")).items
    links = {item.id: [(one.kind, one.target, one.line) for one in item.links.items] for item in items}
    assert links["A-2"] == []
    assert links["A-4"] == [("parent", "A-3", 4)]


def test_a_sign_says_something_of_a_box_only_at_its_begin_or_end() -> None:
    text = "- [ ] A-1: the 🚧 sign is shown\n- [ ] A-2: write it 🚧\n- [ ] 🚧 read it\n"
    assert list(found(text).values()) == ["open", "in-progress", "in-progress"]


def test_boxes_below_a_bullet_that_says_what_they_are_of_are_items() -> None:
    boxes = "- Component: parser\n  - [ ] do it\n  - [x] did it\n"
    assert found(f"# Plan\n\n{boxes}- [ ] AB-2: other\n  - Acceptance:\n    - [x] it works\n") == {
        "component-parser/do-it": "open",
        "component-parser/did-it": "done",
        "AB-2": "open",
    }
