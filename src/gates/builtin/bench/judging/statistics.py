"""Statistics: the change of a benchmark over its process pairs, its interval, and the verdict on it.

The process pair is the unit: calls of one process share its hash seed and memory layout, and are not independent
(Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013). A pair's value is the logarithm of head's
least time over base's: what disturbs a process only ever makes it slower. A few pairs are disturbed as a whole, by ten
percent and more, so that mean and standard deviation say nothing; of the values a fifth is trimmed at either end, and
the interval is that of Tukey and McLaughlin (Sankhya A 25, 1963) as Yuen uses it (Biometrika 61, 1974).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, stdev
from typing import Literal

from gates.builtin.bench.facts import Timed

Verdict = Literal["no change", "improved", "regressed", "inconclusive"]
Rule = Literal["detect", "prove"]

CONFIDENCE = 0.95
"""Of the intervals of a whole suite together; each benchmark's is wider, by the number of them (Bonferroni)."""

TRIMMED = 0.2
"""The share of the values that is trimmed at each end; of less than five values none is."""

WIDEST = 99.0
"""Half of an interval, as a logarithm: what is wider says as little, and its ends are still numbers."""

SURE = 0.75
"""The share of the limit that the whole interval of a regression must be over for it to get no further pairs."""

MISSED = 2.0
"""A slowdown of so many limits must not go unseen: while the interval reaches it, the benchmark is inconclusive."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A change as a logarithm of a ratio, its interval, and over how many process pairs, which differ by `spread`.

    The spread is the standard deviation of the values of which the outer ones are replaced by the next inner one.
    """

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
    sides = ((pair.base.items, (pair.control if control else pair.head).items) for pair in pairs)
    return [math.log(min(other) / min(base)) for base, other in sides if base and other]


def estimate(changes: Sequence[float], many: int = 1) -> Estimate | None:
    """The estimate of pairs' changes as one of `many` benchmarks; None of less than two pairs."""
    count = len(changes)
    if count < 2:
        return None
    cut = int(TRIMMED * count)
    held = sorted(changes)
    kept = held[cut : count - cut]
    spread = stdev([kept[0]] * cut + kept + [kept[-1]] * cut)
    centre = fmean(kept)
    error = spread / ((1 - 2 * cut / count) * math.sqrt(count))
    half = min(_quantile(1 - (1 - CONFIDENCE) / (2 * many), len(kept) - 1) * error, WIDEST)
    return Estimate(change=centre, low=centre - half, high=centre + half, spread=spread, pairs=count)


def judge(found: Estimate, limit: float, rule: Rule) -> Verdict:
    """The verdict on an estimate under a limit in percent.

    `detect`: regressed is a change over the limit whose whole interval is over half of it; inconclusive is one that may
    be twice the limit for all that is known. `prove`: inconclusive is already one that may be over the limit.
    """
    at = math.log1p(limit / 100)
    if found.low > at / 2 and found.change > at:
        return "regressed"
    if found.high < -at / 2 and found.change < -at:
        return "improved"
    reach = at if rule == "prove" else math.log1p(MISSED * limit / 100)
    return "inconclusive" if found.high >= reach else "no change"


def settled(found: Estimate, limit: float, rule: Rule) -> bool:
    """Whether more pairs are not needed: it is conclusive, and a regression is not in doubt."""
    verdict = judge(found, limit, rule)
    if verdict == "regressed":
        return found.low > SURE * math.log1p(limit / 100)
    return verdict != "inconclusive" and found.change <= math.log1p(limit / 100)


@lru_cache(maxsize=256)
def _quantile(share: float, freedom: int) -> float:
    return t_quantile(share, freedom)


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
