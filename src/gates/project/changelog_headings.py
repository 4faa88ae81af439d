"""Headings: the headings of a text in Markdown, in reStructuredText, or without any markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

Markup = Literal["md", "rst", "txt"]

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:[-*+>][ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_NO_PARAGRAPH = re.compile(r"\s|[-*+>|#]\s|\d+[.)]\s|<|$")
_ADORNED = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A heading: its `line` (from 1), its first and last line with what it is drawn with, its level from 1."""

    line: int
    first: int
    last: int
    level: int
    text: str


def lines(text: str) -> list[str]:
    """The lines of a text without their ends; only CR, LF and CRLF end one."""
    return re.split(r"\r\n|\r|\n", text)


def find(rows: Sequence[str], markup: Markup) -> tuple[Heading, ...]:
    """Every heading, in order; code and comments have none. Text without markup has those that are underlined."""
    return tuple(_markdown(rows) if markup == "md" else _underlined(rows))


def plain(rows: Sequence[str]) -> tuple[Heading, ...]:
    """Every line that could be a heading in a text whose headings are not marked: it starts a block, unindented."""
    return tuple(
        Heading(line=at, first=at, last=at, level=1, text=row.strip())
        for at, row in enumerate(rows, 1)
        if row and not row[0].isspace() and not re.match(r"[-+>#|] ", row) and (at == 1 or not rows[at - 2].strip())
    )


def _markdown(rows: Sequence[str]) -> Iterator[Heading]:
    for at in _prose(rows):
        atx = _ATX.match(rows[at])
        if atx:
            yield Heading(line=at + 1, first=at + 1, last=at + 1, level=len(atx[1]), text=(atx[2] or "").strip())
            continue
        below = _SETEXT.match(rows[at + 1]) if at + 1 < len(rows) else None
        if below and not _NO_PARAGRAPH.match(rows[at]) and _begins(rows, at):
            yield Heading(
                line=at + 1, first=at + 1, last=at + 2, level=1 if below[1][0] == "=" else 2, text=rows[at].strip()
            )


def _begins(rows: Sequence[str], at: int) -> bool:
    """Whether a paragraph can begin there: a heading of several lines is that of no entry."""
    return at == 0 or not rows[at - 1].strip() or bool(_ATX.match(rows[at - 1])) or rows[at - 1].rstrip().endswith(">")


def _prose(rows: Sequence[str]) -> Iterator[int]:
    """The indices of the lines that are neither code between fences nor a comment."""
    fence, commented = "", False
    for at, row in enumerate(rows):
        if commented:
            commented = "-->" not in row
            continue
        found = _FENCE.match(row)
        if fence:
            closes = found is not None and found[1].startswith(fence) and not row[found.end() :].strip()
            fence = "" if closes else fence
        elif found:
            fence = found[1]
        elif row.lstrip().startswith("<!--"):
            commented = "-->" not in row.rpartition("<!--")[2]
        else:
            yield at


def _underlined(rows: Sequence[str]) -> Iterator[Heading]:
    styles: list[tuple[str, bool]] = []
    at = 0
    while at + 1 < len(rows):
        over = _ADORNED.match(rows[at])
        if over and at + 2 < len(rows) and rows[at + 1].strip() and rows[at + 2].rstrip() == rows[at].rstrip():
            yield _drawn(styles, (over[1], True), line=at + 2, first=at + 1, last=at + 3, text=rows[at + 1])
            at += 3
            continue
        under = _ADORNED.match(rows[at + 1])
        starts = at == 0 or not rows[at - 1].strip() or rows[at - 1].startswith(".. ")
        if under and starts and rows[at].strip() and not over and not rows[at][0].isspace():
            yield _drawn(styles, (under[1], False), line=at + 1, first=at + 1, last=at + 2, text=rows[at])
            at += 2
            continue
        at += 1


def _drawn(styles: list[tuple[str, bool]], style: tuple[str, bool], **places: int | str) -> Heading:
    if style not in styles:
        styles.append(style)
    text = str(places.pop("text")).strip()
    return Heading(level=styles.index(style) + 1, text=text, **places)  # type: ignore[arg-type]
