"""Figures: what the decision measured, of the benchmarks that matter most where there are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.builtin.bench.judging.between import Cost
from gates.builtin.bench.judging.budgets import UNITS, Check
from gates.builtin.bench.judging.judged import Control, Judged
from gates.model.measure import Measure

MOST = 50
"""Benchmarks whose own figures are in the report; of more, those that are nearest to their limits, or beyond."""

DIGITS = 4


def measures(
    found: Sequence[Judged], checks: Sequence[Check], costs: Sequence[Cost], control: Control
) -> Iterator[Measure]:
    """Counts by verdict, the control, and the figures of at most `MOST` benchmarks with their limits."""
    for verdict in ("regressed", "improved", "inconclusive"):
        many = sum(one.verdict == verdict for one in found)
        yield Measure(name=f"bench.{verdict}", value=many, unit="benchmarks")
    if control.compared:
        yield Measure(name="bench.control.alarms", value=len(control.alarms), unit="benchmarks")
        yield Measure(name="bench.control.spread", value=round(control.spread, DIGITS), unit="percent")
    nearest = sorted(found, key=lambda one: (one.verdict == "no change", -one.found.change / one.limit.percent))
    shown = {one.benchmark.id for one in nearest[:MOST]}
    for one in found:
        if one.benchmark.id in shown:
            yield _change(one)
            yield Measure(name=f"bench.{one.name}.time", value=one.head / UNITS["us"], unit="us")
    for check in checks:
        scale = UNITS[check.unit]
        name, value = f"bench.{check.name}.{check.what}", check.value / scale
        yield _limited(name, value, check.unit, check.limit / scale, check.place)
    for cost in costs:
        if cost.found is not None:
            name = f"bench.{cost.limit.benchmark}.over.{cost.limit.against}"
            value = round((cost.found.ratio - 1) * 100, DIGITS)
            yield _limited(name, value, "percent", cost.limit.at_most, cost.place)


def _change(one: Judged) -> Measure:
    value = round((one.found.ratio - 1) * 100, DIGITS)
    return _limited(f"bench.{one.name}.change", value, "percent", one.limit.percent, one.limit.place)


def _limited(name: str, value: float, unit: str, limit: float, place: str) -> Measure:
    return Measure(name=name, value=value, unit=unit, limit=limit, limit_from=place, direction="max")
