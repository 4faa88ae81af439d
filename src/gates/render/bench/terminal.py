"""Terminal: a line for each benchmark, and what to think of the comparison as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gates.model.measure import duration
from gates.render import escape
from gates.render.bench import words

if TYPE_CHECKING:
    from gates.model.reason import Reason

HEADINGS = ("benchmark", "base", "head", "change", "interval", "limit", "pairs", "verdict")
LEFT = frozenset({"benchmark", "verdict"})


def render(tables: Mapping[str, Any], verdict: str, reason: Reason | None = None) -> str:
    """The report, the verdict in its last line."""
    return "".join(f"{escape.commands(escape.line(line))}\n" for line in _lines(tables, verdict, reason))


def _lines(tables: Mapping[str, Any], verdict: str, reason: Reason | None) -> Iterator[str]:
    if tables:
        yield from _columns([HEADINGS, *map(_row, words.ranked(tables["benchmarks"]))])
        for one in tables["not_compared"]:
            yield f"{one['rule']} {one['because']}: {one['message']}"
        for one in tables["limits"]:
            yield f"{one['standing']}: {one['message']}"
        yield f"control: {words.control(tables)}"
        yield ", ".join(one for one in (words.machine(tables), words.noise(tables)) if one)
    if reason is not None:
        yield f"{reason.code}: {reason.message} (fix: {reason.fix})"
    yield verdict if verdict == "passed" else f"{verdict} (gates check bench)"


def _row(one: Mapping[str, Any]) -> Sequence[str]:
    low, high = one["interval"]
    doubts = [name for name, said in (("not proved", one["unproved"]), ("the control alarmed", one["alarmed"])) if said]
    return (
        escape.line(one["name"]),
        duration(one["base"]),
        duration(one["head"]),
        words.change(one["ratio"]),
        f"{words.change(low)} to {words.change(high)}",
        f"{words.number(one['limit'])} %",
        str(one["pairs"]),
        ", ".join([one["verdict"], *doubts]),
    )


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if len(rows) == 1:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (
            text.ljust(width) if name in LEFT else text.rjust(width)
            for name, text, width in zip(HEADINGS, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()
