"""Section: what a gate shows beside its findings, in formats that have the room: tables, intervals, entries, trends.

All are plain values, and all text in them is text: a renderer escapes it, and none of it is markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

Standing = Literal["passed", "failed", "undecided", "none"]
"""How a word is meant; a renderer has a shape and a colour for each. `none`: neither good nor bad."""

Kind = Literal["text", "code", "number", "share"]
"""What stands in a column. `share`: percent, of which 100 is all, drawn as a bar beside the figure."""


class Mark(msgspec.Struct, frozen=True):
    """A word with its standing: the outcome of a test, with the test as `about`."""

    word: str
    standing: Standing = "none"
    about: str = ""


Cell: TypeAlias = str | int | float | Mark | tuple[Mark, ...] | None


class Column(msgspec.Struct, frozen=True):
    """The head of a column and what stands in it."""

    title: str
    kind: Kind = "text"


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """Rows with a cell for each column; `lead` is a sentence above them."""

    title: str
    lead: str = ""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A change in percent with its interval and the limit that it is held to; `word` says what came of it."""

    name: str
    low: float
    value: float
    high: float
    limit: float | None = None
    word: str
    standing: Standing = "none"


class Intervals(msgspec.Struct, frozen=True, kw_only=True, tag="intervals"):
    """Changes on one scale, in the order in which they are to be read."""

    title: str
    lead: str = ""
    rows: tuple[Interval, ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing with what is known of it: pairs of a word and a text, and a `code` of several lines."""

    title: str
    standing: Standing = "none"
    facts: tuple[tuple[str, str], ...] = ()
    code: str = ""


class Entries(msgspec.Struct, frozen=True, kw_only=True, tag="entries"):
    """Things that are no rows of a table."""

    title: str
    lead: str = ""
    entries: tuple[Entry, ...]


class Point(msgspec.Struct, frozen=True):
    """A figure in one run, by name, which began at a moment (UTC, ISO 8601)."""

    run: str
    at: str
    value: float


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One figure over runs, the oldest first, with the limit that it is held to and the side on which it must be.

    Where each value stands for a word (1 for `passed`), `words` are the values with theirs.
    """

    name: str
    unit: str
    limit: float | None = None
    direction: Literal["min", "max"] | None = None
    words: tuple[tuple[float, str], ...] = ()
    points: tuple[Point, ...]


class Trends(msgspec.Struct, frozen=True, kw_only=True, tag="trends"):
    """Figures over runs, each drawn by itself."""

    title: str
    lead: str = ""
    rows: tuple[Trend, ...]


Section: TypeAlias = Table | Intervals | Entries | Trends


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind a gate's verdict: its settings, its sections, or the `problem` that kept them from us."""

    settings: Mapping[str, Any] = {}
    sections: tuple[Section, ...] = ()
    problem: str = ""
