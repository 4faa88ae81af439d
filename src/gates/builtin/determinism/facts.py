"""Facts: what the tests run says of its determinism, and what a run in the reversed order came to."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts, Lane
from gates.model.tested import Fact, Leak, Outcome, Process

Ended = Outcome | Literal["hung", "crashed", "unfinished", "missing"]
"""How a test ended in the reversed run; `unfinished`: it has no outcome, `missing`: it was not selected there."""


class Ran(Fact, frozen=True, kw_only=True):
    """One test of the tests run: how it ended, and why it failed where it was flaky."""

    id: str
    outcome: Outcome
    reruns: int
    message: str
    path: str | None
    line: int | None


class Screened(Fact, frozen=True, kw_only=True):
    """How one test ended in the reversed run."""

    id: str
    ended: Ended


class Screen(Fact, frozen=True, kw_only=True):
    """One more run of the suite; `done` is false where it was ended before each test had its turn.

    `command` repeats it by hand.
    """

    order: Literal["reverse"]
    command: str
    done: bool
    tests: Counted[Screened]


class Flips(Fact, frozen=True, kw_only=True):
    """A factor that moved a test: in `flips` of `runs` with it the test ended otherwise."""

    name: str
    flips: int
    runs: int


class Diagnosed(Fact, frozen=True, kw_only=True):
    """What is known of one test; `stable` is None where it could not be decided."""

    id: str
    stable: bool | None
    reason: str
    kind: str | None
    factors: Counted[Flips]
    culprits: Counted[str]
    sites: Counted[str]
    path: str | None
    line: int | None
    reproduce: str


class Unvaried(Fact, frozen=True, kw_only=True):
    """A factor that was not varied, and why."""

    name: str
    reason: str


class Diagnosis(Fact, frozen=True, kw_only=True):
    """What every test does under other factors, and which factors were varied; where it is not `done`, why."""

    done: bool
    tests: Counted[Diagnosed]
    varied: Counted[str]
    not_varied: Counted[Unvaried]
    reason: str


class DeterminismEvidence(Facts, frozen=True, kw_only=True):
    """What processes held and showed, what each test came to and left behind; `selected` counts all that should run.

    Where it was joined out of lanes, each holds its own, and what is beside them is empty.
    """

    schema_version: int
    selected: int
    executed: int
    interpreter: str
    shards: Counted[str]
    crashes: int
    processes: Counted[Process]
    tests: Counted[Ran]
    leaks: Counted[Leak]
    screen: Screen | None
    diagnosis: Diagnosis | None
    lanes: Counted[Lane[DeterminismEvidence]]
