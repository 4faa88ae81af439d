"""Measure: a number that a gate judged, and over how much it judged."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def duration(seconds: float) -> str:
    """`1.31 ms`: three digits of the greatest unit that fits."""
    for scale, unit in UNITS:
        value = float(f"{seconds / scale:.3g}")
        if value >= 1 or unit == "ns":
            digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
            return f"{value:.{digits}f} {unit}"
    raise AssertionError  # pragma: no cover - the last unit fits everything


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its limit and where the limit comes from (`pyproject.toml:12`, `default`, a flag).

    `decide` is pure and knows no lines: it writes `setting:max-warnings`, and the engine puts the place there.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_from: str | None = None
    direction: Literal["min", "max"] | None = None


class Denominator(msgspec.Struct, frozen=True, kw_only=True):
    """Over how much a gate judged: `212 files`. `unit` is a plural noun. Never zero on a pass."""

    count: int
    unit: str

    def __str__(self) -> str:
        """`1 file`, `4,312 tests`."""
        unit = self.unit.removesuffix("s") if self.count == 1 else self.unit
        return f"{self.count:,} {unit}"
