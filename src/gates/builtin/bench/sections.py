"""Sections: each benchmark's change with its interval, budgets and costs, and what could not be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gates.builtin.bench.judging.tables import tables
from gates.model.measure import duration
from gates.model.section import Cell, Column, Interval, Intervals, Mark, Section, Standing, Table

if TYPE_CHECKING:
    from gates.builtin.bench.facts import BenchEvidence
    from gates.builtin.bench.settings import BenchSettings

STANDINGS: Mapping[str, Standing] = {
    "regressed": "failed",
    "inconclusive": "undecided",
    "improved": "passed",
    "no change": "none",
}
ORDER = tuple(STANDINGS)
LIMITS: Mapping[str, Mark] = {"kept": Mark("kept", "passed"), "passed over": Mark("over", "failed")}


def sections(evidence: BenchEvidence, settings: BenchSettings) -> Iterator[Section]:
    """The changes, what is not proved first, then what is held to a figure, then what has none."""
    held = tables(evidence, settings)
    against = f"base {held['base'][:12]}" if held["base"] else "the history"
    rows = sorted(held["benchmarks"], key=_urgency)
    yield Intervals(
        title="Benchmarks",
        lead=f"How much longer each takes than {against}, in percent; the bar is the interval that the figures allow."
        if rows
        else held["fault"] or "Not one benchmark was compared.",
        rows=tuple(_interval(row) for row in rows),
    )
    if held["limits"]:
        yield Table(
            title="Budgets and costs",
            columns=(Column("benchmark", "code"), Column("of"), Column("measured"), Column("at most"), Column("")),
            rows=tuple(_limit(row) for row in held["limits"]),
        )
    if held["not_compared"]:
        yield Table(
            title="Not compared",
            columns=(Column("benchmark", "code"), Column("rule", "code"), Column("why")),
            rows=tuple(
                (row["name"], f"{row['rule']} {row['because']}", row["message"]) for row in held["not_compared"]
            ),
        )


def _urgency(row: Mapping[str, Any]) -> tuple[bool, int, float, str]:
    return (not row["unproved"], ORDER.index(row["verdict"]), -row["ratio"], row["name"])


def _interval(row: Mapping[str, Any]) -> Interval:
    low, high = row["interval"]
    return Interval(
        name=row["name"],
        low=_percent(low),
        value=_percent(row["ratio"]),
        high=_percent(high),
        limit=row["limit"],
        word="not proved" if row["unproved"] else row["verdict"],
        standing="failed" if row["unproved"] else STANDINGS[row["verdict"]],
    )


def _percent(ratio: float) -> float:
    return round((ratio - 1) * 100, 4)


def _limit(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    mark = LIMITS.get(row["standing"], Mark("not proved", "undecided"))
    return (row["name"], row["what"], _said(row, "value"), _said(row, "limit"), mark)


def _said(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if value is None:
        return "not known"
    return duration(value) if row["unit"] == "seconds" else f"{value:g} %"
