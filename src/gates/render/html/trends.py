"""Trends: each figure over runs as a line with its limit, and the same said in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from gates.model.section import Point, Standing, Trend
from gates.render import summary

MOST = 60
"""Figures of one section that are in the page."""

POINTS = 200
"""Runs of one figure that are drawn, the newest ones."""

LONGEST = 200
WIDTH, HEIGHT, EDGE = 240, 56, 5
DIAMOND = "m0-4l4 4l-4 4l-4-4z"
SIDES = {"min": "at least", "max": "at most", None: "limit"}

Spot = tuple[float, float]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A figure ready to be drawn: its lines, diamonds beyond the limit, the places of the newest run and of the limit.

    `title` and `said` are what the drawing says to who does not see it, `about` stands below it for all.
    """

    name: str
    value: str
    standing: Standing
    title: str
    said: str
    about: str
    ways: tuple[str, ...]
    beyond: str
    last: Spot | None
    limit: float | None
    width: int = WIDTH
    height: int = HEIGHT


def curve(trend: Trend) -> Curve:
    """The figure over its newest runs; a value that is no number leaves a gap."""
    points = trend.points[-POINTS:]
    known = [one.value for one in points if math.isfinite(one.value)]
    limit = trend.limit if trend.limit is not None and math.isfinite(trend.limit) else None
    # Words keep their places whether they came up or not, so that all passed is above and all failed below.
    named = [value for value, _ in trend.words]
    place = Places(points, [*known, *named, *([] if limit is None else [limit])])
    spots = [(place(at, one.value) if math.isfinite(one.value) else None) for at, one in enumerate(points)]
    missed = [spot for spot, one in zip(spots, points, strict=True) if spot and _is_beyond(trend, one.value)]
    unit = summary.clip("%" if trend.unit == "percent" else trend.unit, 40)
    name = summary.clip(trend.name, LONGEST)
    return Curve(
        name=name,
        value=_figure(trend, points[-1].value, unit) if points else "",
        standing=_standing(trend, points),
        title=f"{name} over {summary.plural(len(points), 'run')}",
        said=_said(trend, points, known, unit, len(missed)),
        about=_about(trend, points, known),
        ways=tuple(_ways(spots)),
        beyond="".join(f"M{x:g} {y:g}{DIAMOND}" for x, y in missed),
        last=spots[-1] if spots else None,
        limit=None if limit is None or not known else place(0, limit)[1],
    )


class Places:
    """Where the value of a run lies: runs side by side, values from the least below to the most above."""

    def __init__(self, points: Sequence[Point], values: Sequence[float]) -> None:
        """Fit all the values, each of which is a number."""
        self.step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)
        self.low, self.high = min(values, default=0.0), max(values, default=0.0)

    def __call__(self, at: int, value: float) -> Spot:
        """The place of the value of the run that is number `at`."""
        # Halves first: the range of two large values may be more than there are numbers for.
        half = self.high / 2 - self.low / 2
        share = (value / 2 - self.low / 2) / half if half else 0.5
        return round(EDGE + at * self.step, 1), round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)


def _ways(spots: Sequence[Spot | None]) -> Iterator[str]:
    """Points of each line without a gap; one by itself is no line."""
    held: list[Spot] = []
    for spot in (*spots, None):
        if spot is not None:
            held.append(spot)
            continue
        if len(held) > 1:
            yield " ".join(f"{x:g},{y:g}" for x, y in held)
        held = []


def _is_beyond(trend: Trend, value: float) -> bool:
    """Whether a value is on the wrong side of the limit; what is no number is on neither."""
    if trend.limit is None or trend.direction is None:
        return False
    return value < trend.limit if trend.direction == "min" else value > trend.limit


def _figure(trend: Trend, value: float, unit: str) -> str:
    """A value with its unit, or the word that it stands for."""
    word = dict(trend.words).get(value)
    return f"{summary.number(value)} {unit}".rstrip() if word is None else summary.clip(word, 40)


def _counted(trend: Trend, known: Sequence[float]) -> str:
    """`41 passed, 9 failed`."""
    counts = Counter(_figure(trend, value, "") for value in known)
    return ", ".join(f"{number:,} {word}" for word, number in counts.most_common())


def _standing(trend: Trend, points: Sequence[Point]) -> Standing:
    if trend.limit is None or trend.direction is None or not points or not math.isfinite(points[-1].value):
        return "none"
    return "failed" if _is_beyond(trend, points[-1].value) else "passed"


def _about(trend: Trend, points: Sequence[Point], known: Sequence[float]) -> str:
    """`at least 85; 80 to 90 in 50 runs since 2026-11-01`."""
    limit = f"{_limit(trend)}; " if _limit(trend) else ""
    if not known:
        return f"{limit}no figure in {summary.plural(len(points), 'run')}"
    low, high = summary.number(min(known)), summary.number(max(known))
    ranged = f"always {low}" if low == high else f"{low} to {high}"
    if trend.words:
        ranged = _counted(trend, known)
    return f"{limit}{ranged} in {summary.plural(len(points), 'run')} since {points[0].at[:10]}"


def _limit(trend: Trend) -> str:
    """`at least 85`; nothing where values stand for words, which say it themselves."""
    return "" if trend.limit is None or trend.words else f"{SIDES[trend.direction]} {summary.number(trend.limit)}"


def _said(trend: Trend, points: Sequence[Point], known: Sequence[float], unit: str, missed: int) -> str:
    """The drawing in one sentence."""
    if not known:
        return "There is nothing to draw."
    days = [one.at[:10] for one in (points[0], points[-1])]
    if trend.words:
        return f"From {days[0]} to {days[1]}: {_counted(trend, known)}, last {_figure(trend, known[-1], unit)}."
    figures = [("first", known[0]), ("least", min(known)), ("most", max(known)), ("last", known[-1])]
    text = f"From {days[0]} to {days[1]}: " + ", ".join(f"{word} {summary.number(value)}" for word, value in figures)
    text = f"{text} {unit}".rstrip()
    if trend.limit is not None:
        text += f"; {_limit(trend)}"
        if trend.direction is not None:
            text += f", missed in {summary.plural(missed, 'run')}" if missed else ", never missed"
    return f"{text}."
