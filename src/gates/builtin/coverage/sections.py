"""Sections: what ran of each folder and file, worst first, and of each function that the change touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.builtin.coverage import figures
from gates.builtin.coverage.facts import CoverageEvidence
from gates.builtin.coverage.tables import tables
from gates.model.section import Cell, Column, Mark, Section, Table

FIGURES = (
    Column("ran", "share"),
    Column("lines", "number"),
    Column("missed", "number"),
    Column("branches", "number"),
    Column("missed", "number"),
)


def sections(evidence: CoverageEvidence) -> Iterator[Section]:
    """Folders, then files in which anything is missing, then the change."""
    held = tables(evidence)
    total = held["total"]
    yield Table(
        title="Coverage by directory",
        lead=(
            f"{figures.percent(total['percent'])} % ran of everything: {total['missed_lines']:,} of {total['lines']:,} "
            f"lines and {total['missed_branches']:,} of {total['branches']:,} branches did not."
        ),
        columns=(Column("directory", "code"), Column("files", "number"), *FIGURES),
        rows=tuple((_folder(row["path"]), row["files"], *_figures(row)) for row in held["folders"]),
    )
    missed = [row for row in held["files"] if row["missed_lines"] or row["missed_branches"]]
    whole = len(held["files"]) - len(missed)
    if missed:
        yield Table(
            title="Files in which something never ran",
            lead=f"Of {whole:,} more everything ran." if whole else "",
            columns=(Column("file", "code"), *FIGURES, Column("lines that never ran", "code")),
            rows=tuple((row["path"], *_figures(row), row["missed"]) for row in missed),
        )
    if held["change"] is not None:
        yield _change(held["change"]["base"], held["change"]["files"])


def _folder(path: str) -> str:
    return "." if path in {"", "."} else f"{path}/"


def _figures(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (row["percent"], row["lines"], row["missed_lines"], row["branches"], row["missed_branches"])


def _change(base: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    return Table(
        title="What the change touched",
        lead=f"Since {base[:12]}." if rows else f"Nothing that can run changed since {base[:12]}.",
        columns=(Column("file", "code"), Column("function", "code"), Column("lines", "number"), Column("ran")),
        rows=tuple((row["path"], row["function"], row["lines"], _ran(row)) for row in rows),
    )


def _ran(row: Mapping[str, Any]) -> Mark:
    if row["omitted"] is not None:
        return Mark("left out", "undecided", f"by {row['omitted']}")
    if not row["measured"]:
        return Mark("not measured", "failed")
    return Mark("never ran", "failed", row["missed"]) if row["missed"] else Mark("ran", "passed")
