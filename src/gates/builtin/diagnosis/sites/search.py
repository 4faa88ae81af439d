"""Search: lines are perturbed one at a time; those that alone make the same failure are the sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import settled
from gates.builtin.diagnosis.sites.evidence import Seen, likely, nearest
from gates.builtin.diagnosis.trial import BAD, Laboratory, Place, Ran, Trial

ISOLATED = frozenset({
    "clock", "cpus", "environment", "hashseed", "listing", "locale", "network", "optimize", "rngseed", "timezone",
    "umask",
})  # fmt: skip
"""Factors that can be another for one line than for all others."""
MOST = 64
AT_ONCE = 6


def find(lab: Laboratory, nodeid: str, cause: Cause, back: Mapping[str, str]) -> tuple[Place, ...]:
    """The lines that read the factors of a cause, one for each; none where that cannot be told.

    `back` are the settings in which the test passes.
    """
    return Search(lab, nodeid, cause, back).sites()


class Search:
    """What is found out about the lines of one test."""

    def __init__(self, lab: Laboratory, nodeid: str, cause: Cause, back: Mapping[str, str]) -> None:
        self._lab, self._nodeid, self._cause = lab, nodeid, cause
        self._flip, self._back = settled(cause.settings), settled(back)
        self._tests = tuple(dict.fromkeys((*cause.before, nodeid)))
        if cause.kind == "brittle":
            self._tests = (nodeid,)  # it is alone that it fails
        if cause.kind == "concurrency":
            self._tests = tuple(dict.fromkeys((*cause.before, *cause.culprits, nodeid)))
        # Where it fails in the base itself, a line is given what makes it pass.
        self._inverse = not self._flip and bool(self._back)
        # One that fails at the base's values for another reason fails whatever the line is.
        self._pinned = bool(self._flip and self._back)

    def sites(self) -> tuple[Place, ...]:
        """The lines."""
        watch = tuple(sorted(self._cause.factors))
        bad, good = self._lab.run([
            Trial(tests=self._tests, settings=self._flip, watch=watch),
            Trial(tests=self._of_back(), settings=self._back, watch=watch),
        ])  # fmt: skip
        self._failed = bad.of(self._nodeid)
        seen = {name: Seen.of(name, self._nodeid, self._cause, bad, good) for name in watch}
        if len(watch) > 1:
            return self._of_several(seen)
        return self._of_one(seen[watch[0]]) if watch else ()

    def _of_back(self) -> tuple[str, ...]:
        """What runs where the test passes: a victim without its polluters, a brittle one with what it builds on."""
        if self._cause.kind == "brittle":
            return tuple(dict.fromkeys((*(self._cause.before or self._cause.culprits), self._nodeid)))
        return (*self._cause.needs, self._nodeid) if self._cause.kind == "victim" else self._tests

    def _of_one(self, seen: Seen) -> tuple[Place, ...]:
        if seen.factor in ISOLATED and (self._flip or self._inverse) and not self._pinned:
            found = self._alone(seen.candidates[:MOST])
            if found:
                return nearest(found, seen)
        return likely(seen)

    def _of_several(self, seen: Mapping[str, Seen]) -> tuple[Place, ...]:
        """Of a pair, the fewest lines that do it together, or one for each factor by what was seen."""
        if all(name in ISOLATED for name in seen) and not self._pinned:
            every = tuple(dict.fromkeys(place for one in seen.values() for place in one.candidates))[:MOST]
            single = self._alone(every) if len(every) <= AT_ONCE else ()
            if single:
                return nearest(single, next(iter(seen.values())))
            if every and self._does([every])[0]:
                return self._fewest(every)
        found: dict[Place, None] = {}
        for one in seen.values():
            found.update(dict.fromkeys(likely(one)))
        return tuple(sorted(found))

    def _fewest(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Lines of which none can be spared; that of the failure is the last to go."""
        for place in sorted(places, key=lambda one: one == self._failed.place):
            rest = tuple(one for one in places if one != place)
            if rest and self._does([rest])[0]:
                places = rest
        return tuple(sorted(places))

    def _alone(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """The lines that do it by themselves; many are tried in halves first."""
        groups = [(one,) for one in places] if len(places) <= AT_ONCE else list(_halves(places))
        found: list[Place] = []
        while groups:
            doing = [group for group, does in zip(groups, self._does(groups), strict=True) if does]
            found += [group[0] for group in doing if len(group) == 1]
            groups = [half for group in doing if len(group) > 1 for half in _halves(group)]
        return tuple(one for one in places if one in found)

    def _does(self, groups: Sequence[tuple[Place, ...]]) -> list[bool]:
        """Of each group of lines, whether the test ends as in the flip where only these are perturbed."""
        settings = self._back if self._inverse else self._flip
        watch = tuple(name for name in self._cause.factors if name == "hashseed")
        trials = [Trial(tests=self._tests, settings=settings, watch=watch, at=group) for group in groups]
        return [self._same(ran) for ran in self._lab.run(trials)]

    def _same(self, ran: Ran) -> bool:
        if ran.status != "done":
            return False
        found = ran.of(self._nodeid)
        if self._inverse:
            return found.ended not in BAD
        if found.ended != self._failed.ended or found.own:
            return False
        return not self._failed.fingerprint or found.fingerprint == self._failed.fingerprint


def _halves(places: tuple[Place, ...]) -> tuple[tuple[Place, ...], ...]:
    middle = (len(places) + 1) // 2
    return places[:middle], places[middle:]
