"""Chance: what numbers of runs say and do not say, and a test that ends both ways in the same circumstances."""

from __future__ import annotations

from math import comb

CONFIDENCE = 0.95


def upper(flips: int, runs: int) -> float:
    """The highest rate of failure that so many of so many runs leave open (95 %, Clopper-Pearson, one-sided)."""
    if runs == 0 or flips >= runs:
        return 1.0
    low, high = flips / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(flips, runs, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def lower(flips: int, runs: int) -> float:
    """The lowest rate of failure that so many of so many runs leave open (95 %, Clopper-Pearson, one-sided)."""
    return 0.0 if runs == 0 else 1.0 - upper(runs - flips, runs)


def by_chance(flips: int, runs: int, others: int) -> float:
    """How likely all flips would fall on these runs and none on the others if both were alike (Fisher, one-sided)."""
    return comb(runs, flips) / comb(runs + others, flips)


def percent(rate: float) -> str:
    """A rate in words."""
    return f"{rate * 100:.0f} %" if rate >= 0.01 else f"{rate * 100:.1f} %"


def _at_most(flips: int, runs: int, rate: float) -> float:
    return float(sum(comb(runs, k) * rate**k * (1 - rate) ** (runs - k) for k in range(flips + 1)))
