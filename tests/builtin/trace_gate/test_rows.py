"""Rows: which rows of a table are items, what they are called, and what several columns say of them."""

from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed

HEADER = "| ID | Task | Status |\n|--|--|--|\n| REQ-1 | real | Done |\n"


@pytest.mark.parametrize(
    "row",
    ["| REQ-XXX | how a row is written | Done |", "| V2_XXX | how a row is written | Done |",
     "| A1-A3 | as above | Done |", "| A-1, A-2 | both of them | Done |", "| A-1..A-3 | all of them | Done |",
     "| A-1 to A-3 | all of them | Done |", "| `A-1` and `A-2` | both | Done |", "| | **Second part** | |",
     "| | Total | 1 |"],
)  # fmt: skip
def test_a_row_that_is_no_item(row: str) -> None:
    assert found(f"{HEADER}{row}\n") == {"REQ-1": "done"}


@pytest.mark.parametrize("name", ["FR-001-AC1", "REQ-1-A", "TC-01-A", "US1-T2", "WP1-T3", "E1-S3", "S3-BUCKET-1"])
def test_an_id_of_several_parts_is_no_range(name: str) -> None:
    assert found(f"{HEADER}| {name} | of several parts | Open |\n") == {"REQ-1": "done", name: "open"}


def test_a_heading_among_the_rows_takes_nothing_from_those_below_it() -> None:
    text = f"{HEADER}| | Second part | |\n| REQ-2 | more | Open |\n"
    assert found(text) == {"REQ-1": "done", "REQ-2": "open"}


def test_an_id_in_the_title_is_taken_where_no_column_has_them() -> None:
    text = "| Task | Status |\n|--|--|\n| AB-1: write it | Done |\n| read it | Open |\n| AB-2 is needed | Open |\n"
    items = [(item.id, item.title, item.status) for item in joined(parsed(text)).items]
    assert items[0] == ("AB-1", "write it", "done")
    assert [title for _, title, _ in items[1:]] == ["read it", "AB-2 is needed"]
    assert "AB-2" not in {name for name, _, _ in items}


def test_a_row_that_ends_before_its_id_is_an_item_and_said() -> None:
    text = "| Task | Status | ID |\n|--|--|--|\n| write | Done | A-1 |\n| read | Open |\n| send | Done | A-2 |\n"
    result = joined(parsed(text))
    assert [(item.id, item.title, item.status) for item in result.items] == [
        ("A-1", "write", "done"),
        ("read", "read", "open"),
        ("A-2", "send", "done"),
    ]
    assert [(one.code, one.line) for one in result.remarks] == [("TRC016", 4)]


def test_columns_of_which_none_is_known_are_no_status() -> None:
    rows = ["Done | Open", "Done | Done", "Gamma | Done", "Gamma | Delta", "Done | -", "Done | Done", "Done | Done"]
    lines = [f"| A-{at} | task | {cells} |" for at, cells in enumerate(rows)]
    result = joined(parsed("\n".join(["| ID | Task | Code | Tests |", "|--|--|--|--|", *lines])))
    assert [item.status for item in result.items] == ["partial", "done", "done", None, "done", "done", "done"]
    assert [(one.code, one.line, "'Gamma / Delta'" in one.message) for one in result.remarks] == [("TRC009", 6, True)]
