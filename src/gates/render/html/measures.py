"""Measures: each figure beside its limit, with the room that is left between them drawn."""

from __future__ import annotations

import math

import msgspec

from gates.model.measure import Measure
from gates.model.section import Standing
from gates.render import summary


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A measure in words; `bar` and `mark` are how far value and limit reach, in percent of the width."""

    name: str
    value: str
    limit: str
    limit_from: str
    room: str
    standing: Standing
    bar: float | None
    mark: float | None


def drawn(item: Measure) -> Drawn:
    """The measure; without a limit nothing is drawn."""
    unit = "%" if item.unit == "percent" else item.unit
    word = {"min": "at least", "max": "at most", None: "limit"}[item.direction]
    bar, mark = _places(item)
    room, standing = _room(item)
    return Drawn(
        name=summary.clip(item.name, 200),
        value=summary.clip(f"{summary.number(item.value)} {unit}", 200),
        limit="" if item.limit is None else f"{word} {summary.number(item.limit)}",
        limit_from=summary.clip(item.limit_from or "", 200) if item.limit is not None else "",
        room=room,
        standing=standing,
        bar=bar,
        mark=mark,
    )


def _room(item: Measure) -> tuple[str, Standing]:
    """How far the value is from the limit, and on which side."""
    if item.limit is None or item.direction is None or not _is_finite(item):
        return "", "none"
    left = item.value - item.limit if item.direction == "min" else item.limit - item.value
    if left == 0:
        return "at the limit", "passed"
    said = summary.number(abs(left))
    if left > 0:
        return f"{said} to spare", "passed"
    return (f"{said} short" if item.direction == "min" else f"{said} over"), "failed"


def _places(item: Measure) -> tuple[float | None, float | None]:
    if item.limit is None or item.direction is None or not _is_finite(item) or min(item.value, item.limit) < 0:
        return None, None
    whole = 100.0 if item.unit == "percent" and item.direction == "min" else max(item.value, item.limit) * 1.25
    if not 0 < whole < math.inf:
        return None, None
    return round(min(item.value / whole, 1.0) * 100, 2), round(min(item.limit / whole, 1.0) * 100, 2)


def _is_finite(item: Measure) -> bool:
    return math.isfinite(item.value) and item.limit is not None and math.isfinite(item.limit)
