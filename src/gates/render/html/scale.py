"""Scale: where changes lie in a drawing, so that most of them fit and no change is in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gates.render import summary

LEAST = 1.0
"""Percent that the drawing reaches to each side at the least."""

MOST = 1e6


class Scale:
    """Changes in percent on a line of which the middle is no change; what is beyond lies at its end."""

    def __init__(self, rows: Sequence[tuple[float, float, float | None]]) -> None:
        """Fit the rows: all, or nine of ten where single ones are far beyond the usual limit."""
        ends = sorted(abs(end) for low, high, _ in rows for end in (low, high) if math.isfinite(end))
        limits = sorted(abs(limit) for _, _, limit in rows if limit is not None and math.isfinite(limit))
        typical = limits[len(limits) // 2] if limits else LEAST
        usual = ends[(len(ends) - 1) * 9 // 10] if ends else 0.0
        farthest = ends[-1] if ends else 0.0
        wanted = farthest if farthest <= 6 * typical else max(usual, 2 * typical)
        self.reach = min(max(wanted, 1.5 * typical, LEAST) * 1.08, MOST)

    def __call__(self, change: float) -> float:
        """The place of a change, in percent of the width."""
        inside = 0.0 if math.isnan(change) else min(max(change / self.reach, -1.0), 1.0)
        return round(50 + inside * 48, 2)

    def is_beyond(self, change: float) -> bool:
        """Whether a change lies outside."""
        return not abs(change) <= self.reach

    @property
    def ticks(self) -> Iterator[tuple[float, str]]:
        """Places of round figures, at most five, with how each is written."""
        power = 10.0 ** math.floor(math.log10(self.reach / 2))
        step = next(power * one for one in (1, 2, 5, 10) if power * one >= self.reach / 2.5)
        for at in (-2, -1, 0, 1, 2):
            if abs(step * at) <= self.reach:
                yield self(step * at), f"{'+' if at > 0 else ''}{summary.number(step * at)} %" if at else "0"
