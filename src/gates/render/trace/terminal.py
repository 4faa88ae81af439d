"""Terminal: the verdict and what to do, the matrix, and the findings; as wide as the terminal is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gates.render import escape
from gates.render.trace import words
from gates.render.trace.words import Value

HEADINGS = ("id", "status", "tests", "evidence", "title")
NARROW = 60
"""Columns below which titles are left out, and what the tests proved is on a line of its own."""

LEAST = 12
"""Characters of a title that are worth showing."""

LONGEST = 40
"""Characters of an id or a status; derived ids are whole titles."""


def render(value: Value, width: int = 100) -> str:
    """The report."""
    return _text(_lines(value, width))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{escape.commands(escape.line(line))}\n" for line in lines)


def _lines(value: Value, width: int) -> Iterator[str]:
    yield f"trace: {words.headline(value)}"
    yield from words.advice(value)
    if value["items"]:
        yield ""
        yield from matrix(value["items"], width)
        yield words.statuses(value)
        yield from words.sources(value)
    if value["findings"]:
        yield ""
        yield from words.findings(value["findings"])
    yield from (f"note: {one}" for one in value["notes"])


def matrix(items: Sequence[Value], width: int) -> Iterator[str]:
    """A line for each item under its headings; two on a narrow terminal."""
    if width < NARROW:
        for one in items:
            yield f"{_cut(one['id'], width // 2)}  {_cut(words.status(one), width // 2 - 2)}"
            proved = ", ".join(filter(None, (words.tests(one), words.evidence(one))))
            yield f"  {_cut(proved, width - 2)}"
        return
    rows = [HEADINGS, *map(_row, items)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    left = width - sum(widths[:-1]) - 2 * len(widths[:-1])
    titled = left >= LEAST
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row[:-1], widths, strict=False)]
        if titled:
            cells.append(_cut(row[-1], left))
        yield "  ".join(cells).rstrip()


def _row(one: Value) -> tuple[str, ...]:
    return (
        _cut(one["id"], LONGEST),
        _cut(words.status(one), LONGEST),
        words.tests(one),
        words.evidence(one),
        escape.line(one["title"]),
    )


def _cut(text: str, most: int) -> str:
    shown = escape.line(text)
    return shown if len(shown) <= most else f"{shown[: max(most - 1, 0)]}…"
