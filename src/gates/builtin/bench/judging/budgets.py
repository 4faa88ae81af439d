"""Budgets: how long a benchmark takes, whatever base took, over its processes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gates.builtin.bench.facts import Benchmark
from gates.builtin.bench.judging import problems, statistics, words
from gates.builtin.bench.judging.limits import names
from gates.builtin.bench.judging.statistics import Estimate
from gates.builtin.bench.settings import BenchSettings

UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
Standing = Literal["kept", "passed over", "open"]


def seconds(duration: str) -> float:
    """The seconds of `3 ms`.

    Raises:
        ValueError: the text is no duration.
    """
    value, unit = written(duration)
    return value * UNITS[unit]


def written(duration: str) -> tuple[float, str]:
    """The number and the unit of `3 ms`.

    Raises:
        ValueError: the text is no duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)\s*", duration)
    if match is None:
        msg = f"{duration!r} is no duration such as `3 ms`"
        raise ValueError(msg)
    return float(match[1]), match[2]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One limit of one benchmark in seconds, and where it stands; `found` is None of a single process.

    `unit` is the one in which the limit is written.
    """

    benchmark: Benchmark
    name: str
    what: Literal["p50", "p95"]
    limit: float
    unit: str
    place: str
    found: Estimate | None
    value: float

    @property
    def standing(self) -> Standing:
        """Whether the whole interval is below the limit, above it, or on both sides."""
        if self.found is None:
            return "open"
        return against(self.found, math.log(self.limit) if self.limit > 0 else -math.inf)

    @property
    def said(self) -> str:
        """`the median call of test_parse takes 3.41 ms (3.30 ms to 3.52 ms), budget 3 ms`."""
        what = "the median call" if self.what == "p50" else "the 95th of 100 calls"
        span = ""
        if self.found is not None:
            span = f" ({words.duration(math.exp(self.found.low))} to {words.duration(math.exp(self.found.high))})"
        limit = words.duration(self.limit)
        return f"{what} of {self.name} takes {words.duration(self.value)}{span}, budget {limit}"


def against(found: Estimate, limit: float) -> Standing:
    """Where an interval stands to a limit of the same scale."""
    if found.low > limit:
        return "passed over"
    return "kept" if found.high <= limit else "open"


def checks(benchmarks: Sequence[Benchmark], settings: BenchSettings) -> tuple[Check, ...]:
    """Every budget of every benchmark that head could run."""
    named = words.called(one.id for one in benchmarks)
    wanted = list(_wanted(benchmarks, settings))
    return tuple(_check(one, named[one.id], what, limit, place, len(wanted)) for one, what, limit, place in wanted)


def _wanted(
    benchmarks: Sequence[Benchmark], settings: BenchSettings
) -> Iterator[tuple[Benchmark, Literal["p50", "p95"], str, str]]:
    for index, budget in enumerate(settings.budget):
        for one in benchmarks:
            if names(budget.glob, one.id) and is_measured(one):
                if budget.p50 is not None:
                    yield one, "p50", budget.p50, f"setting:budget[{index}].p50"
                if budget.p95 is not None:
                    yield one, "p95", budget.p95, f"setting:budget[{index}].p95"


def is_measured(one: Benchmark) -> bool:
    """Whether head could run a benchmark, whatever base could."""
    return any(pair.head.count for pair in one.pairs.items) and not any(
        problem.side == "head" and problem.kind not in problems.HARMLESS for problem in one.problems.items
    )


def _check(one: Benchmark, name: str, what: Literal["p50", "p95"], limit: str, place: str, many: int) -> Check:
    times = [pair.median if what == "p50" else pair.p95 for pair in one.pairs.items if pair.head.count]
    found = statistics.estimate([math.log(time) for time in times], many)
    value = times[0] if found is None else math.exp(found.change)
    return Check(
        benchmark=one,
        name=name,
        what=what,
        limit=seconds(limit),
        unit=written(limit)[1],
        place=place,
        found=found,
        value=value,
    )
