"""Sections of the gate: folders and files, worst first, and what the change touched."""

from __future__ import annotations

from gates.builtin.coverage.sections import sections
from gates.model.section import Mark, Table
from support.coverage_facts import changed, evidence, file


def made(*files: object, **more: object) -> dict[str, Table]:
    return {one.title: one for one in sections(evidence(*files, **more)) if isinstance(one, Table)}  # type: ignore[arg-type]


def test_folders_come_worst_first_with_what_ran_of_each() -> None:
    held = made(file("src/a.py"), file("src/deep/b.py", ran=range(1, 6)), file("top.py", ran=range(1, 10)))
    table = held["Coverage by directory"]
    assert [row[:5] for row in table.rows] == [
        ("src/deep/", 1, 50.0, 10, 5),
        (".", 1, 90.0, 10, 1),
        ("src/", 1, 100.0, 10, 0),
    ]
    assert table.lead == "80 % ran of everything: 6 of 30 lines and 0 of 0 branches did not."


def test_files_are_those_in_which_something_never_ran() -> None:
    table = made(file("src/a.py"), file("src/b.py", ran=range(1, 8)))["Files in which something never ran"]
    assert [(row[0], row[-1]) for row in table.rows] == [("src/b.py", "8-10")]
    assert table.lead == "Of 1 more everything ran."
    assert "Files in which something never ran" not in made(file("src/a.py"))


def test_the_change_is_told_by_function() -> None:
    patch = [
        changed("src/a.py", [2, 3]),
        changed("src/b.py", [9]),
        changed("src/new.py", [1], measured=False),
        changed("src/out.py", [1], measured=False, omitted="omit"),
    ]
    files = (file("src/a.py", functions=[("load", 1, 5)]), file("src/b.py", ran=range(1, 8)))
    table = made(*files, patch=patch)["What the change touched"]
    assert [(row[0], row[1], row[3]) for row in table.rows] == [
        ("src/a.py", "load", Mark("ran", "passed")),
        ("src/b.py", "module level", Mark("never ran", "failed", "9")),
        ("src/new.py", None, Mark("not measured", "failed")),
        ("src/out.py", None, Mark("left out", "undecided", "by omit")),
    ]
    assert "What the change touched" not in made(file())
