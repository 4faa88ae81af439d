"""Trial: one run of pytest in known circumstances, what came of it, and who runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from gates.builtin.diagnosis.factors import settled

Ended = Literal["passed", "failed", "error", "skipped", "hang", "crashed", "uncollected", "missing"]
"""How a test ended. `passed` has expected failures with it; `error`: its set-up or teardown failed; `crashed`: its
process died in it; `uncollected`: its file could not be imported; `missing`: it was not there, under that id."""

BAD: frozenset[Ended] = frozenset({"failed", "error", "hang", "crashed", "uncollected", "missing"})
"""A skip is no failure: it is how a test says that a circumstance is not its own."""


class Place(msgspec.Struct, frozen=True, order=True):
    """A line of the project."""

    path: str
    line: int


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What is run: `tests` in that order (none: all, as collected), with the settings that are not the base's.

    `number` tells repetitions of the same trial apart. `limit` is what one test may take in seconds (0: what the
    laboratory finds right). A `quiet` one shares the machine with no other. `watch` names factors whose reads are noted
    with their lines; with `at` the circumstances are those of the base but for what these lines of the project read.
    """

    tests: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    number: int = 0
    limit: float = 0.0
    quiet: bool = False
    watch: tuple[str, ...] = ()
    at: tuple[Place, ...] = ()


def trial(tests: Sequence[str] = (), settings: Mapping[str, str] | None = None, **more: object) -> Trial:
    """A trial; settings that are the base's are left out."""
    return msgspec.convert({"tests": tuple(tests), "settings": settled(settings or {}), **more}, Trial)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How one turn of a test ended.

    The fingerprint is the same for the same failure: phase, type of the exception, the place in the project where it
    came from and the message without numbers, addresses and paths. `own` is set where the perturbation itself raised.
    """

    nodeid: str
    ended: Ended
    turn: int = 1
    fingerprint: str = ""
    message: str = ""
    place: Place | None = None
    own: bool = False
    seconds: float = 0.0
    worker: str = ""
    began: float = 0.0  # on the monotonic clock of the machine: which tests of two workers met


class Read(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A line of the project that read a factor in the course of a test, or as it was imported (`nodeid` is empty)."""

    factor: str
    place: Place
    what: str
    nodeid: str = ""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What of a run was to happen to other machines or outside of its copy; `unreached`: a machine did not answer."""

    nodeid: str
    what: Literal["outward", "unreached", "write"]
    target: str
    place: Place | None = None


class Left(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something that a test left otherwise than it found it, in words: `environment variable APP_MODE`."""

    nodeid: str
    what: str


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a trial.

    `status`: `done`, or it gave no answer: `broken` (pytest could not start or fell over, the reason says how),
    `budget` (no time was left). `missed` has the factors that were asked for and of which the process saw nothing,
    with the reason: such a run says nothing of them.
    """

    trial: Trial
    status: Literal["done", "broken", "budget"] = "done"
    reason: str = ""
    results: tuple[Result, ...] = ()
    missed: Mapping[str, str] = {}
    methods: Mapping[str, str] = {}
    reads: tuple[Read, ...] = ()
    effects: tuple[Effect, ...] = ()
    states: tuple[Left, ...] = ()
    seconds: float = 0.0

    def of(self, nodeid: str) -> Result:
        """How a test ended: its worst turn; `missing` where it has none."""
        turns = [one for one in self.results if one.nodeid == nodeid]
        worst = next((one for one in turns if one.ended in BAD), None)
        return worst or (turns[0] if turns else Result(nodeid=nodeid, ended="missing"))

    @property
    def order(self) -> tuple[str, ...]:
        """The tests as they ran."""
        return tuple(dict.fromkeys(one.nodeid for one in self.results))


class Laboratory(Protocol):
    """Runs trials: each in a fresh copy of the project, several at a time, none twice."""

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each, in their order."""

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had on this machine, likeliest first."""

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Factors of which no value can be had here, with the reason."""
