"""A laboratory whose tests do what a function says: for the search, which must be right whatever the truth is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.trial import Ended, Ran, Result, Trial


class Situation(NamedTuple):
    """What one turn of a test finds."""

    nodeid: str
    settings: Mapping[str, str]  # of every factor
    before: tuple[str, ...]  # tests that ran in the process, oldest first
    turn: int
    number: int  # of the repetition of the trial
    raw: Mapping[str, str] = {}  # the settings as they were asked for, which may be values that change nothing

    @property
    def means(self) -> frozenset[str]:
        """Factors whose means are in place, be it to change nothing."""
        return frozenset(name for name, value in self.raw.items() if value != FACTORS[name].base)


Truth = Callable[[Situation], Ended]


class FakeLaboratory:
    """Runs trials in no process; `trials` has all that were asked for, in their order."""

    def __init__(self, tests: Sequence[str], truth: Truth, unavailable: Mapping[str, str] | None = None) -> None:
        self.tests = tuple(tests)
        self.truth = truth
        self.trials: list[Trial] = []
        self._unavailable = dict(unavailable or {})

    @property
    def unavailable(self) -> Mapping[str, str]:
        return self._unavailable

    def values(self, factor: str) -> tuple[str, ...]:
        return () if factor in self._unavailable else FACTORS[factor].values

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        self.trials += trials
        return [self.ran(trial) for trial in trials]

    def ran(self, trial: Trial) -> Ran:
        settings = {name: factor.base for name, factor in FACTORS.items()} | dict(trial.settings)
        raw = dict(settings)
        settings |= {name: _effective(name, value) for name, value in raw.items()}
        tests = [one for one in (trial.tests or self.tests) if one in self.tests]
        if settings["order"] == "reversed":
            tests.reverse()
        if settings["order"].startswith("shuffled:"):
            Random(settings["order"]).shuffle(tests)
        results: list[Result] = []
        before: tuple[str, ...] = ()
        for turn in range(1, int(settings["repeat"]) + 1):
            for nodeid in tests:
                ended = self.truth(Situation(nodeid, settings, before, turn, trial.number, raw))
                mark = f"call {ended} {nodeid}" if ended not in ("passed", "skipped") else ""
                results.append(Result(nodeid=nodeid, ended=ended, turn=turn, fingerprint=mark, seconds=0.001))
                before = (*before, nodeid)
        missed = {name: self._unavailable[name] for name, _ in trial.settings if name in self._unavailable}
        return Ran(trial=trial, results=tuple(results), missed=missed, seconds=1.0)


def _effective(name: str, value: str) -> str:
    """What a value comes to."""
    if value == "wrapped":
        return "native"
    return FACTORS[name].base if value.endswith("+0") else value
