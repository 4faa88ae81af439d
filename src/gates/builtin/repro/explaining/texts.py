"""Texts: two contents side by side, as a short diff of lines or the first byte that differs."""

from __future__ import annotations

import difflib
from typing import AnyStr

import msgspec

from gates.builtin.built.archives.names import shown

LINES = 24
"""Lines of a diff that are shown."""
WIDTH = 160
"""Characters of a line that are shown."""
SHORT = 80
"""Characters of a value in `before` and `after`."""
COMPARED = 400
"""Lines on each side that are compared line by line: that takes time in their product."""
LARGEST = 4 * 1024**2
"""Bytes up to which a content counts as a text."""


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """How the first and the second content read where they part, and the diff."""

    before: str
    after: str
    excerpt: str


def sides(first: bytes, second: bytes) -> Sides:
    """Two unequal contents: lines where both are texts, else the place and value of the first byte that differs."""
    texts = text(first), text(second)
    if texts[0] is None or texts[1] is None:
        return _binary(first, second)
    return _lines(texts[0].split("\n"), texts[1].split("\n"))


def text(content: bytes) -> str | None:
    """The content as text, None where it is none."""
    if len(content) > LARGEST or b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def parting(first: AnyStr, second: AnyStr) -> int:
    """The first place at which two contents differ."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def cut(line: str, width: int, start: int = 0) -> str:
    """The line from a little before `start`, without a character that acts, cut at the width."""
    begin = max(0, start - width // 4) if start >= width else 0
    piece = ("…" if begin else "") + shown(line[begin : begin + width])
    return piece[: width - 1] + "…" if len(piece) > width or begin + width < len(line) else piece


def _binary(first: bytes, second: bytes) -> Sides:
    place = parting(first, second)

    def side(content: bytes) -> str:
        value = content[place : place + 8].hex() or "its end"
        return f"byte {place:,} of {len(content):,}: {value}"

    return Sides(before=side(first), after=side(second), excerpt="")


def _lines(first: list[str], second: list[str]) -> Sides:
    shorter = min(len(first), len(second))
    begin = next((place for place in range(shorter) if first[place] != second[place]), shorter)
    end = next((back for back in range(shorter - begin) if first[-1 - back] != second[-1 - back]), shorter - begin)
    start = max(0, begin - 1)
    left = first[start : len(first) - end + 1][:COMPARED]
    right = second[start : len(second) - end + 1][:COMPARED]

    def side(lines: list[str], other: list[str]) -> str:
        if begin >= len(lines):
            return f"ends after line {len(lines)}"
        column = _column(lines[begin], other, begin)
        return f"line {begin + 1}: {cut(lines[begin], SHORT, column)}"

    return Sides(before=side(first, second), after=side(second, first), excerpt=_diff(left, right, start))


def _diff(left: list[str], right: list[str], offset: int) -> str:
    """A unified diff of two slices that begin `offset` lines down, cut at the width and the number of lines."""
    shown_lines: list[str] = []
    for group in difflib.SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(1):
        first, last = group[0], group[-1]
        shown_lines.append(f"@@ -{_span(first[1], last[2], offset)} +{_span(first[3], last[4], offset)} @@")
        for tag, from_left, to_left, from_right, to_right in group:
            if tag == "equal":
                shown_lines += [f" {cut(line, WIDTH)}" for line in left[from_left:to_left]]
                continue
            gone, come = left[from_left:to_left], right[from_right:to_right]
            shown_lines += [f"-{cut(line, WIDTH, _column(line, come, place))}" for place, line in enumerate(gone)]
            shown_lines += [f"+{cut(line, WIDTH, _column(line, gone, place))}" for place, line in enumerate(come)]
    if len(shown_lines) > LINES:
        shown_lines = [*shown_lines[: LINES - 1], f"(and {len(shown_lines) - LINES + 1} more lines)"]
    return "\n".join(shown_lines)


def _column(line: str, others: list[str], place: int) -> int:
    return parting(line, others[place]) if place < len(others) else 0


def _span(begin: int, end: int, offset: int) -> str:
    count = end - begin
    first = begin + offset + (1 if count else 0)
    return str(first) if count == 1 else f"{first},{count}"
