"""Suspects: how many process pairs benchmarks get, and which of them need more before anybody may be sure.

The numbers are fixed before anything is measured: to go on until a difference is significant finds one in identical
code sooner or later (Armitage, McPherson and Rowe, "Repeated significance tests", 1969).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.bench import limits, statistics
from gates.builtin.bench.facts import Benchmark
from gates.builtin.bench.paired.measuring import Effort

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings

PLANNED = 8
"""Process pairs of each benchmark, of one to ten; with more of them each has a wider interval, and gets more."""


def effort(settings: BenchSettings, slow: float = 0.0) -> Effort:
    """The effort that the settings ask for; `slow` is the share by which head is made slower."""

    def planned(many: int) -> int:
        return min(settings.most_pairs, settings.pairs or PLANNED + (many > 10) + (many > 100))

    def found(benchmarks: Sequence[Benchmark]) -> Mapping[str, int]:
        return suspects(benchmarks, settings)

    return Effort(planned=planned, suspects=found, most=settings.most_pairs, slow=slow)


def suspects(benchmarks: Sequence[Benchmark], settings: BenchSettings) -> Mapping[str, int]:
    """The benchmarks about which nobody may be sure yet, each with the pairs that it is to have: twice as many."""
    held = {one.id: statistics.values(one.pairs.items) for one in benchmarks}
    many = sum(len(changes) > 1 for changes in held.values())
    found = {}
    for one in benchmarks:
        estimate = statistics.estimate(held[one.id], many)
        if estimate is None or estimate.pairs >= settings.most_pairs:
            continue
        if not statistics.settled(estimate, limits.limit_of(one, settings).percent, settings.rule):
            found[one.id] = min(settings.most_pairs, 2 * estimate.pairs)
    return found
