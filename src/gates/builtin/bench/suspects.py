"""Suspects: how many process pairs benchmarks get, and which of them need more before anybody may be sure.

The numbers are fixed before anything is measured: to go on until a difference is significant finds one in identical
code sooner or later (Armitage, McPherson and Rowe, "Repeated significance tests", 1969).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.bench.facts import BenchEvidence, Benchmark
from gates.builtin.bench.judging import between, budgets, limits, statistics
from gates.builtin.bench.judging.statistics import Estimate
from gates.builtin.bench.paired.measured import Effort

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings

PLANNED = 8
"""Process pairs of each benchmark, of one to ten; with more of them each has a wider interval, and gets more."""


def effort(settings: BenchSettings, slow: float = 0.0) -> Effort:
    """The effort that the settings ask for; `slow` is the share by which head is made slower."""

    def planned(many: int) -> int:
        return min(settings.most_pairs, settings.pairs or PLANNED + (many > 10) + (many > 100))

    def found(benchmarks: Sequence[Benchmark], further: int) -> Mapping[str, int]:
        return suspects(benchmarks, settings, further)

    return Effort(planned=planned, suspects=found, most=settings.most_pairs, slow=slow)


def suspects(benchmarks: Sequence[Benchmark], settings: BenchSettings, further: int = 0) -> Mapping[str, int]:
    """The benchmarks about which nobody may be sure yet, each with the pairs that it is to have: twice as many.

    `further` are benchmarks that will be judged with them and are not measured yet.
    """
    doubts = {one.id for one, _ in _doubts(benchmarks, settings, further)} | _open(benchmarks, settings)
    there = {one.id: one.pairs.count for one in benchmarks if one.pairs.count > 1}
    return {
        name: min(settings.most_pairs, 2 * pairs)
        for name, pairs in there.items()
        if name in doubts and pairs < settings.most_pairs
    }


def doubtful(evidence: BenchEvidence, settings: BenchSettings) -> bool:
    """Whether it should not be used again: something is not as it was, or could not be compared or judged."""
    benchmarks = evidence.benchmarks.items
    if any(problem.kind != "moved" for one in benchmarks for problem in one.problems.items):
        return True
    if any(_doubts(benchmarks, settings)) or _open(benchmarks, settings):
        return True
    estimates = _estimates(benchmarks)
    return any(
        statistics.judge(estimate, _limit(one, settings), settings.rule) == "regressed" for one, estimate in estimates
    )


def _doubts(
    benchmarks: Sequence[Benchmark], settings: BenchSettings, further: int = 0
) -> Iterator[tuple[Benchmark, Estimate]]:
    """Benchmarks that are not settled, or of which base is found to differ from itself."""
    control = {one.id: estimate for one, estimate in _estimates(benchmarks, further, control=True)}
    for one, estimate in _estimates(benchmarks, further):
        limit, itself = _limit(one, settings), control.get(one.id)
        alarmed = itself is not None and statistics.judge(itself, limit, "detect") in {"regressed", "improved"}
        if alarmed or not statistics.settled(estimate, limit, settings.rule):
            yield one, estimate


def _open(benchmarks: Sequence[Benchmark], settings: BenchSettings) -> set[str]:
    """Benchmarks of which nobody knows on which side of a budget or of a cost they are."""
    found = {one.benchmark.id for one in budgets.checks(benchmarks, settings) if one.standing == "open"}
    costs = [one for one in between.costs(benchmarks, settings) if one.found is not None and one.standing == "open"]
    return found | {held.id for cost in costs for held in (cost.one, cost.other) if held is not None}


def _estimates(
    benchmarks: Sequence[Benchmark], further: int = 0, *, control: bool = False
) -> list[tuple[Benchmark, Estimate]]:
    held = [(one, statistics.values(one.pairs.items, control=control)) for one in benchmarks]
    many = further + sum(len(changes) > 1 for _, changes in held)
    found = ((one, statistics.estimate(changes, many)) for one, changes in held)
    return [(one, estimate) for one, estimate in found if estimate is not None]


def _limit(one: Benchmark, settings: BenchSettings) -> float:
    return limits.limit_of(one, settings).percent
