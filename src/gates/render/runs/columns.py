"""Columns: rows that fit the terminal; what does not fit is cut at the flexible columns first, and then said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

LEAST = 8
"""Characters that a flexible column keeps."""

GAP = 2


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a column; `gives` counts how soon it is left out where the terminal is narrow, 0 for never."""

    head: str
    right: bool = False
    flexible: bool = False
    gives: int = 0


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Head and rows as lines of at most `width` characters, as far as columns may give.

    A column in which nothing stands is left out without a word; one for which there is no room is named at the end.
    The last column is never padded.
    """
    kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    dropped: list[str] = []
    widths = _widths(columns, rows, kept)
    while (over := _total(widths) - width) > 0:
        if _shrunk(columns, widths, over):
            continue
        given = min((at for at in kept if columns[at].gives), key=lambda at: columns[at].gives, default=None)
        if given is None:
            break
        kept.remove(given)
        dropped.append(columns[given].head)
        widths = _widths(columns, rows, kept)
    yield _line(columns, [one.head for one in columns], widths)
    for row in rows:
        yield _line(columns, row, widths)
    if dropped:
        yield f"not shown for want of room: {', '.join(dropped)}"


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], kept: Sequence[int]) -> dict[int, int]:
    return {at: max(len(columns[at].head), *(len(row[at]) for row in rows)) for at in kept}


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _shrunk(columns: Sequence[Column], widths: dict[int, int], over: int) -> bool:
    """Take up to `over` characters from the widest flexible column; False where none has any to give."""
    able = [at for at in widths if columns[at].flexible and widths[at] > max(LEAST, len(columns[at].head))]
    if not able:
        return False
    ordered = sorted(able, key=lambda at: -widths[at])
    widest = ordered[0]
    # Down to the next widest one, so that two long columns share what is missing.
    floor = max(LEAST, len(columns[widest].head), widths[ordered[1]] - 1 if len(ordered) > 1 else 0)
    widths[widest] = max(floor, widths[widest] - over)
    return True


def _line(columns: Sequence[Column], cells: Sequence[str], widths: dict[int, int]) -> str:
    shown = []
    for at, width in widths.items():
        cell = cells[at] if len(cells[at]) <= width else f"{cells[at][: width - 1]}…"
        shown.append(cell.rjust(width) if columns[at].right else cell.ljust(width))
    return (" " * GAP).join(shown).rstrip()
