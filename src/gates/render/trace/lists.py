"""Lists: what is open, and what a change touches, for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gates.render import escape
from gates.render.trace import words
from gates.render.trace.words import Value

LEAST = 12
"""Characters of a title that are worth showing."""

LONGEST = 40
WHAT = {
    "document": "its document",
    "file": "its file",
    "test": "its test",
    "code": "code that names it",
    "executed": "code that its tests run",
    "item": "its text",
}
"""What of an item a change touches."""


def todo(value: Value, width: int = 100) -> str:
    """What is open, a line for each item."""
    items = value["items"]
    head = f"{words.many(len(items), 'item')} open" if items else "nothing is open"
    rows = [(identity(one), one["severity"], words.status(one), words.evidence(one), one["title"]) for one in items]
    return _text([head, *_because(value), *table(("id", "severity", "status", "evidence", "title"), rows, width)])


def impact(value: Value, width: int = 100) -> str:
    """What a change touches: an item, and below it what of it."""
    return _text(_impact(value, width))


def _impact(value: Value, width: int) -> Iterator[str]:
    if value["base"] is not None:
        items = value["items"]
        since = f"the change since {value['base'][:12]}"
        yield f"{since} touches {words.many(len(items), 'item')}" if items else f"{since} touches no item"
    yield from _because(value)
    for one in value["items"]:
        yield cut(f"{one['id']}  {words.status(one)}, {words.evidence(one)}  {one['title']}", width)
        for row in one["touched"]:
            yield f"  {WHAT[row['what']]}: {words.place(row)}"


def _because(value: Value) -> Iterator[str]:
    reason = value["reason"]
    if reason is not None:
        yield f"{value['verdict']}: {reason.message} (fix: {reason.fix})"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Rows under their headings; the last column is cut at the width, and left out where nothing of it would be left.

    A column in which nothing stands is left out too.
    """
    if not rows:
        return
    shown = [(*(cut(cell, LONGEST) for cell in row[:-1]), escape.line(row[-1])) for row in rows]
    kept = [at for at in range(len(headings)) if any(row[at] for row in shown)]
    columns = [[headings[at], *(row[at] for row in shown)] for at in kept]
    last = columns.pop() if kept[-1] == len(headings) - 1 else None
    widths = [max(map(len, column)) for column in columns]
    padded = [[cell.ljust(size) for cell in column] for column, size in zip(columns, widths, strict=True)]
    left = width - sum(len(column[0]) + 2 for column in padded)
    if last is not None and left >= LEAST:
        padded.append([cut(cell, left) for cell in last])
    for row in zip(*padded, strict=True):
        yield "  ".join(row).rstrip()


def identity(one: Value, most: int = LONGEST) -> str:
    """The id of an item; of a long one that was made of headings and a title the end, which no other item has."""
    shown = escape.line(one["id"])
    if one["derived"] and len(shown) > most:
        return f"…{shown[len(shown) - most + 1 :]}"
    return cut(shown, most)


def cut(text: str, most: int) -> str:
    """A text as one line of so many characters at most."""
    shown = escape.line(text)
    return shown if len(shown) <= most else f"{shown[: max(most - 1, 0)]}…"


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{escape.commands(escape.line(line))}\n" for line in lines)
