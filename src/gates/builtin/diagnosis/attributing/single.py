"""Single: one combination in which a test moved, narrowed down to the factor, or the few, that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import join, split

import msgspec

from gates.builtin.diagnosis.attributing.asking import Answer, Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, kind_of
from gates.builtin.diagnosis.attributing.pairs import careful, chosen, minimal
from gates.builtin.diagnosis.attributing.verified import Is, Proof, verified
from gates.builtin.diagnosis.causes import Cause

VARIABLES = "environment"
SEED = "rngseed"
SEEDS = ("1", "2", "3", "5", "28", "4", "6", "7", "8")


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that are left and their proof."""

    settings: Mapping[str, str]
    proof: Proof


def narrowed(
    case: Case, settings: Mapping[str, str], before: tuple[str, ...] = (), inside: Is = bad, outside: Is = good
) -> Search[Narrowed | None]:
    """The least settings of a combination that move a test, proved; None where they do not move it again."""
    names = tuple(sorted(settings))
    repeats = 2 if case.careful else case.repeats
    found: Narrowed | None = None
    for number, way in ((0, minimal), (1, careful)):
        if number:
            (again,) = yield [ask(settings, number, before)]
            if not inside(again):
                return found
        put = _putting(settings, number, before)
        least = chosen(settings, (yield from way(names, put, inside)))
        proof = yield from verified(
            least, before, repeats=repeats, inside=inside, outside=outside, extend=not case.careful
        )
        found = Narrowed(settings=least, proof=proof)
        if proof.holds:
            return (yield from _simplest(found, before, inside))
        if proof.silent or proof.back < proof.back_runs:
            return found
        if set(least) == {"rngseed"}:
            return (yield from _seeded(case, found, before, inside, outside))
    return found


def drawn(
    case: Case, settings: Mapping[str, str], before: tuple[str, ...] = (), inside: Is = bad
) -> Search[dict[str, str]]:
    """A combination in which nothing is seeded with a seed that moves the test too, so that no draw is left to chance.

    The seed of the base is the best of them, for then it is no part of the cause. Where none does, it stays as it is.
    """
    rest = {name: value for name, value in settings.items() if name != SEED}
    if settings.get(SEED) != "none" or not rest:
        return dict(settings)
    (found,) = yield [ask(rest, 0, before)]
    if inside(found):
        return rest
    seeded = [{**settings, SEED: seed} for seed in SEEDS if seed in case.ledger.values(SEED)]
    answers: list[Answer] = (yield [ask(one, 0, before) for one in seeded]) if seeded else []
    return next((one for one, said in zip(seeded, answers, strict=True) if inside(said)), dict(settings))


def cause_of(found: Narrowed, before: tuple[str, ...] = ()) -> Cause:
    """The cause that a proof of a test that passes in the base makes."""
    names = tuple(sorted(found.settings))
    shows = found.proof.shows
    return Cause(
        factors=names,
        kind=kind_of(names),
        settings=dict(sorted(found.settings.items())),
        before=before,
        flips=found.proof.flips,
        runs=found.proof.runs,
        back=found.proof.back,
        ended=shows.ended if shows else "failed",
        fingerprint=shows.fingerprint if shows else "",
        message=shows.message if shows else "",
    )


def _putting(settings: Mapping[str, str], number: int, before: tuple[str, ...]) -> _Putting:
    return _Putting(settings=settings, number=number, before=before)


class _Putting(msgspec.Struct, frozen=True, kw_only=True):
    settings: Mapping[str, str]
    number: int
    before: tuple[str, ...]

    def __call__(self, names: tuple[str, ...]) -> Ask:
        return ask(chosen(self.settings, names), self.number, self.before)


def _simplest(found: Narrowed, before: tuple[str, ...], inside: Is) -> Search[Narrowed]:
    """The same with the one variable of the environment, or the two, that matter."""
    words = split(found.settings.get(VARIABLES, ""))
    if len(words) < 2:
        return found

    def put(some: tuple[str, ...], number: int = 0) -> Ask:
        return ask({**found.settings, VARIABLES: join(some)}, number, before)

    some = yield from minimal(words, put, inside)
    simple = {**found.settings, VARIABLES: join(word for word in words if word in some)}
    answers: list[Answer] = yield [ask(simple, number, before) for number in range(1, found.proof.runs + 1)]
    if not all(inside(one) for one in answers):
        return found
    return msgspec.structs.replace(found, settings=simple)


def _seeded(case: Case, found: Narrowed, before: tuple[str, ...], inside: Is, outside: Is) -> Search[Narrowed]:
    """The same with a seed that moves the test each time, where without one it moves now and then."""
    seeds = [seed for seed in SEEDS if seed in case.ledger.values("rngseed") and seed != found.settings["rngseed"]]
    answers: list[Answer] = yield [ask({"rngseed": seed}, 0, before) for seed in seeds]
    for seed, one in zip(seeds, answers, strict=True):
        if inside(one):
            proof = yield from verified(
                {"rngseed": seed}, before, repeats=case.repeats, inside=inside, outside=outside, extend=False
            )
            if proof.holds:
                return Narrowed(settings={"rngseed": seed}, proof=proof)
    return found
