"""Wording: what makes an item ask for something else, and what does not."""

from __future__ import annotations

import pytest

from gates.builtin.trace import wording
from gates.builtin.trace.documents import document
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import registry

BOX = "# Tasks\n\n- [ ] AB-1: the order is stable\n  - Acceptance: equal keys keep their order\n- [ ] AB-2: two\n"
ROW = "| ID | Title | Description | Status | Note |\n|--|--|--|--|--|\n| AB-1 | order | it is stable | Open | later |\n"
HEAD = "# Spec\n\n## AB-1: order - Open\n\nThe order MUST be stable.\n\n## AB-2: two - Open\n\nIt MUST be two.\n"
RECORD = "- ID: AB-1\n  Status: TODO\n  Task: order\n  Description: it is stable\n  Log:\n    - 2026-01-05: begun\n"
CSV = "id,title,description,status\nAB-1,order,it is stable,open\n"


def parsed(text: str, path: str) -> Document:
    return document.parse(path, text.encode())


def differs(before: str, after: str, path: str = "doc.md", *more: Document) -> bool:
    """Whether AB-1 asks for something else in the second text."""
    one, other = (
        wording.of([registry.read(held, registry.builtin()) for held in (parsed(text, path), *more)])
        for text in (before, after)
    )
    return other["AB-1"].differs(one["AB-1"])


@pytest.mark.requirement("TRA-6")
@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        (BOX, "[ ] AB-1", "[x] AB-1"),
        (BOX, "is stable", "is stable (done 2026-01-05)"),
        (BOX, "is stable", "is stable — DONE"),
        (BOX, "is stable", "is stable ✅"),
        (BOX, "the order is stable", "~~the order is stable~~"),
        (BOX, "the order is stable", "the **order** is\n  stable"),
        (BOX, "the order is", "the  order is"),
        (BOX, "# Tasks", "# Tasks\n\nSome words.\n"),
        (BOX, "AB-2: two", "AB-2: three"),
        (BOX, "- [ ] AB-2: two", ""),
        (BOX, "  - Acceptance", "  - Files: a.py\n  - Depends on: AB-2\n  - Validation: `pytest a.py`\n  - Acceptance"),
        (ROW, "Open", "Done"),
        (ROW, "later", "now, see the log"),
        (HEAD, "order - Open", "order - Done"),
        (HEAD, "MUST be stable", "MUST\nbe stable"),
        (RECORD, "TODO", "DONE"),
        (RECORD, "begun", "begun\n    - 2026-01-06: ended"),
        (CSV, "open", "done"),
    ],
)
def test_how_far_an_item_is_changes_nothing_of_what_it_asks_for(before: str, old: str, new: str) -> None:
    assert old in before
    path = "doc.csv" if before is CSV else "doc.md"
    assert not differs(before, before.replace(old, new), path)
    assert not differs(before, before.replace("\n", "\r\n"), path)


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        (BOX, "order is stable", "order is stable and total"),
        (BOX, "keep their order", "keep no order"),
        (BOX, "  - Acceptance", "  - Acceptance: within a second\n  - Acceptance"),
        (BOX, "  - Acceptance: equal keys keep their order\n", ""),
        (BOX, "is stable", "is stable (of files)"),
        (ROW, "it is stable", "it is total"),
        (ROW, "| order", "| names"),
        (HEAD, "The order MUST be stable", "The order MUST be total"),
        (RECORD, "it is stable", "it is total"),
        (CSV, "it is stable", "it is total"),
    ],
)
def test_another_text_asks_for_something_else(before: str, old: str, new: str) -> None:
    assert old in before
    assert differs(before, before.replace(old, new), "doc.csv" if before is CSV else "doc.md")


def test_a_mention_more_is_no_change_and_a_row_beside_a_task_is_looked_at_too() -> None:
    row = "# Gaps\n\n| ID | Gap | Status |\n|--|--|--|\n| AB-1 | the {} is lost | Open |\n"
    tasks = parsed(BOX, "tasks.md")
    assert not differs("", row.format("order"), "gaps.md", tasks)
    assert not differs(row.format("order"), "", "gaps.md", tasks)
    assert differs(row.format("order"), row.format("names"), "gaps.md", tasks)


def test_a_move_to_another_document_is_no_change() -> None:
    def of(path: str, text: str) -> wording.Wording:
        return wording.of([registry.read(parsed(text, path), registry.builtin())])["AB-1"]

    assert not of("a.md", BOX).differs(of("b.md", BOX))
    assert of("a.md", BOX).differs(of("b.md", BOX.replace("order is", "names are")))
