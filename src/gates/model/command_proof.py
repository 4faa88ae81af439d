"""Command proof: which planted faults a command of the project's own turned red for, and which it let pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from gates.model.decision import Verdict
from gates.model.reason import Reason
from gates.model.report import ReportError

SCHEMA_VERSION = 1

State = Literal["caught", "missed", "not_tried"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the wiring and why it lets a fault pass; without a path it is the command itself."""

    path: str | None
    line: int | None
    text: str
    why: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One planted fault: what became of it, in a clause, and the lines of the wiring that let it pass.

    `planted` is the path that was written, changed or removed; `exit_code` is the command's, None where it did not run
    to its end; `sure` is False where the command was red and what it printed does not show that it was for the fault.
    """

    fault: str
    title: str
    state: State
    message: str
    sure: bool = True
    planted: str | None = None
    exit_code: int | None = None
    places: tuple[Place, ...] = ()


class CommandRun(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two proofs of the same tree: how often the command ran, and seconds."""

    runs: int
    clean_s: float | None
    duration_s: float


class CommandProof(msgspec.Struct, frozen=True, kw_only=True):
    """What `gates prove --output-format json -- COMMAND` prints; `reason` says why nothing could be shown."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    exit_code: int
    error: ReportError | None = None
    project: str = ""
    command: tuple[str, ...] = ()
    reason: Reason | None = None
    output: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
    notes: tuple[str, ...] = ()
    run: CommandRun | None = None

    def those(self, state: State) -> tuple[Trial, ...]:
        """The trials that ended so, in the order of the faults."""
        return tuple(trial for trial in self.trials if trial.state == state)

    @property
    def score(self) -> str:
        """`misses 7 of 12`; those that were not tried do not count."""
        tried = len(self.trials) - len(self.those("not_tried"))
        return f"misses {len(self.those('missed'))} of {tried}"


def verdict_of(trials: Sequence[Trial]) -> Verdict:
    """`failed` if a fault was missed, `undecided` if none was tried, else `passed`."""
    states = {trial.state for trial in trials}
    if "missed" in states:
        return "failed"
    return "passed" if "caught" in states else "undecided"
