"""The CSV that `gates trace` writes, read as a document."""

from __future__ import annotations

import pytest

from gates.builtin.trace import sheet
from gates.render.trace import csv
from support import trace_evidence as made
from support import trace_reports
from support.trace_reading import joined, parsed


@pytest.mark.requirement("TRA-14")
def test_what_is_written_is_read_with_the_same_ids_and_names_no_file() -> None:
    ids = ("-x-1", "+X-2", "@x-3", "=X-4", "A-5")
    written = csv.render(trace_reports.value(made.evidence(*(made.item(one) for one in ids), tests=[])))
    assert written.startswith(sheet.HEAD)
    assert "'-x-1," in written
    held = joined(parsed(written, "matrix.csv")).items
    assert [one.id for one in held] == list(ids)
    assert all(not one.files.count for one in held)


def test_what_is_written_of_commands_and_files_is_read_back() -> None:
    item = made.item(
        "AB-1",
        validation=[made.command("pytest tests/test_a.py::test_one", tests=["tests/test_a.py::test_one"])],
        files=[made.file("src/ab.py", exists=True)],
    )
    written = csv.render(trace_reports.value(made.evidence(item, tests=[made.ran()])))
    (read,) = joined(parsed(written, "matrix.csv")).items
    assert read.validation.items[0].command == "pytest tests/test_a.py::test_one"
    assert all(one.command not in {"passed", "MISSING"} for one in read.validation.items)
    assert [one.token for one in read.files.items] == ["src/ab.py"]


def test_other_sheets_keep_their_column_path() -> None:
    (item,) = joined(parsed("id,title,status,path\nA-1,one,done,src/a.py\n", "list.csv")).items
    assert [one.token for one in item.files.items] == ["src/a.py"]
    (shielded,) = joined(parsed("id,title,status\n'-x-1,one,done\n", "list.csv")).items
    assert shielded.id == "-x-1"
