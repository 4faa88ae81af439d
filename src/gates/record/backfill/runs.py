"""Backfill: runs of before there was a record, as files of other tools and earlier reports tell of them.

What such a file does not say stays unknown: no environment, no tree, no commit is made up for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from gates.model.recorded_run import SCHEMA_VERSION, Begin, Collected, CollectError, End, Phase, RecordLine

Kind = Literal["junit", "pytest-json-report", "report"]
When = Literal["setup", "call", "teardown"]
PhaseOutcome = Literal["passed", "failed", "skipped", "rerun"]

LONGEST = 16_384
"""Characters of a message that are kept."""

_FRAME = re.compile(
    r"^(?:(?P<path>\S[^:\n]*):\d+:|>\s+(?P<code>\S.*)|\s+at (?P<java>\S+)\(|\s*File \"(?P<file>[^\"]+)\")"
)
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")


class UnreadableError(ValueError):
    """A file cannot be taken; a clause that says why, and the line, counted from 1, where that is known.

    `foreign` is a file that is of another kind altogether.
    """

    def __init__(self, why: str, line: int | None = None, *, foreign: bool = False) -> None:
        super().__init__(why)
        self.line = line
        self.foreign = foreign


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a gate: its kind and its fields without identity."""

    event: str
    fields: dict[str, Any]
    project: str
    gate: str


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One run of long ago: what began and how it ended, its events, and the lines of its recorded run."""

    kind: Kind
    command: str
    gates: tuple[str, ...] = ()
    started: datetime
    duration_ms: int
    status: str
    verdict: str
    exit_code: int | None
    name: str | None = None
    commit: str | None = None
    scope: str = "full"
    python: str = ""
    error: tuple[str, str] | None = None
    events: tuple[Told, ...] = ()
    lines: tuple[RecordLine, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a time at which nobody ran a test: the newest run is told by its name, which begins with that time.

        Raises:
            UnreadableError: it is one.
        """
        if not 1970 <= self.started.year <= 9000:
            raise UnreadableError(f"it began in the year {self.started.year}")
        if self.started > datetime.now(UTC) + timedelta(days=1):
            raise UnreadableError(f"it began on {self.started:%Y-%m-%d}, which is yet to come: its clock was wrong")

    @property
    def ended(self) -> datetime:
        """When it ended."""
        return self.started + timedelta(milliseconds=self.duration_ms)

    @property
    def tests(self) -> int:
        """How many tests it tells of."""
        return sum(len(one.selected) for one in self.lines if isinstance(one, Collected))


def phase(
    nodeid: str,
    when: When,
    outcome: PhaseOutcome = "passed",
    *,
    seconds: float = 0.0,
    path: str | None = None,
    line: int | None = None,
    message: str = "",
    wasxfail: bool = False,
    failed: tuple[str, str] = ("", ""),
) -> Phase:
    """One phase of a test; `failed` are the type of what was raised and the hash of the failure."""
    return Phase(
        nodeid=nodeid,
        when=when,
        outcome=outcome,
        duration=seconds,
        path=path,
        line=line,
        message=message[:LONGEST],
        wasxfail=wasxfail,
        error=failed[0],
        stack=failed[1],
        markers=[],
        requirements=[],
        covers=[],
        worker=None,
    )


def lines(
    started: datetime,
    phases: Sequence[Phase],
    errors: Sequence[CollectError] = (),
    *,
    status: int,
    rootdir: str = "",
    python: str = "",
) -> tuple[RecordLine, ...]:
    """The lines of a recorded run with these phases."""
    begin = Begin(
        schema_version=SCHEMA_VERSION,
        pytest="",
        python=python,
        platform="",
        args=[],
        addopts=[],
        rootdir=rootdir,
        invocation="",
        started=started,
        inipath=None,
        plugins=[],
        unknown_options={},
        tree="",
        environment="",
        settings="",
        commit=None,
        shard=None,
        workers=0,
        keyword="",
        markexpr="",
        last_failed=False,
        maxfail=0,
    )
    names = list(dict.fromkeys(one.nodeid for one in phases))
    collected = Collected(selected=names, deselected=[], other_shards=[], skipped_modules=[])
    end = End(exitstatus=status, selected=len(names), phases=len(phases), warnings=0, fixed=0, leaks=0, tree="")
    return begin, collected, *errors, *phases, end


def stack(error: str, text: str) -> str:
    """16 hex digits over a failure: its type, and the frames in its text, or that without numbers and addresses.

    It groups what was backfilled; a run that was recorded live knows more, and has other hashes.
    """
    found = (_FRAME.match(line) for line in text.splitlines())
    frames = [next(one for one in match.groups() if one is not None) for match in found if match is not None]
    # In which order they stand, and how often, is a matter of the tool.
    told = sorted({_VARYING.sub("#", one) for one in frames or [text]})
    return hashlib.sha256("\0".join((error, *told)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def moment(text: str) -> datetime | None:
    """A moment in ISO 8601, in UTC; one without a zone is taken as UTC. None where it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def seconds(value: Any) -> float:
    """A duration; 0 for what is none."""
    try:
        found = float(str(value).replace(",", ""))
    except ValueError:
        return 0.0
    return found if 0 <= found < 1e9 else 0.0
