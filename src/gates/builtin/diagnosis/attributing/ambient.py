"""Ambient: a test that ended both ways in the base, where nothing differed that is known of."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Found
from gates.builtin.diagnosis.trial import BAD, Result

AGAIN = 5
ONCE = "It failed in one of {runs} runs in which nothing was changed, and not again."


def ambient(case: Case, seen: Sequence[Result]) -> Search[Found]:
    """How often it ends badly alone, or after the tests before it, with nothing changed."""
    failed = sum(one.ended in BAD for one in seen)
    runs = len(seen)
    answers = yield [ask({}, number) for number in range(1, AGAIN + 1)]
    bads, goods = sum(map(bad, answers)), sum(map(good, answers))
    if bads and goods:
        return Found(chance=(failed + bads, runs + bads + goods))
    prefix = case.suite.before(case.nodeid)
    if prefix:
        answers = yield [ask({}, number, prefix) for number in range(1, 1 + (1 if case.careful else 3))]
        bads, goods = sum(map(bad, answers)), sum(map(good, answers))
    failed, runs = failed + bads, runs + bads + goods
    if failed > 1 and failed < runs:
        return Found(chance=(failed, runs))
    return Found(undecided=ONCE.format(runs=runs))
