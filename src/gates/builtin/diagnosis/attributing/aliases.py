"""Aliases: a flip by order, repetition or workers that seeds of the generators explain alone is a matter of seeds."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case
from gates.builtin.diagnosis.attributing.single import Narrowed, cause_of
from gates.builtin.diagnosis.attributing.verified import verified
from gates.builtin.diagnosis.causes import Cause

EACH = ("each:0", "each:1")
FIRST = ("1", "2", "3", "5")
REST = ("28", "4", "6", "7", "8")


def seeded(case: Case, more: bool = False) -> Search[Cause | None]:
    """The seed that moves a test when it runs alone, proved; None where those that are tried do not."""
    seeds = REST if more else (*FIRST, *EACH)
    values = case.ledger.values("rngseed")
    seeds = tuple(seed for seed in seeds if seed in values or (values and seed in EACH))
    if not seeds:
        return None
    answers = yield [ask({"rngseed": seed}) for seed in seeds]
    for seed, one in zip(seeds, answers, strict=True):
        if bad(one):
            proof = yield from verified({"rngseed": seed}, repeats=case.repeats, extend=False)
            if proof.holds:
                return cause_of(Narrowed(settings={"rngseed": seed}, proof=proof))
    return None


def steady(case: Case, settings: Mapping[str, str], before: tuple[str, ...]) -> Search[bool]:
    """Whether a flip goes away when the generators are seeded before each test, so that it came of their state.

    A test that fails whenever it is seeded so has a seed of its own, and says the same.
    """
    if not case.ledger.values("rngseed"):
        return False
    alone = yield [ask({"rngseed": seed}) for seed in EACH]
    passing = [seed for seed, one in zip(EACH, alone, strict=True) if good(one)]
    if not passing:
        return all(bad(one) for one in alone)
    answers = yield [ask({**settings, "rngseed": seed}, 1, before) for seed in passing]
    return all(good(one) for one in answers)
