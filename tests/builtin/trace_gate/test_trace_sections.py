"""Sections of the gate: the matrix, an item a row, with each of its tests."""

from __future__ import annotations

from datetime import UTC, datetime

from gates.builtin.trace.sections import sections
from gates.builtin.trace.settings import TraceSettings
from gates.model.section import Mark, Table
from support.trace_evidence import command, evidence, item, ran

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def made(*items: object, **more: object) -> list[Table]:
    held = sections(evidence(*items, **more), TraceSettings(documents=("docs/tasks.md",)), NOW)  # type: ignore[arg-type]
    return [one for one in held if isinstance(one, Table)]


def test_each_item_is_a_row_with_what_its_tests_show() -> None:
    gone = command("pytest tests/test_x.py::test_gone", state="missing", missing=[("tests/test_x.py::test_gone", "")])
    matrix, sources = made(
        item("AB-1", status="done"),
        item("AB-2", line=2, status="done"),
        item("AB-3", line=3, validation=[gone]),
        item("AB-4", line=4, status=None),
        item("AB-5", line=5, status="done"),
        tests=[
            ran("tests/test_ab.py::test_one", "passed", "AB-1"),
            ran("tests/test_ab.py::test_two", "failed", "AB-2"),
        ],
    )
    assert [(row[0], row[5], row[2], row[3]) for row in matrix.rows] == [
        ("AB-1", "docs/tasks.md:1", "done", Mark("passed", "passed")),
        ("AB-2", "docs/tasks.md:2", "done", Mark("failed", "failed")),
        ("AB-3", "docs/tasks.md:3", "open", Mark("test missing", "failed")),
        ("AB-4", "docs/tasks.md:4", "? frobnicated", Mark("no test", "none")),
        ("AB-5", "docs/tasks.md:5", "done", Mark("no test", "failed")),
    ]
    assert [row[4] for row in matrix.rows] == [
        (Mark("passed", "passed", "tests/test_ab.py::test_one"),),
        (Mark("failed", "failed", "tests/test_ab.py::test_two"),),
        (Mark("missing", "failed", "tests/test_x.py::test_gone"),),
        (),
        (),
    ]
    assert matrix.lead == "5 items: 1 failed, 1 test missing, 1 passed, 2 no test."
    assert sources.rows[0][0] == "the gate tests"


def test_without_items_it_says_so() -> None:
    (matrix,) = made()
    assert (matrix.lead, matrix.rows) == ("No document has an item.", ())
