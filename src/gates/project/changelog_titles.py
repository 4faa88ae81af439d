"""Titles: what the heading of a changelog's entry says: a version, a date, or that it is not released yet."""

from __future__ import annotations

import re
from datetime import date

import msgspec
from packaging.version import InvalidVersion, Version

LONGEST = 300
"""Letters; no heading is longer, and a line of a binary file may be."""

APART = " \t-\u2013\u2014:,()[]|/"
"""What stands between a date and a version."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(rf"(?<![\w.]){pattern}(?![\w.]*\d)", re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<number>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?:T[\d:.]+Z?)?",
        r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})",
        rf"{_DAY}(?: of)?[ -]{_MONTH},?[ -](?P<year>\d{{4}})",
        rf"{_MONTH} {_DAY},? (?P<year>\d{{4}})",
        rf"{_MONTH},? (?P<year>\d{{4}})(?P<day>)",
    )
)
PENDING = re.compile(
    r"(?<!\w)(?:un-?released|not (?:yet )?released|to be (?:released|determined)|in (?:development|progress)|upcoming"
    r"|release date tbd|tb[da]|(?:\d{4}|\d\d[xy?]{2}|[xy?]{4})[-/.][xm?]{2}[-/.][xd?]{2})(?!\w)",
    re.IGNORECASE,
)
"""What stands where the date will be."""

_NEXT = re.compile(
    r"(?:the )?(?:upcoming|next|unreleased|pending|dev|develop(?:ment)?|in development|main|master|head|trunk|latest)"
    r"(?:[ -](?:release|version|changes|branch|head|main|master))?(?:\s*[-\u2013\u2014:(\[].*)?",
    re.IGNORECASE,
)
_VERSION = r"(?:\d+!)?\d+(?:\.\d+)+(?:[-_.+]?[a-z0-9])*|\d+"
_TITLE = re.compile(
    rf"(?P<prefix>(?:[^\W\d][\w.'\u2019&+-]*[ :]+){{0,4}}?)(?P<mark>"
    r"v\.? ?|ver(?:sion|\.)?:? ?v?|rel(?:ease|\.)?:? ?v?|@)?"
    rf"(?P<version>{_VERSION})(?P<rest>(?:\s|[-\u2013\u2014:(\[,|/@*;~.?]).*)?",
    re.IGNORECASE | re.ASCII,
)
_REST = re.compile(
    r"\s*[-\u2013\u2014:(\[,|/@*;~\"\u201c'\u2018]|\s*[.?]?\s*$|\s+(?:(?:final|beta|alpha|yanked|release|notes|changes)\s*)+$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\s*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satu?r?|sun)(?:day)?)?[\s,.:()\[\]-]*", re.IGNORECASE
)
_PLAIN = re.compile(
    r"changes?|whats|what's|what\u2019s|new|in|notes|for|release|released|version|the|of|to", re.IGNORECASE
)
_WRITTEN = (
    (re.compile(r"<!--.*?-->|</?[a-z][^<>]*>", re.IGNORECASE), ""),
    (re.compile(r"!\[[^\]]*\](?:\([^()]*\)|\[[^\]]*\])"), ""),
    (re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\[[^\[\]]*\])"), r"\1"),
    (re.compile(r"\s*\{[:#.][^{}]*\}\s*$"), ""),
    (re.compile(r"(?<!\S)#+\s*$"), ""),
    (re.compile(r":[\w:-]+:`([^`<]+?)\s*(?:<[^`>]*>)?`"), r"\1"),
    (re.compile(r"`([^`<]+?)\s*<[^`>]*>`__?"), r"\1"),
    (re.compile(r"[`*]+|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w)"), ""),
    (re.compile(r"^\[([^\[\]]+)\]"), r"\1"),
    (re.compile(r"^[^\w(\[]+(?=\w)"), ""),
)


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """What a heading says; `prefix` is the name before the version, "" where there is none or a plain word."""

    version: str | None = None
    date: date | None = None
    pending: bool = False
    prefix: str = ""


def read(text: str) -> Title | None:
    """What the heading `text` says, its markup included; None for that of no entry."""
    if len(text) > LONGEST:
        return None
    shown = plain(text)
    if _NEXT.fullmatch(shown) and not dated(shown):
        return Title(pending=True)
    first = _first_date(shown)
    if first is not None:
        day, rest = first
        inner = _versioned(rest.strip(APART))
        return Title(version=None if inner is None or inner.prefix else inner.version, date=day)
    return _versioned(shown)


def plain(text: str) -> str:
    """The text of a heading without the markup of Markdown and reStructuredText."""
    for pattern, instead in _WRITTEN:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def dated(text: str) -> date | None:
    """The first date in a text, of the forms in which changelogs write them; a month alone is its first day."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            day = _date(found)
            if day is not None:
                return day
    return None


def pending(text: str) -> bool:
    """Whether the text says that something is not released yet."""
    return PENDING.search(text) is not None


def valid(version: str) -> bool:
    """Whether it is a version by PEP 440."""
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def same(one: str, other: str) -> bool:
    """Whether two versions are the same: by PEP 440 where both are such, else letter by letter."""
    if valid(one) and valid(other):
        return Version(one) == Version(other)
    return one == other


def _first_date(text: str) -> tuple[date, str] | None:
    """The date that a text begins with, and what follows; with dots it may be a version, in words it must be alone."""
    for pattern in _DATES[2:4]:
        spelled = pattern.search(text)
        if spelled and _WEEKDAY.fullmatch(text[: spelled.start()]) and _WEEKDAY.fullmatch(text[spelled.end() :]):
            day = _date(spelled)
            return None if day is None else (day, "")
    found = _DATES[0].match(text.lstrip("(["), 0)
    if found is None or found["sign"] == ".":
        return None
    day = _date(found)
    return None if day is None else (day, text.lstrip("([")[found.end() :])


def _versioned(text: str) -> Title | None:
    found = _TITLE.fullmatch(text)
    if found is None or not valid(found["version"]):
        return None
    rest, marked = found["rest"] or "", bool(found["mark"])
    if "." not in found["version"] and not (marked and len(found["version"]) < 4):
        return None
    day = dated(rest)
    late = pending(rest)
    if not _REST.match(rest) and day is None and not late:
        return None
    words = [word.strip(":") for word in found["prefix"].split()]
    named = " ".join(word for word in words if not _PLAIN.fullmatch(word))
    return Title(version=found["version"], date=day, pending=late and day is None, prefix=named)


def _date(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    number = int(parts["number"]) if parts.get("number") else MONTHS.index(parts["month"][:3].lower()) + 1
    try:
        return date(int(parts["year"]), number, int(parts["day"] or 1))
    except ValueError:
        return None
