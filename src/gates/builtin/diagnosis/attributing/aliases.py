"""Aliases: a flip by order, repetition or workers that comes of the state of the generators is a matter of seeds."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case

EACH = ("each:0", "each:1")


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
