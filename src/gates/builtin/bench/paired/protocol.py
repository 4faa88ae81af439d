"""Protocol: what a process that runs benchmarks says to gates, and what it is told, a line of JSON each.

The process finds `HOST:PORT:TOKEN:SIDE` in the variable `VLTAIR_BENCH` (with port 0 the host is the path of a socket),
connects, and says hello. It collects, says which benchmarks it found, and runs them one by one. At the first call of
`benchmark` (or of the body of a marked test) it calls the function once to warm it up, then once more and timed, and
says `ready`; then it does what it is told until it is released. No two messages are ever under way at once: a process
speaks when it was asked, or has news.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

VARIABLE = "VLTAIR_BENCH"

Outcome = Literal["passed", "failed", "skipped", "disabled", "idle"]


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """Base of what the process says."""


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """The first line: the token that it was given, its side, and its process number."""

    token: str
    side: str
    pid: int


class Found(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One benchmark that was collected; `limit` is the percentage of its marker, `timeout` seconds of its marker."""

    id: str
    path: str
    line: int
    limit: float | None = None
    timeout: float | None = None


class Broken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that could not be collected, and the last line of why; no id where nothing could be."""

    id: str
    message: str

    @property
    def said(self) -> str:
        """Both in one clause."""
        return f"{self.id}: {self.message}" if self.id else self.message


class Collected(Message, frozen=True, kw_only=True, tag="collected"):
    """The benchmarks in the order in which they will run, and where each of the project's packages came from.

    `packages` maps each name that the process was asked about (`VLTAIR_BENCH_PACKAGES`, by commas) to the file it is
    imported from, or None where it cannot be; they are imported only after the collection.
    """

    benchmarks: tuple[Found, ...]
    broken: tuple[Broken, ...] = ()
    packages: dict[str, str | None] = {}


class Ready(Message, frozen=True, kw_only=True, tag="ready"):
    """A benchmark is set up and warm: one call took so many seconds.

    With `rounds` the test itself said how often it is called (`benchmark.pedantic`): each call needs its own set-up,
    which the process does outside of what is timed, and `loops` are then the iterations of one round.
    """

    id: str
    seconds: float
    loops: int | None = None


class Burst(Message, frozen=True, kw_only=True, tag="burst"):
    """The seconds per call of each timing of a burst, in order."""

    id: str
    times: tuple[float, ...]


class Ended(Message, frozen=True, kw_only=True, tag="ended"):
    """A benchmark is over; `message` is the last line of what it raised, or why it was skipped."""

    id: str
    outcome: Outcome
    message: str = ""
    moved: bool = False


class Forked(Message, frozen=True, kw_only=True, tag="forked"):
    """Said by a copy of the process that a benchmark made and let go on; it ends after it."""

    id: str


class Done(Message, frozen=True, kw_only=True, tag="done"):
    """The last line."""


Said: TypeAlias = Hello | Collected | Ready | Burst | Ended | Forked | Done


class Time(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="burst"):
    """Time `calls` times `loops` calls; with `slow` each timing takes that share longer, by waiting busily."""

    calls: int
    loops: int
    slow: float = 0.0


class Select(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="select"):
    """The answer to `collected`: run only these, in this order; none of them: end."""

    ids: tuple[str, ...]


class Release(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="release"):
    """Go on to the end of this benchmark and to the next."""


Told: TypeAlias = Time | Select | Release
