"""The ledger: a laboratory that keeps the accounts of what was asked of another, and asks nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gates.builtin.diagnosis.trial import Effect, Laboratory, Ran, Result, Trial


class Turn(NamedTuple):
    """One turn of a test, in the run that it was part of."""

    ran: Ran
    result: Result

    @property
    def before(self) -> tuple[str, ...]:
        """The tests that ran before it in its process."""
        worker = [one for one in self.ran.results if one.worker == self.result.worker]
        return tuple(one.nodeid for one in worker[: worker.index(self.result)])


OUT_OF_TIME = "No time was left to finish the search: give it more with --time-budget, or call it again to go on."


class Ledger:
    """Runs trials in a laboratory and notes which factors were proved, which were missed, and what went outward."""

    def __init__(self, lab: Laboratory) -> None:
        self.lab = lab
        self.known: dict[Trial, Ran] = {}
        self.trials = 0
        self.exhausted = False
        self.applied: set[str] = set()
        self.missed: dict[str, str] = {}
        self.methods: dict[str, str] = {}
        self.effects: dict[str, dict[tuple[str, str], Effect]] = {}
        self.turns_of: dict[str, list[Turn]] = {}

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Factors of which no value can be had, with the reason."""
        return self.lab.unavailable

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had."""
        return () if factor in self.lab.unavailable else tuple(self.lab.values(factor))

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each trial; one that is known is not run again, and none is when no time is left."""
        wanted = [one for one in dict.fromkeys(trials) if one not in self.known]
        if wanted and not self.exhausted:
            for ran in self.lab.run(wanted):
                self._note(ran)
        return [self.known.get(one, Ran(trial=one, status="budget", reason=OUT_OF_TIME)) for one in trials]

    def _note(self, ran: Ran) -> None:
        if ran.status == "budget":
            self.exhausted = True
            return
        self.known[ran.trial] = ran
        self.trials += 1
        if not ran.trial.at:  # a line that a test did not come to says nothing of the factor in other runs
            self.missed.update(ran.missed)
        if ran.status == "broken":
            return
        self.applied.update(name for name, _ in ran.trial.settings if name not in ran.missed)
        if not ran.trial.at:
            self.methods.update(ran.methods)
        for effect in ran.effects:
            self.effects.setdefault(effect.nodeid, {})[effect.what, effect.target] = effect
        for result in ran.results:
            self.turns_of.setdefault(result.nodeid, []).append(Turn(ran, result))

    def turns(self, nodeid: str) -> tuple[Turn, ...]:
        """Every turn of a test in all runs so far."""
        return tuple(self.turns_of.get(nodeid, ()))

    def targets(self, nodeid: str, what: str) -> tuple[str, ...]:
        """Where a test reached out of its copy: other machines (`outward`), or files that it wrote (`write`)."""
        return tuple(sorted({effect.target for effect in self.effects.get(nodeid, {}).values() if effect.what == what}))


def table(ran: Ran, turn: int | None = None) -> dict[str, Result]:
    """How each test ended by node id: the worst of its turns, or the one that is named."""
    found: dict[str, Result] = {}
    for result in ran.results:
        if turn is not None and result.turn != turn:
            continue
        if result.nodeid not in found or _rank(result) > _rank(found[result.nodeid]):
            found[result.nodeid] = result
    return found


def ending(found: Mapping[str, Result], nodeid: str) -> Result:
    """How one test ended: with its file where that could not be imported; a file passes if any test of it ran."""
    if nodeid in found:
        return found[nodeid]
    path = nodeid.split("::", maxsplit=1)[0]
    if path in found and found[path].ended == "uncollected":
        return found[path]
    if path == nodeid and any(one.startswith(f"{path}::") for one in found):
        return Result(nodeid=nodeid, ended="passed")
    return Result(nodeid=nodeid, ended="missing", fingerprint="missing")


def _rank(result: Result) -> int:
    return {"passed": 1, "skipped": 0}.get(result.ended, 2)
