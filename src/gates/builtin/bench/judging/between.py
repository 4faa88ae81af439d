"""Between: what one benchmark takes longer than another of the same run, process by process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gates.builtin.bench.facts import Benchmark
from gates.builtin.bench.judging import budgets, statistics, words
from gates.builtin.bench.judging.budgets import Standing
from gates.builtin.bench.judging.limits import names
from gates.builtin.bench.judging.statistics import Estimate
from gates.builtin.bench.settings import BenchSettings, Between


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One benchmark against another one; `lacking` is a clause that says why they could not be compared."""

    limit: Between
    place: str
    one: Benchmark | None = None
    other: Benchmark | None = None
    found: Estimate | None = None
    lacking: str = ""

    @property
    def standing(self) -> Standing:
        """Whether the whole interval is below the limit, above it, or on both sides."""
        if self.found is None:
            return "open"
        return budgets.against(self.found, math.log1p(self.limit.at_most / 100))

    @property
    def said(self) -> str:
        """`test_traced takes 12.0 % longer than test_plain (11.1 % to 12.9 %), at most 10 %`."""
        if self.found is None:
            return self.lacking
        most = self.limit.at_most
        change = words.changed(self.found.change, most)
        span = words.between(self.found.low, self.found.high)
        than = f"{self.limit.benchmark} takes {change} than {self.limit.against}"
        return f"{than} ({span}), at most {words.limit(most)} longer"


def costs(benchmarks: Sequence[Benchmark], settings: BenchSettings) -> tuple[Cost, ...]:
    """Every limit between two benchmarks."""
    return tuple(
        _cost(benchmarks, limit, f"setting:between[{index}].at-most", len(settings.between))
        for index, limit in enumerate(settings.between)
    )


def _cost(benchmarks: Sequence[Benchmark], limit: Between, place: str, many: int) -> Cost:
    pair: list[Benchmark] = []
    for name in (limit.benchmark, limit.against):
        found = named(name, benchmarks)
        if len(found) != 1:
            what = "no benchmark" if not found else words.count(len(found), "benchmark")
            return Cost(limit=limit, place=place, lacking=f"{name!r} names {what}, and a cost is between two")
        pair += found
    one, other = pair
    if one is other:
        return Cost(limit=limit, place=place, lacking=f"{limit.benchmark!r} and {limit.against!r} name one benchmark")
    for held in pair:
        if not budgets.is_measured(held):
            return Cost(limit=limit, place=place, one=one, other=other, lacking=f"{held.id} has no figures of head")
    estimate = statistics.estimate(changes(one, other), many)
    lacking = "" if estimate is not None else f"{one.id} and {other.id} ran in less than two processes together"
    return Cost(limit=limit, place=place, one=one, other=other, found=estimate, lacking=lacking)


def named(name: str, benchmarks: Sequence[Benchmark]) -> list[Benchmark]:
    """The benchmarks of an id, else of a name, else of a glob."""
    exact = [one for one in benchmarks if one.id == name]
    bare = [one for one in benchmarks if name in (words.bare(one.id), words.bare(one.id).rpartition("::")[2])]
    return exact or bare or [one for one in benchmarks if names(name, one.id)]


def changes(one: Benchmark, other: Benchmark) -> list[float]:
    """The logarithm of the ratio in each process that ran both."""
    against = {pair.pair: level for pair in other.pairs.items if (level := _level(pair.head.items)) is not None}
    own = [(pair.pair, _level(pair.head.items)) for pair in one.pairs.items]
    return [level - against[pair] for pair, level in own if level is not None and pair in against]


def _level(bursts: Sequence[float]) -> float | None:
    return math.log(min(bursts)) if bursts else None
