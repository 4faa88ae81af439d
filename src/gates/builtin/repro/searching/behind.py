"""Behind: what is behind the differences of one artifact, over all rounds of builds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.repro.explaining.compared import Change
from gates.builtin.repro.facts import FACTORS, RANDOM, UNEXPLAINED, Broken, Difference, Round
from gates.builtin.repro.searching.mixed import MIXED, SEED
from gates.builtin.repro.searching.search import Attributed, Exhausted, Key, Lever, Search, Shown
from gates.builtin.repro.searching.trial import Budget, Trial, by_key

if TYPE_CHECKING:
    from gates.builtin.repro.circumstances.workshop import Made, Workshop

TIMES = frozenset({"mtime", "gzip-mtime"})
"""Attributes that follow the kernel's clock, which nobody can hold still: with nothing changed they differ too."""

VALUES: Mapping[Round, int] = {"varied": 1, "other": 2}
AGAIN = "rebuild"

STEADY = frozenset({*TIMES, "mode", "owner", "pax"})
"""Attributes that nobody draws by lot: one build with nothing changed tells them from what is random."""

STILL = 7
"""Builds with nothing changed: what has two outcomes by chance looks the same in all seven one time in 128."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All differences of one artifact with their factors, and the factors under which it does not build."""

    differences: tuple[Difference, ...] = ()
    broken: tuple[Broken, ...] = ()


def behind(workshop: Workshop, kind: Kind, rounds: Mapping[Round, Made], budget: Budget) -> Found:
    """What is behind each difference between the rounds' artifacts of one kind; nothing where there is none.

    Raises:
        Unsafe: an artifact must not be read.
    """
    reference = rounds["reference"].outcome
    if not isinstance(reference, Artifact) or all(_same(reference, one) for one in rounds.values()):
        return Found()
    trial = Trial(workshop, kind, reference, budget)
    pairs = [trial.learn(levers(value), rounds[name]) for name, value in VALUES.items()]
    pairs += [trial.learn(some, rounds[name]) for name, some in MIXED.items()]
    seen: dict[Key, Change] = {key: change for one in pairs for key, change in one.changes.items()}
    inquiry = _Inquiry(trial, rounds, seen)
    with suppress(Exhausted):
        inquiry.run()
    seen |= inquiry.twice
    known = {key for key, _ in inquiry.found}
    left = [Attributed(change, UNEXPLAINED) for key, change in seen.items() if key not in known]
    return Found(
        differences=tuple(sorted(_rows(kind, (*inquiry.found.values(), *left)), key=_place)),
        broken=tuple(Broken(kind=kind, factor=factor, message=said) for factor, said in sorted(inquiry.broken.items())),
    )


def levers(value: int) -> frozenset[Lever]:
    """Every factor but the second build at one value."""
    return frozenset(Lever(name, value) for name in FACTORS if name != AGAIN)


