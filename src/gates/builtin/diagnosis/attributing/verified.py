"""Verified: a set of factors is the cause if its flips repeat, and each factor put back takes them away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from gates.builtin.diagnosis.attributing.asking import Answer, Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.chance import by_chance
from gates.builtin.diagnosis.trial import Result

LEVEL = 0.005
MORE = 8  # further runs of either side, where the flips come and go
Is = Callable[[Answer], bool]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Flips with the factors at their values, and what came with them put back."""

    flips: int
    runs: int
    back: int  # runs with a factor put back, that ended as in the base
    back_runs: int
    silent: int = 0  # runs that say nothing: no time, not applied, our own failure
    shows: Result | None = None

    @property
    def holds(self) -> bool:
        """Whether the factors are proved to be the cause."""
        if self.silent or self.flips == 0 or self.back != self.back_runs or self.back == 0:
            return False
        return self.flips == self.runs or by_chance(self.flips, self.runs, self.back) < LEVEL

    @property
    def both_ways(self) -> bool:
        """Whether the test ended both ways in the same circumstances."""
        return 0 < self.flips < self.runs or 0 < self.back < self.back_runs


def verified(
    settings: Mapping[str, str],
    before: tuple[str, ...] = (),
    *,
    repeats: int = 3,
    inside: Is = bad,
    outside: Is = good,
    extend: bool = True,
) -> Search[Proof]:
    """The proof of one set of factors, each run alone in a process of its own.

    A set of several factors flips with all of them, and with each of them put back in turn it does not.
    """
    with_all = [ask(settings, number, before) for number in range(1, repeats + 1)]
    without = put_back(settings, before, repeats)
    answers = yield with_all + without
    flips, backs = answers[: len(with_all)], answers[len(with_all) :]
    if extend and _comes_and_goes(flips, backs, inside, outside):
        again = [ask(settings, repeats + number, before) for number in range(1, MORE + 1)]
        others = [_numbered(one, repeats) for one in put_back(settings, before, MORE)]
        answers = yield again + others
        flips, backs = flips + answers[: len(again)], backs + answers[len(again) :]
    return Proof(
        flips=sum(inside(one) for one in flips),
        runs=len(flips),
        back=sum(outside(one) for one in backs),
        back_runs=len(backs),
        silent=sum(one is None for one in flips + backs),
        shows=next((one for one in flips if inside(one)), None),
    )


def put_back(settings: Mapping[str, str], before: tuple[str, ...], repeats: int) -> list[Ask]:
    """The counterfactuals: each factor at its base value with the others as they are."""
    names = sorted(settings)
    if len(names) == 1:
        return [ask({}, number, before) for number in range(1, repeats + 1)]
    rests = [{name: settings[name] for name in names if name != one} for one in names]
    return [ask(rest, number, before) for number in range(1, repeats + 1) for rest in ({}, *rests)]


def _numbered(one: Ask, further: int) -> Ask:
    return msgspec.structs.replace(one, number=one.number + further)


def _comes_and_goes(flips: list[Answer], backs: list[Answer], inside: Is, outside: Is) -> bool:
    return any(inside(one) for one in flips) and not all(inside(one) for one in flips) and all(map(outside, backs))
