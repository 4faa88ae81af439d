"""Search: group testing over factors, from builds that differ down to the factors that each difference follows.

The likeliest factors are tried alone, all others at once; only where those others show something are they halved
(Dorfman's group testing). What no factor shows alone is narrowed down to the fewest that show it together (the
minimising delta debugging of Zeller and Hildebrandt, 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import msgspec

from gates.builtin.repro.explaining.compared import Change
from gates.builtin.repro.facts import FactorName

Key = tuple[str, str]
"""Member and attribute."""


class Lever(msgspec.Struct, frozen=True, order=True):
    """One factor at one of its values other than the reference's."""

    factor: FactorName
    value: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a build under some levers shows beside the reference: its changes by key, or why it failed."""

    changes: Mapping[Key, Change] = {}
    broken: str | None = None


class Attributed(msgspec.Struct, frozen=True):
    """A change, and the factor that it follows; several joined by `+` that act only together."""

    change: Change
    factor: str


class Exhausted(Exception):  # noqa: N818 - not an error: the search ends where its builds do
    """No further build is allowed."""


Probe = Callable[[frozenset[Lever]], Shown]
"""What a build under these levers, and all else as in the reference, shows; raises `Exhausted`."""


class Search:
    """The search for one artifact; `found` and `broken` grow while it goes on, and hold when it is cut short."""

    def __init__(self, probe: Probe, suspects: Callable[[Key], Sequence[str]], beside: frozenset[Key]) -> None:
        """`suspects` are the likeliest factors of a key; keys `beside` are explained already and never looked at."""
        self._probe = probe
        self._suspects = suspects
        self._beside = beside
        self.found: dict[tuple[Key, str], Attributed] = {}
        self.broken: dict[str, str] = {}

    @property
    def explained(self) -> frozenset[Key]:
        """The keys that some factor was found for."""
        return frozenset(key for key, _ in self.found)

    def breakers(self, levers: frozenset[Lever]) -> frozenset[Lever]:
        """Those of `levers` without which the rest builds; each is noted with what the backend said.

        Raises:
            Exhausted: no further build is allowed.
        """
        left = levers
        taken: set[Lever] = set()
        while left and self._probe(left).broken is not None:
            culprits = minimised(left, lambda some: self._probe(some).broken is not None)
            self.broken[joined(culprits)] = self._probe(culprits).broken or ""
            taken |= culprits
            left -= culprits
        return frozenset(taken)

    def explain(self, levers: frozenset[Lever]) -> None:
        """Find the factors behind all that a build under `levers` shows.

        Raises:
            Exhausted: no further build is allowed.
        """
        goal = self._shown(levers)
        likely = {factor for key in goal for factor in self._suspects(key)}
        alone = sorted(one for one in levers if one.factor in likely)
        for one in alone:
            self._take(frozenset({one}))
        self._halve(sorted(levers.difference(alone)))
        self._together(levers, goal.difference(self.explained))

    def alone(self, levers: frozenset[Lever]) -> None:
        """Find the factors among `levers` that show something by themselves or as a group.

        Raises:
            Exhausted: no further build is allowed.
        """
        self._halve(sorted(levers))

    def each(self, levers: frozenset[Lever]) -> None:
        """Find what each of `levers` shows by itself.

        Raises:
            Exhausted: no further build is allowed.
        """
        for one in sorted(levers):
            self._take(frozenset({one}))

    def _halve(self, levers: Sequence[Lever]) -> None:
        if not levers:
            return
        shown = self._shown(frozenset(levers))
        if not shown:
            return
        if len(levers) == 1:
            self._take(frozenset(levers))
            return
        middle = len(levers) // 2
        self._halve(levers[:middle])
        self._halve(levers[middle:])
        self._together(frozenset(levers), shown.difference(self.explained))

    def _together(self, levers: frozenset[Lever], keys: frozenset[Key]) -> None:
        while keys:
            self._take(minimised(levers, partial(self._shows, keys)))
            rest = keys.difference(self.explained)
            if rest == keys:
                return
            keys = rest

    def _shows(self, keys: frozenset[Key], levers: frozenset[Lever]) -> bool:
        return not keys.isdisjoint(self._shown(levers))

    def _take(self, levers: frozenset[Lever]) -> None:
        changes = self._probe(levers).changes
        for key in changes.keys() - self._beside:
            self.found.setdefault((key, joined(levers)), Attributed(changes[key], joined(levers)))

    def _shown(self, levers: frozenset[Lever]) -> frozenset[Key]:
        return frozenset(self._probe(levers).changes.keys() - self._beside)


def minimised(levers: frozenset[Lever], fails: Callable[[frozenset[Lever]], bool]) -> frozenset[Lever]:
    """A smallest subset of `levers` for which `fails` holds, as it does for all of them: without any one it does not.

    The algorithm `ddmin` of Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.
    """
    kept = sorted(levers)
    parts = 2
    while len(kept) > 1:
        chunks = _chunks(kept, parts)
        smaller = next((one for one in chunks if fails(frozenset(one))), None)
        if smaller is not None:
            kept, parts = list(smaller), 2
            continue
        rest = next((left for one in chunks if fails(frozenset(left := _without(kept, one)))), None)
        if rest is not None and parts > 2:
            kept, parts = list(rest), parts - 1
            continue
        if parts >= len(kept):
            break
        parts = min(len(kept), 2 * parts)
    return frozenset(kept)


def joined(levers: Iterable[Lever]) -> str:
    """The factors of `levers`, sorted and joined by `+`."""
    return "+".join(sorted({one.factor for one in levers}))


def _chunks(kept: Sequence[Lever], parts: int) -> list[Sequence[Lever]]:
    size, more = divmod(len(kept), parts)
    ends = [0]
    for index in range(parts):
        ends.append(ends[-1] + size + (index < more))
    return [kept[start:end] for start, end in pairwise(ends) if end > start]


def _without(kept: Sequence[Lever], chunk: Sequence[Lever]) -> list[Lever]:
    return [one for one in kept if one not in chunk]
