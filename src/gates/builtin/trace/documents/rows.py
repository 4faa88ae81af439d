"""Rows: the cells of a line of a table, with escaped pipes and pipes in code."""

from __future__ import annotations

import re

DELIMITER = re.compile(r"\s*+\|?\s*+:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+\|?\s*+")
"""The line below the header of a table. It is asked only of lines without anything but these characters."""

MARKS = frozenset("|:- \t")
TICKS = re.compile(r"`+")


def is_delimiter(line: str) -> bool:
    """Whether the line is the one below a header."""
    return "-" in line and "|" in line and MARKS.issuperset(line) and DELIMITER.fullmatch(line) is not None


def cells(line: str, width: int | None = None) -> tuple[str, ...]:
    """The cells of a row, stripped; `width` is the number that the header has.

    Pipes in code are part of the cell where the row then has as many cells as its header: GFM says otherwise, people
    mean it.
    """
    text = line.strip()
    if "\\" not in text and "`" not in text:
        return _divided(text)
    shielded = text.replace("\\\\", "\x00").replace("\\|", "\x01")
    found = _divided(shielded)
    if "`" in text and width is not None and len(found) != width:
        spared = _divided(_spared(shielded))
        found = spared if len(spared) == width else found
    return tuple(cell.replace("\x00", "\\\\").replace("\x01", "|") for cell in found)


def _spared(text: str) -> str:
    """A row with the pipes in its code hidden: code goes from some ticks to the next that are as many."""
    runs = [match.span() for match in TICKS.finditer(text)]
    following: dict[int, int] = {}
    closing = [0] * len(runs)
    for at in range(len(runs) - 1, -1, -1):
        length = runs[at][1] - runs[at][0]
        closing[at] = following.get(length, 0)
        following[length] = at
    parts = []
    at = done = 0
    while at < len(runs):
        begun, at = at, closing[at] or at
        if at > begun:
            parts += [text[done : runs[begun][0]], text[runs[begun][0] : runs[at][1]].replace("|", "\x01")]
            done = runs[at][1]
        at += 1
    return "".join([*parts, text[done:]])


def _divided(text: str) -> tuple[str, ...]:
    text = text.removeprefix("|")
    text = text.removesuffix("|")
    return tuple(map(str.strip, text.split("|")))
