"""Tests: those whose outcome moved over runs, and those that take the longest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gates.render.runs import columns, words
from gates.render.runs.columns import Column

if TYPE_CHECKING:
    from gates.record.asked.answers import Flaky, Slow

FLAKY = (
    Column(head="rate", right=True),
    Column(head="flips", right=True),
    Column(head="same files", right=True),
    Column(head="reruns", right=True, gives=1),
    Column(head="failed", right=True, gives=2),
    Column(head="last (UTC)", gives=3),
    Column(head=""),
    Column(head="test"),
)
SLOW = (
    Column(head="median", right=True),
    Column(head="most", right=True),
    Column(head="last", right=True),
    Column(head="runs", right=True, gives=1),
    Column(head="test"),
)


def flaky(tests: Sequence[Flaky], width: int) -> str:
    """A line for each test; the name stands last, whole, so that it can be copied."""
    lines = list(columns.table(FLAKY, list(map(_flaky, tests)), width))
    if any(map(is_sure, tests)):
        lines.append("sure: the outcome moved though no file had changed. gates diagnose TEST finds the cause")
    if not all(map(is_sure, tests)):
        lines.append("not sure: files had changed each time, so it may be the code that failed and was mended")
    return words.document(lines)


def is_sure(one: Flaky) -> bool:
    """Whether nothing but the test itself, or what it meets, can have moved its outcome."""
    return bool(one.same_tree or one.reruns)


def slowest(tests: Sequence[Slow], width: int) -> str:
    """A line for each test, the slowest first."""
    rows = [
        (
            words.took(one.median_ms),
            words.took(one.most_ms),
            words.took(one.last_ms),
            str(one.runs),
            words.text(one.test),
        )
        for one in tests
    ]
    return words.document(columns.table(SLOW, rows, width))


def _flaky(one: Flaky) -> tuple[str, ...]:
    return (
        f"{100 * one.rate:.0f} %",
        f"{one.flips:,}/{one.pairs:,}",
        f"{one.same_tree:,}",
        f"{one.reruns:,}" if one.reruns else "",
        f"{one.failures:,}/{one.runs:,}",
        words.when(one.last),
        "sure" if is_sure(one) else "",
        words.text(one.test),
    )
