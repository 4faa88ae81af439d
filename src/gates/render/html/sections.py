"""Sections: what gates show beside their findings, ready to be drawn, and as much of it as fits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from gates.model.section import Column, Entries, Entry, Interval, Intervals, Mark, Section, Standing, Table, Trends
from gates.render import summary
from gates.render.html import trends
from gates.render.html.scale import Scale
from gates.render.html.trends import Curve

ROWS = 1000
"""Rows of one table that are in the page."""

MARKS = 50
"""Marks in one cell that are in the page."""

LONGEST = 400
WORSE: tuple[Standing, ...] = ("failed", "undecided", "none")
CODE = 4000


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """Several marks of one cell: counted, and each by itself."""

    said: str
    standing: Standing
    marks: tuple[Mark, ...]
    more: int


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A cell: its kind (`text`, `code`, `number`, `share`, `mark`, `marks`) and what stands in it."""

    kind: str
    text: str = ""
    share: float = 0.0
    mark: Mark | None = None
    marks: Marks | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """An interval drawn: places in percent of the width; None where it is outside."""

    name: str
    change: str
    between: str
    limit: str
    word: str
    standing: Standing
    low: float
    high: float
    at: float | None
    mark: float | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A section of one of four kinds, with as many of its rows as fit."""

    anchor: str
    kind: str
    title: str
    lead: str
    count: int
    more: int
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Spot, ...], ...] = ()
    spans: tuple[Span, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    entries: tuple[Entry, ...] = ()
    curves: tuple[Curve, ...] = ()


def shown(sections: Sequence[Section], anchor: str) -> tuple[Shown, ...]:
    """The sections of a gate; `anchor` begins their ids."""
    return tuple(_shown(one, f"{anchor}.{at}") for at, one in enumerate(sections, 1))


def _shown(section: Section, anchor: str) -> Shown:
    match section:
        case Table():
            spots = tuple(tuple(map(_spot, row, section.columns)) for row in section.rows[:ROWS])
            made = Shown(**_head(section, anchor, "table", len(section.rows)), columns=section.columns, rows=spots)
        case Intervals():
            scale = Scale([(one.low, one.high, one.limit) for one in section.rows])
            spans = tuple(_span(one, scale) for one in section.rows[:ROWS])
            made = Shown(
                **_head(section, anchor, "intervals", len(section.rows)), spans=spans, ticks=tuple(scale.ticks)
            )
        case Entries():
            entries = tuple(map(_entry, section.entries[:ROWS]))
            made = Shown(**_head(section, anchor, "entries", len(section.entries)), entries=entries)
        case Trends():
            curves = tuple(map(trends.curve, section.rows[: trends.MOST]))
            made = Shown(**_head(section, anchor, "trends", len(section.rows), most=trends.MOST), curves=curves)
    return made


def _head(section: Section, anchor: str, kind: str, count: int, most: int = ROWS) -> dict[str, Any]:
    return {
        "anchor": anchor,
        "kind": kind,
        "title": summary.clip(section.title, LONGEST),
        "lead": summary.clip(section.lead, LONGEST),
        "count": count,
        "more": max(0, count - most),
    }


def _spot(cell: object, column: Column) -> Spot:
    if isinstance(cell, Mark):
        return Spot(kind="mark", mark=_mark(cell))
    if isinstance(cell, tuple):
        return Spot(kind="marks", marks=_marks(cell))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        share = min(max(float(cell), 0.0), 100.0) if column.kind == "share" else 0.0
        # Cut off and not rounded, so that nothing looks better than it is.
        text = f"{math.floor(share * 10) / 10:g} %" if column.kind == "share" else summary.number(cell)
        return Spot(kind="share" if column.kind == "share" else "number", text=text, share=round(share, 2))
    text = "" if cell is None else summary.clip(str(cell), LONGEST)
    return Spot(kind="code" if column.kind == "code" else "text", text=text)


def _mark(mark: Mark) -> Mark:
    return Mark(summary.clip(mark.word, LONGEST), mark.standing, summary.clip(mark.about, LONGEST))


def _marks(held: Sequence[Mark]) -> Marks:
    """The worst standing counts for all of them."""
    counts = Counter(one.word for one in held)
    found = {mark.standing for mark in held}
    worst: Standing = next((one for one in WORSE if one in found), "passed")
    return Marks(
        said=summary.clip(", ".join(f"{number:,} {word}" for word, number in sorted(counts.items())), LONGEST),
        standing=worst if held else "none",
        marks=tuple(map(_mark, held[:MARKS])),
        more=max(0, len(held) - MARKS),
    )


def _span(one: Interval, scale: Scale) -> Span:
    return Span(
        name=summary.clip(one.name, LONGEST),
        change=_signed(one.value),
        between=f"{_signed(one.low)} to {_signed(one.high)}",
        limit="" if one.limit is None else f"{summary.number(one.limit)} %",
        word=summary.clip(one.word, LONGEST),
        standing=one.standing,
        low=scale(one.low),
        high=scale(one.high),
        at=None if scale.is_beyond(one.value) else scale(one.value),
        mark=None if one.limit is None or scale.is_beyond(one.limit) else scale(one.limit),
    )


def _signed(percent: float) -> str:
    return f"{percent:+,.1f} %" if abs(percent) < 1e6 else f"{percent:+.1e} %"


def _entry(one: Entry) -> Entry:
    facts = tuple((summary.clip(name, LONGEST), summary.clip(text, CODE)) for name, text in one.facts[:ROWS])
    if len(one.facts) > ROWS:
        facts += (("and", f"{len(one.facts) - ROWS:,} more, which are not in this page"),)
    return Entry(
        title=summary.clip(one.title, LONGEST), standing=one.standing, facts=facts, code=summary.clip(one.code, CODE)
    )