class _Inquiry:
    """The search over all rounds; what it found so far holds when its builds run out."""

    def __init__(self, trial: Trial, rounds: Mapping[Round, Made], seen: Mapping[Key, Change]) -> None:
        self._trial = trial
        self._rounds = rounds
        self._seen = seen
        self._searches: list[Search] = []
        self._own: dict[tuple[Key, str], Attributed] = {}
        self._breaks: dict[str, str] = {}
        self.twice: dict[Key, Change] = {}

    @property
    def found(self) -> Mapping[tuple[Key, str], Attributed]:
        """Changes by key and factor; of one seen at both values the first."""
        merged: dict[tuple[Key, str], Attributed] = dict(self._own)
        for one in self._searches:
            for where, attributed in one.found.items():
                merged.setdefault(where, attributed)
        return {where: one for where, one in merged.items() if not _follows(where, merged)}

    @property
    def broken(self) -> Mapping[str, str]:
        """Factors under which it does not build."""
        merged = dict(self._breaks)
        for one in self._searches:
            merged = {**one.broken, **merged}
        return merged

    def run(self) -> None:
        """Find all that can be found.

        Raises:
            Exhausted: no further build is allowed.
            Unsafe: an artifact must not be read.
        """
        still = self._still()
        for key, change in still.items():
            factor = "clock" if key[1] in TIMES else RANDOM
            self._own[key, factor] = Attributed(change, factor)
        beside = frozenset(still)
        for value in VALUES.values():
            search = Search(self._trial.shown, self._trial.suspects, beside)
            self._searches.append(search)
            every = levers(value)
            bearable = every - search.breakers(every)
            first = self._searches[0]
            if search is first:
                search.explain(bearable)
                continue
            new = self._trial.shown(bearable).changes.keys() - beside - first.explained
            if new:
                search.explain(bearable)
            accused = {factor for _, factor in first.found}
            if not new:
                search.alone(frozenset(one for one in bearable if one.factor not in accused))
            # At this value a factor may change more than what it was found for.
            search.each(frozenset(one for one in bearable if one.factor in accused))
        for some in MIXED.values():
            self._mixed(some, beside)
        self._second_builds(beside)

    def _still(self) -> Mapping[Key, Change]:
        """What builds with nothing changed show."""
        still: dict[Key, Change] = {}
        steady = all(attribute in STEADY for _, attribute in self._seen)
        for _ in range(1 if steady else STILL):
            still = {**self._trial.still().changes, **still}
        return still

    def _mixed(self, some: frozenset[Lever], beside: frozenset[Key]) -> None:
        """What is behind that which only `some` of the factors show, or only the hash seed of these."""
        search = Search(self._trial.shown, self._trial.suspects, beside)
        named = {part for factor in self.broken for part in factor.split("+")}
        left = frozenset(one for one in some if one.factor not in named)
        bearable = left - search.breakers(left)
        self._searches.append(search)
        known = {key for key, _ in self.found}
        shown = self._trial.shown(bearable).changes.keys() - beside
        if shown - known:
            search.explain(bearable)
            # What another factor hid so far may follow more than this round has.
            accused = {factor for _, factor in self.found}
            search.alone(frozenset(one for one in levers(1) if one.factor not in accused | named))
        elif any(
            attribute not in STEADY and ((member, attribute), SEED) not in self.found for member, attribute in shown
        ):
            search.each(frozenset(one for one in bearable if one.factor == SEED))

    def _second_builds(self, beside: frozenset[Key]) -> None:
        varied = self._rounds["varied"].outcome
        if not isinstance(varied, Artifact):
            return
        probes: Mapping[Round, Callable[[], Shown]] = {"again": self._trial.again, "after": self._trial.after}
        for name, probe in probes.items():
            second = self._rounds[name].outcome
            if not isinstance(second, Artifact):
                self._breaks[AGAIN] = second.message
                continue
            changed = {key: change for key, change in by_key(varied, second).items() if key not in beside}
            self.twice |= changed
            shown = probe().changes if changed else {}
            for key in shown.keys() - beside:
                self._own[key, AGAIN] = Attributed(shown[key], AGAIN)


def _follows(where: tuple[Key, str], found: Mapping[tuple[Key, str], Attributed]) -> bool:
    """Whether some of the factors that change this together do so without the others."""
    key, factor = where
    parts = set(factor.split("+"))
    return any(one == key and set(other.split("+")) < parts for one, other in found)


def _same(reference: Artifact, made: Made) -> bool:
    outcome = made.outcome
    return isinstance(outcome, Artifact) and (outcome.sha256, outcome.name) == (reference.sha256, reference.name)


def _rows(kind: Kind, found: Iterable[Attributed]) -> Iterable[Difference]:
    for one in found:
        yield Difference(
            kind=kind,
            member=one.change.member,
            attribute=one.change.attribute,
            factor=one.factor,
            before=one.change.before,
            after=one.change.after,
            excerpt=one.change.excerpt,
        )


def _place(one: Difference) -> tuple[str, str, str]:
    return (one.member, one.attribute, one.factor)
