"""Attempts: every execution of one trace in order, and failures each with the command that reproduces it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.render import summary
from gates.render.runs import columns, words
from gates.render.runs.columns import Column

if TYPE_CHECKING:
    from gates.record.asked.answers import Execution

COLUMNS = (
    Column(head="attempt", right=True),
    Column(head="when (UTC)"),
    Column(head="run"),
    Column(head="status"),
    Column(head="took", right=True),
    Column(head="span"),
    Column(head="retry of", gives=1),
    Column(head="error", flexible=True),
)


def traced(executions: Sequence[Execution], width: int) -> str:
    """All attempts at one question, the first one first."""
    first = executions[0]
    lines = [
        f"{first.kind} {words.text(first.subject)}",
        f"trace {words.text(first.trace_id)}, {summary.plural(len(executions), 'attempt')}",
        "",
        *columns.table(COLUMNS, list(map(_row, executions)), width),
    ]
    return words.document(lines)


def failures(executions: Sequence[Execution], *, more: bool) -> str:
    """What failed in the newest run of it, why, and how to see it again; `more` says that there are others."""
    lines = [line for one in executions for line in failure(one, run=True)]
    if more:
        lines.append(f"and more than these {len(executions):,} (--limit)")
    return words.document(lines)


def failure(one: Execution, margin: str = "", *, run: bool = False) -> Iterator[str]:
    """One failure: what, why, and the command that shows it again; with the `run` where that is not said above."""
    where = f"run {words.short(one.run)} {words.when(one.started)}".rstrip() if run else ""
    about = ", ".join(filter(None, (where, f"attempt {one.attempt}" if one.attempt > 1 else "")))
    yield f"{margin}{one.kind} {words.text(one.subject)}  {one.status}" + (f"  ({about})" if about else "")
    said = words.error(one.error_type, one.error_message)
    if said:
        yield f"{margin}  {said}"
    if one.reproduce:
        yield f"{margin}  shows it: {words.command(one.reproduce)}"


def _row(one: Execution) -> tuple[str, ...]:
    return (
        str(one.attempt),
        words.when(one.started, seconds=True),
        words.short(one.run),
        one.status,
        words.took(one.duration_ms),
        words.text(one.span_id),
        words.text(one.retry_of or ""),
        words.error(one.error_type, one.error_message),
    )
