"""Sections: the traceability matrix, an item a row, with what its tests show and each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gates.builtin.trace.tables import tables
from gates.model.section import Cell, Column, Mark, Section, Standing, Table

if TYPE_CHECKING:
    from gates.builtin.trace.facts import TraceEvidence
    from gates.builtin.trace.settings import TraceSettings

STANDINGS: Mapping[str, tuple[str, Standing]] = {
    "passed": ("passed", "passed"),
    "failed": ("failed", "failed"),
    "missing": ("test missing", "failed"),
    "stale": ("stale", "undecided"),
    "not-passed": ("not passed", "undecided"),
    "not-run": ("not run", "undecided"),
    "unknown": ("not known", "undecided"),
    "untested": ("no test", "none"),
}
OUTCOMES: Mapping[str | None, Standing] = {"passed": "passed", "failed": "failed", "error": "failed"}
SILENT: Mapping[bool | None, tuple[str, Standing]] = {
    True: ("not run", "undecided"),
    False: ("missing", "failed"),
    None: ("not known", "undecided"),
}
"""The word for a test without an outcome, by whether it is there."""


def sections(evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Iterator[Section]:
    """The matrix in the order of the documents, then where outcomes are from."""
    held = tables(evidence, settings, now)
    counts = held["counts"]
    said = [f"{number:,} {STANDINGS[name][0]}" for name, number in counts["standing"].items()]
    yield Table(
        title="Traceability matrix",
        lead=f"{counts['items']:,} items: {', '.join(said)}." if said else "No document has an item.",
        columns=(
            Column("item", "code"),
            Column("title"),
            Column("status"),
            Column("shown by its tests"),
            Column("tests"),
            Column("where", "code"),
        ),
        rows=tuple(_row(one) for one in held["items"]),
    )
    if held["evidence"]:
        yield Table(
            title="Where outcomes are from",
            columns=(Column("source", "code"), Column("commit", "code"), Column("tests", "number"), Column("")),
            rows=tuple(
                (one["source"], (one["commit"] or "")[:12], one["tests"], _age(one["stale"]))
                for one in held["evidence"]
            ),
        )


def _row(item: Mapping[str, Any]) -> tuple[Cell, ...]:
    word, standing = STANDINGS[item["standing"]]
    if item["status"] == "done" and item["standing"] == "untested":
        standing = "failed"
    source = item["source"]
    return (
        item["id"],
        item["title"],
        item["status"] or f"? {item['status_raw']}",
        Mark(word, standing, f"{' and '.join(item['changed'])} changed" if item["changed"] else ""),
        tuple(_test(one) for one in item["tests"]),
        f"{source['path']}:{source['line']}",
    )


def _test(test: Mapping[str, Any]) -> Mark:
    outcome = test["outcome"]
    if outcome is None:
        word, standing = SILENT[test["exists"]]
        return Mark(word, standing, test["nodeid"])
    if test["stale"]:
        return Mark(f"{outcome}, stale", "undecided", test["nodeid"])
    return Mark(outcome, OUTCOMES.get(outcome, "undecided"), test["nodeid"])


def _age(stale: str | None) -> Cell:
    return Mark("stale", "undecided", stale) if stale else Mark("current", "passed")
