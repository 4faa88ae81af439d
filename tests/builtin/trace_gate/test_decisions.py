from __future__ import annotations

import pytest

from gates.builtin.trace.readers import contents, decisions
from support.trace_reading import joined, parsed, read

FILES = [
    "README.md",
    "0001-write-decisions-down.md",
    "0002-one-door.md",
    "0004-two-doors.md",
    "0005-again.md",
    "0005-no-status.md",
]


def test_each_file_is_a_decision_with_the_status_it_spells() -> None:
    held = {item.id: item for item in read(*[f"adr/{name}" for name in FILES if name != "README.md"]).items}
    assert {identity: item.status for identity, item in held.items()} == {
        "ADR-0001": "done",
        "ADR-0002": "cancelled",
        "ADR-0004": "open",
        "ADR-0005": "cancelled",
    }
    assert {item.category for item in held.values()} == {"decision"}
    assert held["ADR-0001"].title == "Write decisions down"
    assert held["ADR-0001"].dates.items == (("2024-01-02", 3),)


@pytest.mark.requirement("TRA-8")
def test_the_folder_is_checked() -> None:
    said = [
        (one.path.rpartition("/")[2], one.line, one.message)
        for one in read(*[f"adr/{name}" for name in FILES]).remarks
        if one.code == "TRC012"
    ]
    for path, line, part in (
        ("README.md", 7, "0007-nobody-wrote-this.md"),
        ("README.md", 1, "ADR-0004 (0004-two-doors.md) is not in the index"),
        ("0002-one-door.md", 2, "does not say that it supersedes"),
        ("0004-two-doors.md", 1, "the title has the number 3"),
        ("0004-two-doors.md", 1, "ADR-0003 is missing"),
        ("0005-no-status.md", 1, "is the number of"),
        ("0005-no-status.md", 1, "has no status"),
    ):
        assert any((path, line) == one[:2] and part in one[2] for one in said), (path, line, part)


@pytest.mark.requirement("TRA-8")
def test_an_index_and_its_file_must_agree() -> None:
    file = parsed("# 1. One door\n\n## Status\n\nRejected\n", "docs/adr/0001-one-door.md")
    index = parsed(
        "| ADR | Title | Status |\n|--|--|--|\n| [ADR-0001](0001-one-door.md) | One door | Accepted |\n",
        "docs/adr/README.md",
    )
    held = joined(index, file)
    assert [(item.id, item.status) for item in held.items] == [("ADR-0001", "cancelled")]
    assert [one.code for one in held.remarks] == ["TRC010"]


@pytest.mark.parametrize(
    "text",
    [
        "# 3. X\n\n## Status\n\nAccepted\n",
        "# 3. X\n\nStatus: Accepted\n",
        "# 3. X\n\n* Status: accepted\n",
        "# 3. X\n\n**Status:** Accepted (2024-01-01)\n",
        "---\nstatus: accepted\n---\n# X\n",
        "# 3. X\n\n| Status | Accepted |\n|--|--|\n",
    ],
)
def test_the_status_has_several_spellings(text: str) -> None:
    (item,) = joined(parsed(text, "docs/decisions/0003-x.md")).items
    assert (item.id, item.status) == ("ADR-0003", "done")


def test_both_sides_of_a_supersession_are_right() -> None:
    old = parsed("# 1. A\n\n## Status\n\nAccepted\n\nSuperseded by [2. B](0002-b.md)\n", "adr/0001-a.md")
    new = parsed("# 2. B\n\n## Status\n\nAccepted\n\nSupersedes [1. A](0001-a.md)\n", "adr/0002-b.md")
    held = joined(old, new)
    assert not held.remarks
    assert [(item.id, item.status) for item in held.items] == [("ADR-0001", "cancelled"), ("ADR-0002", "done")]


@pytest.mark.requirement("TRA-2")
def test_a_template_is_no_decision() -> None:
    assert decisions.number_of(parsed("# X", "adr/0000-template.md")) is None
    assert decisions.number_of(parsed("# X", "adr/readme.md")) is None


def test_a_numbered_file_elsewhere_needs_a_ruling() -> None:
    assert not joined(parsed("# Chapter 1\n\nStatus: written\n", "book/01-start.md")).items


@pytest.mark.requirement("TRA-8")
def test_a_stale_table_of_contents_is_said() -> None:
    said = [(one.line, one.subject) for one in read("toc.md").remarks if one.code == "TRC013"]
    assert said == [(6, "gone"), (13, "not-listed")]


def test_a_document_without_a_table_of_contents_needs_none() -> None:
    assert not list(contents.remarks(parsed("# A\n\n- [a](#nowhere)\n\n## B\n")))


def test_a_table_of_contents_may_be_marked_by_a_comment() -> None:
    text = "# A\n\n<!-- toc -->\n\n- [B](#b)\n- [C](#c)\n\n<!-- tocstop -->\n\n## B\n\n## D\n"
    assert [one.subject for one in contents.remarks(parsed(text))] == ["c", "d"]


def test_equal_headings_have_anchors_of_their_own() -> None:
    assert list(contents.anchors(parsed("# `A` b!\n## A b\n## [A](x) _c_"))) == ["a-b", "a-b-1", "a-c"]


def test_the_dates_of_a_log_are_facts() -> None:
    held = contents.dates(
        parsed("## 2025-01-02 News\n\n- 2025-01-03: one\n  - **2025-01-04** two\n- on 2025-01-05 three\n")
    )
    assert [(one.text, one.line) for one in held] == [("2025-01-02", 1), ("2025-01-03", 3), ("2025-01-04", 4)]
