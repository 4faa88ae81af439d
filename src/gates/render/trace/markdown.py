"""Markdown: the verdict and what to do, the findings, and the matrix; small enough for a comment."""

from __future__ import annotations

from collections.abc import Iterator

from gates.render import comment, escape
from gates.render.trace import words
from gates.render.trace.words import Value

_RESERVE = 200
"""Bytes kept for the line that says what was cut."""

HEADINGS = "| id | status | tests | evidence | title |\n|---|---|---|---|---|"
LOUD = {"FAILED": "**FAILED**", "MISSING": "**MISSING**", "STALE": "**STALE**"}


def render(value: Value) -> str:
    """The report; of what does not fit, the last items go first, and are counted."""
    head = [f"## trace: {escape.markdown(words.headline(value))}"]
    head += [escape.markdown(one) for one in words.advice(value)]
    found = [f"- {escape.markdown(one)}" for one in words.findings(value["findings"])]
    tail = _tail(value)
    left = comment.LIMIT - _RESERVE - sum(map(comment.size, (*head, *tail, HEADINGS)))
    found, lost = comment.fitting(found, left)
    rows, more = comment.fitting([*map(_row, value["items"])], left - sum(map(comment.size, found)))
    blocks = [*head]
    if found:
        blocks.append("\n".join(found))
    if rows:
        blocks.append("\n".join([HEADINGS, *rows]))
    if lost + more:
        blocks.append(f"**Cut:** {words.many(lost + more, 'more line')}; the JSON report has them all.")
    return escape.commands("\n\n".join([*blocks, *tail])) + "\n"


def _tail(value: Value) -> list[str]:
    said = [words.statuses(value), *words.sources(value), *(f"note: {one}" for one in value["notes"])]
    return [escape.markdown(one) for one in said if one]


def _row(one: Value) -> str:
    return f"| {' | '.join(_cells(one))} |"


def _cells(one: Value) -> Iterator[str]:
    yield escape.code_span(one["id"]).replace("|", "\\|")
    yield escape.markdown(words.status(one))
    yield escape.markdown(words.tests(one))
    proved = words.evidence(one)
    yield LOUD.get(proved) or escape.markdown(proved)
    yield escape.markdown(one["title"])
