"""Statistics: the change of a benchmark over its process pairs, its interval, and the verdict on it.

The process pair is the unit: calls of one process share its hash seed and memory layout, and are not independent
(Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013). A pair's value is the median over its
bursts of the logarithm of head's least time over base's, of bursts taken side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Literal

from gates.builtin.bench.facts import Timed

Verdict = Literal["no change", "improved", "regressed", "inconclusive"]

CONFIDENCE = 0.95
"""Of the intervals of a whole suite together; each benchmark's is wider, by the number of them (Bonferroni)."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A change as a logarithm of a ratio, its interval, and over how many process pairs, which differ by `spread`."""

    change: float
    low: float
    high: float
    spread: float
    pairs: int

    @property
    def ratio(self) -> float:
        """Head's time over base's."""
        return math.exp(self.change)

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the ratio."""
        return math.exp(self.low), math.exp(self.high)


def values(pairs: Sequence[Timed], *, control: bool = False) -> list[float]:
    """The change of each pair that has both sides: head over base, or with `control` base over itself."""
    found = []
    for pair in pairs:
        other = pair.control if control else pair.head
        logs = [math.log(b / a) for a, b in zip(pair.base.items, other.items, strict=False) if a > 0 and b > 0]
        if logs:
            found.append(median(logs))
    return found


def estimate(changes: Sequence[float], many: int = 1) -> Estimate | None:
    """The estimate of pairs' changes as one of `many` benchmarks; None of less than two pairs."""
    count = len(changes)
    if count < 2:
        return None
    spread = stdev(changes)
    half = t_quantile(1 - (1 - CONFIDENCE) / (2 * many), count - 1) * spread / math.sqrt(count)
    centre = fmean(changes)
    return Estimate(change=median(changes), low=centre - half, high=centre + half, spread=spread, pairs=count)


def judge(found: Estimate, limit: float, rule: Literal["detect", "prove"]) -> Verdict:
    """The verdict on an estimate under a limit in percent."""
    at = math.log1p(limit / 100)
    if found.low > at / 2 and found.change > at:
        return "regressed"
    if found.high < -at / 2 and found.change < -at:
        return "improved"
    if (found.high - found.low) / 2 > at or (rule == "prove" and found.high >= at):
        return "inconclusive"
    return "no change"


def t_quantile(share: float, freedom: int) -> float:
    """The quantile of Student's t with `freedom` degrees, to 1e-9, for a share over one half.

    By bisection of the exact distribution (Abramowitz and Stegun, 26.7.3 and 26.7.4).
    """
    low, high = 0.0, 1.0
    while _within(high, freedom) < 2 * share - 1:
        low, high = high, high * 2
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < 2 * share - 1 else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The probability of a value between -t and t."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    total, term = 0.0, 1.0
    if freedom % 2:
        term = cosine
        for step in range(1, (freedom - 1) // 2 + 1):
            total += term
            term *= cosine * cosine * 2 * step / (2 * step + 1)
        return 2 / math.pi * (angle + sine * total)
    for step in range(1, freedom // 2 + 1):
        total += term
        term *= cosine * cosine * (2 * step - 1) / (2 * step)
    return sine * total
