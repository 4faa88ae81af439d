"""Terminal: the verdict and what to do, the matrix, and the findings; as wide as the terminal is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gates.render import escape
from gates.render.trace import lists, words
from gates.render.trace.words import Value

HEADINGS = ("id", "status", "tests", "evidence", "title")
NARROW = 60
"""Columns below which titles are left out, and what the tests proved is on a line of its own."""


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
            yield f"{lists.identity(one, width // 2)}  {lists.cut(words.status(one), width // 2 - 2)}"
            proved = ", ".join(filter(None, (words.tests(one), words.evidence(one))))
            yield f"  {lists.cut(proved, width - 2)}"
        return
    yield from lists.table(HEADINGS, [*map(_row, items)], width)


def _row(one: Value) -> tuple[str, ...]:
    return (lists.identity(one), words.status(one), words.tests(one), words.evidence(one), one["title"])
