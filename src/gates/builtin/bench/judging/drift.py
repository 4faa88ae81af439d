"""Drift: how a benchmark stands against the runs of the history, which differ by more than their processes do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from gates.builtin.bench.facts import Kept, Timed
from gates.builtin.bench.judging import statistics
from gates.builtin.bench.judging.statistics import Estimate

LEAST = 3
"""Former runs without which nobody knows how much runs of the same code differ."""

MOST = 20
"""Former runs that are compared with, the newest: what was made faster or slower long ago says nothing of today."""


def estimate(pairs: Sequence[Timed], kept: Kept, many: int) -> Estimate | None:
    """The change since the former runs as one of `many` benchmarks, or None of too few.

    A run's value is the median over its processes of the logarithm of the least time. The interval is one for a single
    new run, not for the mean of many: the new run has drifted too.
    """
    runs = kept.runs.items[:MOST]
    now = present(pairs)
    found = statistics.estimate([now - level(run.processes.items) for run in runs], many)
    if found is None or len(runs) < LEAST:
        return None
    centre = (found.low + found.high) / 2
    half = (found.high - found.low) / 2 * math.sqrt(found.pairs + 1)
    return replace(found, low=centre - half, high=centre + half)


def present(pairs: Sequence[Timed]) -> float:
    """What the run that is judged stands at, as the logarithm of seconds."""
    return level([min(pair.head.items) for pair in pairs if pair.head.items])


def level(times: Sequence[float]) -> float:
    """The median of the logarithms."""
    return median(math.log(time) for time in times)
