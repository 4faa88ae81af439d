"""Judged: each benchmark that can be compared, with its change, its limit, the verdict, and its control."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from gates.builtin.bench.facts import BenchEvidence, Benchmark, Kept
from gates.builtin.bench.judging import drift, problems, statistics, words
from gates.builtin.bench.judging.consistency import is_stored
from gates.builtin.bench.judging.limits import Held, limit_of
from gates.builtin.bench.judging.statistics import Estimate, Rule, Verdict
from gates.builtin.bench.settings import BenchSettings

TENTHS = range(1, 100_001)
"""Limits that could be held, in tenths of a percent."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One benchmark that was compared; `base` and `head` are seconds per call, `alarmed` is its control's."""

    benchmark: Benchmark
    name: str
    limit: Held
    found: Estimate
    verdict: Verdict
    rule: Rule
    unproved: bool
    control: Estimate | None
    alarmed: bool
    base: float
    head: float
    stored: bool

    @property
    def half(self) -> float:
        """Half of the interval, as a logarithm."""
        return (self.found.high - self.found.low) / 2

    @property
    def held(self) -> float:
        """The least limit, in percent, by which figures like these can be judged."""
        least = holdable(self.found, self.rule)
        return max(least, self._conclusive()) if self.verdict == "inconclusive" else least

    def _conclusive(self) -> float:
        return least_limit(lambda limit: statistics.judge(self.found, limit, self.rule), beyond=self.limit.percent)


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """One benchmark that the history cannot judge: `runs` are too few, `foreign` ones are of other machines."""

    benchmark: Benchmark
    name: str
    runs: int
    foreign: int
    differs: str


def judged(evidence: BenchEvidence, settings: BenchSettings) -> tuple[tuple[Judged, ...], tuple[Unknown, ...]]:
    """The benchmarks that were compared, and those that the history cannot judge, in the order of the evidence.

    The evidence must be free of faults (`consistency.fault`).
    """
    named = words.called(one.id for one in evidence.benchmarks.items)
    kept = {one.id: one for one in evidence.history.items}
    able = [one for one in evidence.benchmarks.items if problems.standing(one) is None]
    unknown = {
        one.id: _unknown(one, named[one.id], kept.get(one.id))
        for one in able
        if is_stored(evidence, one) and not _is_known(kept.get(one.id))
    }
    rest = [one for one in able if one.id not in unknown]
    found = (_judged(one, named[one.id], kept.get(one.id), evidence, settings, len(rest)) for one in rest)
    return tuple(one for one in found if one is not None), tuple(unknown.values())


def _is_known(kept: Kept | None) -> bool:
    return kept is not None and kept.runs.count >= drift.LEAST


def _unknown(one: Benchmark, name: str, kept: Kept | None) -> Unknown:
    if kept is None:
        return Unknown(benchmark=one, name=name, runs=0, foreign=0, differs="")
    return Unknown(benchmark=one, name=name, runs=kept.runs.count, foreign=kept.foreign, differs=kept.differs)


def _judged(
    one: Benchmark, name: str, kept: Kept | None, evidence: BenchEvidence, settings: BenchSettings, many: int
) -> Judged | None:
    pairs = one.pairs.items
    limit = limit_of(one, settings)
    stored = is_stored(evidence, one)
    control = None
    if stored and kept is not None:
        found = drift.estimate(pairs, kept, many)
        base = math.exp(median(drift.level(run.processes.items) for run in kept.runs.items[: drift.MOST]))
        head = math.exp(drift.present(pairs))
    else:
        found = statistics.estimate(statistics.values(pairs), many)
        control = statistics.estimate(statistics.values(pairs, control=True), many)
        base = _level(pair.base.items for pair in pairs)
        head = _level(pair.head.items for pair in pairs)
    if found is None:
        return None
    verdict = statistics.judge(found, limit.percent, settings.rule)
    beyond = found.high >= math.log1p(limit.percent / 100)
    return Judged(
        benchmark=one,
        name=name,
        limit=limit,
        found=found,
        verdict=verdict,
        rule=settings.rule,
        unproved=settings.rule == "prove" and verdict != "regressed" and beyond,
        control=control,
        alarmed=control is not None and differs(control, limit.percent),
        base=base,
        head=head,
        stored=stored,
    )


def _level(bursts: Iterable[Sequence[float]]) -> float:
    return median(min(one) for one in bursts if one)


def differs(control: Estimate, limit: float) -> bool:
    """Whether base was found slower or faster than itself."""
    return statistics.judge(control, limit, "detect") in ("regressed", "improved")


def holdable(found: Estimate, rule: Rule) -> float:
    """The least limit, in percent, by which an interval as wide as this one is judged, where nothing changed."""
    half = (found.high - found.low) / 2
    idle = replace(found, change=0.0, low=-half, high=half)
    return least_limit(lambda limit: statistics.judge(idle, limit, rule))


def least_limit(verdict: Callable[[float], Verdict], beyond: float = 0.0) -> float:
    """The least limit, in percent, from `beyond` on, by which something is conclusive."""

    def conclusive(tenths: int) -> bool:
        return tenths / 10 >= beyond and verdict(tenths / 10) != "inconclusive"

    at = bisect_left(TENTHS, True, key=conclusive)
    return (TENTHS[at] if at < len(TENTHS) else TENTHS[-1]) / 10


@dataclass(frozen=True, kw_only=True)
class Control:
    """What base differed from itself by: `spread` is the root of the mean square of the changes, in percent."""

    compared: int
    alarms: tuple[tuple[Judged, Estimate], ...]
    spread: float


def control_of(found: Sequence[Judged]) -> Control:
    """The A/A control of the whole suite."""
    changes = [one.control.change for one in found if one.control is not None]
    square = sum(change * change for change in changes) / len(changes) if changes else 0.0
    alarms = tuple((one, one.control) for one in found if one.control is not None and one.alarmed)
    return Control(compared=len(changes), alarms=alarms, spread=math.expm1(math.sqrt(square)) * 100)
