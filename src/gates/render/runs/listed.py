"""Listed: recorded runs, the newest first, a line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gates.render.runs import columns, words
from gates.render.runs.columns import Column

if TYPE_CHECKING:
    from gates.record.asked.answers import Run

COLUMNS = (
    Column(head="run"),
    Column(head="when (UTC)"),
    Column(head="command", gives=5),
    Column(head="commit", flexible=True),
    Column(head="verdict"),
    Column(head="red gates", flexible=True),
    Column(head="failed", right=True, gives=4),
    Column(head="took", right=True, gives=3),
    Column(head="source", gives=2),
    Column(head="attempt", right=True, gives=1),
)


def render(runs: Sequence[Run], width: int, *, more: bool) -> str:
    """The table; `more` says that there are others, which the limit cut off.

    `failed` are tests that failed, of all that ran; `attempt` stands where it is not the first.
    """
    twice = {name for name, number in Counter(words.short(one.run) for one in runs).items() if number > 1}
    lines = list(columns.table(COLUMNS, [_row(one, twice) for one in runs], width))
    if more:
        lines.append(f"and more before these {len(runs):,} (--limit)")
    return words.document(lines)


def _row(one: Run, twice: set[str]) -> tuple[str, ...]:
    short = words.short(one.run)
    return (
        words.text(one.run) if short in twice else short,
        words.when(one.started),
        words.text(one.command, 40),
        words.place(one.commit, one.branch),
        one.status,
        words.text(", ".join(one.red)),
        f"{one.failed_tests:,}/{one.tests:,}" if one.tests else "",
        words.took(one.duration_ms),
        "backfilled" if one.backfilled else "",
        str(one.attempt) if one.attempt > 1 else "",
    )
