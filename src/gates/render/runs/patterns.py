"""Patterns: failures that look the same, the most frequent first, each with an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.render import summary
from gates.render.runs import words

if TYPE_CHECKING:
    from gates.record.asked.answers import Pattern

SUBJECTS = 5
"""Subjects of a pattern that are named; the others are counted."""


def render(patterns: Sequence[Pattern], *, more: bool) -> str:
    """A block for each pattern; `more` says that there are others, which the limit cut off."""
    lines: list[str] = []
    for one in patterns:
        lines += ["", *_block(one)] if lines else _block(one)
    if more:
        lines += ["", f"and more patterns than these {len(patterns):,} (--limit)"]
    return words.document(lines)


def _block(one: Pattern) -> Iterator[str]:
    said = words.error(one.error_type, one.error_message) or "without a message"
    yield f"{words.text(one.stack_hash)}  {said}"
    times = "once" if one.count == 1 else f"{one.count:,} times"
    first, last = words.when(one.first), words.when(one.last)
    seen = f"at {first}" if first == last else f"first {first}, last {last}"
    yield f"  {times} in {summary.plural(one.runs, 'run')}, {seen}"
    for subject in one.subjects[:SUBJECTS]:
        yield f"  {words.text(subject)}"
    if len(one.subjects) > SUBJECTS:
        yield f"  and {len(one.subjects) - SUBJECTS:,} more"
    yield f"  example: run {words.short(one.example.run)}, trace {words.text(one.example.trace_id)}"
    if one.example.reproduce:
        yield f"  shows it: {words.command(one.example.reproduce)}"
