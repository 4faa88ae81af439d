"""Nearly: what has half of a shape; it is an item where a person would say so, and nothing of it is an error."""

from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed

HEAD = "| ID | Title | Status |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("ID: AB-1\nStatus: done\nTask: keep it\n", {"AB-1": "done"}),
        ("ID: AB-1\n\nStatus: done\nID: AB-2\n", {}),
        ("- ID: <ID>\n  Status: <status>\n- ID: AB-2\n  Status: open\n", {"AB-2": "open"}),
        ("- Title: without a status\n- Title: with one\n  Status: done\n", {"with-one": "done"}),
        ("- AB-1 keep it\n  - Status: done\n  - Log:\n    - 2026-01-05: begun\n", {"AB-1": "done"}),
        ("- keep it\n  Status: in progress\n", {"keep-it": "in-progress"}),
    ],
)
def test_records(text: str, items: dict[str, str]) -> None:
    assert found(text) == items


def test_the_log_of_a_record_without_a_field_for_its_id_has_dates() -> None:
    item = joined(parsed("- AB-1 keep it\n  - Status: done\n  - Log:\n    - 2026-01-05: begun\n")).items[0]
    assert item.dates.items == (("2026-01-05", 4),)
    assert item.title == "keep it"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- ✅ AB-1: it starts\n- ❌ AB-2: it stops\n", {"AB-1": "done", "AB-2": "open"}),
        ("- AB-1: it starts ✅\n- AB-2: it stops 🚧\n", {"AB-1": "done", "AB-2": "in-progress"}),
        ("- :white_check_mark: AB-1: it starts\n- :construction: AB-2: it stops\n",
         {"AB-1": "done", "AB-2": "in-progress"}),
        ("- AB-1: it starts (done)\n- AB-2: it stops (in progress)\n", {"AB-1": "done", "AB-2": "in-progress"}),
    ],
)  # fmt: skip
def test_signs_at_either_end(text: str, items: dict[str, str]) -> None:
    assert found(f"# Plan\n\n{text}") == items


@pytest.mark.parametrize(
    ("rows", "items"),
    [
        ("| AB-1 | one | done |\n| Total | 2 | 50% |\n| | | |\n", {"AB-1": "done"}),
        ("| AB-1 | one | done |\n| AB-2 |\n", {"AB-1": "done", "AB-2": "open"}),
        ('| <a id="x"></a>AB-1 | one | done |\n| [AB-2](x.md) | two | open |\n| (AB-3) | three | open |\n',
         {"AB-1": "done", "AB-2": "open", "AB-3": "open"}),
    ],
)  # fmt: skip
def test_rows(rows: str, items: dict[str, str]) -> None:
    assert found(HEAD + rows) == items


@pytest.mark.parametrize("head", ["", "| ID | Title | Status |\n"])
def test_rows_that_lost_their_header_are_read_and_said(head: str) -> None:
    held = joined(parsed(f"{head}| AB-1 | one | done |\n| AB-2 | two | open |\n"))
    assert {one.id: one.status for one in held.items} == {"AB-1": "done", "AB-2": "open"}
    assert [one.code for one in held.remarks] == ["TRC016"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", {}),
        ("id,title\n", {}),
        ("foo,bar\n1,2\n", {}),
        ("id,title,status\nAB-1,one,done\n,,\n,no id,open\n,,done\n", {"AB-1": "done", "no-id": "open"}),
    ],
)
def test_sheets(text: str, items: dict[str, str]) -> None:
    assert found(text, "doc.csv") == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a: [\n", {}),
        ("---\n---\n- id: AB-1\n  title: keep it\n", {"AB-1": "open"}),
        ("a: &x\n  id: AB-1\n  title: one\n  status: done\nb: *x\nc:\n  - id: AB-2\n    notes: only\n  - text\n",
         {"AB-1": "done"}),
        ("a: &a\n  id: AB-1\n  title: itself\n  inner: *a\n", {"AB-1": "open"}),
    ],
)  # fmt: skip
def test_trees(text: str, items: dict[str, str]) -> None:
    assert found(text, "doc.yaml") == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- [x] AB-1: keep it\n  - Acceptance: nothing is lost\n  and goes on\n- [ ] AB-2: more\n",
         {"AB-1": "done", "AB-2": "open"}),
        ("| Finding id | Topic name | Review state |\n|---|---|---|\n| AB-1 | one | done |\n", {"AB-1": "done"}),
        ("| ID | Title | Status |\n|---|---|---|\n| AB-1 | of ``a | b`` and `c` | done |\n", {"AB-1": "done"}),
        ("    - [x] AB-1: code of an indented block\n\n- [ ] AB-2: an item\n", {"AB-2": "open"}),
    ],
)  # fmt: skip
def test_blocks(text: str, items: dict[str, str]) -> None:
    assert found(f"# Plan\n\n{text}") == items


@pytest.mark.parametrize(
    ("title", "items"),
    [
        ("Phase 4: keep it ✅ - Done", {"Phase 4": "done"}),
        ("Task 5: (done)", {"Task 5": "done"}),
        ("Phase 6: keep it (Completed ✅)", {"Phase 6": "done"}),
        ("Done", {}),
    ],
)
def test_titles(title: str, items: dict[str, str]) -> None:
    assert found(f"# Plan\n\n## {title}\n\ntext\n") == items
