"""Recorded: what a recorded run of pytest says of each attempt at each test, as the store keeps it.

Recordings of earlier versions are read too, and such as were cut off: what they say they say.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import msgspec

from gates.model import outcomes
from gates.model.evidence import sha256
from pytest_vltair.personal import scrub

VERSIONS = frozenset({4, 5})
"""Schema versions of recorded runs that can be read; before 5 a failure had neither type nor stack."""

LONGEST = 2_000
"""Characters of a message that are kept."""


SAME = frozenset({"passed", "failed", "error", "skipped", "xfailed", "xpassed"})
"""Outcomes of a test that are the status of its only attempt."""


class RecordingError(ValueError):
    """A recording cannot be read; a clause that says why."""


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """One attempt at a test: its status, its duration in milliseconds, and how it failed.

    A module that could not be collected is one test that ended with an error.
    """

    test: str
    number: int
    last: bool
    outcome: str
    status: str
    duration_ms: float
    error_type: str | None
    error_message: str | None
    stack_hash: str | None
    requirements: tuple[str, ...]


class Recording(msgspec.Struct, frozen=True):
    """A recorded run; `outcome` of its attempts is that of the test over all of them."""

    digest: str
    tree: str
    settings: str
    started: str
    attempts: tuple[Attempt, ...]


class _Begin(msgspec.Struct, frozen=True, tag_field="event", tag="begin"):
    schema_version: int
    started: str
    tree: str
    settings: str


class _Phase(msgspec.Struct, frozen=True, tag_field="event", tag="phase"):
    nodeid: str
    when: str
    outcome: str
    duration: float
    message: str
    wasxfail: bool
    requirements: tuple[str, ...]
    error: str = ""
    stack: str = ""


class _CollectError(msgspec.Struct, frozen=True, tag_field="event", tag="collect_error"):
    nodeid: str
    message: str
    error: str = ""
    stack: str = ""


_LINE = msgspec.json.Decoder(_Phase | _CollectError)
_ATTEMPTS = msgspec.json.Decoder(tuple[Attempt, ...])


def read(data: bytes, digest: str) -> Recording:
    """The recording that these bytes are.

    Raises:
        RecordingError: they are not those of this digest, no recording, or one of a version that is not known.
    """
    if sha256(data) != digest:
        raise RecordingError("its content is not that of its name")
    first, *lines = data.split(b"\n")
    try:
        begin = msgspec.json.decode(first, type=_Begin)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"its first line is not understood: {error}") from error
    if begin.schema_version not in VERSIONS:
        raise RecordingError(
            f"it has schema version {begin.schema_version}, and this version of gates does not know it"
        )
    phases: dict[str, list[_Phase]] = {}
    broken: dict[str, Attempt] = {}
    for one in _told(lines):
        if isinstance(one, _CollectError):
            broken.setdefault(one.nodeid, _broken(one))
        else:
            phases.setdefault(one.nodeid, []).append(one)
    attempts = tuple(attempt for test, found in phases.items() for attempt in _attempts(test, found))
    return Recording(digest, begin.tree, begin.settings, begin.started, (*broken.values(), *attempts))


def pack(attempts: Sequence[Attempt]) -> bytes:
    """Attempts as the store keeps them."""
    return zlib.compress(msgspec.json.encode(attempts), 6)


def unpack(data: bytes) -> tuple[Attempt, ...]:
    """Attempts that `pack` made.

    Raises:
        RecordingError: it made none of this.
    """
    try:
        return _ATTEMPTS.decode(zlib.decompress(data))
    except (zlib.error, msgspec.MsgspecError, TypeError) as error:
        raise RecordingError(f"a recording in it is not what was kept: {error}") from error


def _told(lines: Sequence[bytes]) -> Iterator[_Phase | _CollectError]:
    """The lines that tell of tests; the last one may have been cut off."""
    for number, line in enumerate(lines, start=2):
        if b'"phase"' not in line and b'"collect_error"' not in line:
            continue
        try:
            yield _LINE.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if _is_of_another_kind(line) or number == len(lines) + 1:
                continue
            raise RecordingError(f"its line {number} is not understood: {error}") from error


def _is_of_another_kind(line: bytes) -> bool:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("event") not in {"phase", "collect_error"}


def _broken(one: _CollectError) -> Attempt:
    """What stands for the tests of a module that could not be collected: nobody knows them."""
    said = scrub(one.message)[:LONGEST]
    stack = one.stack or _stack("collect", one.error, one.message)
    return Attempt(one.nodeid or ".", 1, True, "error", "error", 0.0, one.error or "failure", said, stack, ())


def _attempts(test: str, phases: Sequence[_Phase]) -> Iterator[Attempt]:
    parts = list(_parted(phases))
    outcome = outcomes.of(phases) or "unfinished"
    requirements = tuple(sorted({name for one in phases for name in one.requirements}))
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        failing = next((one for one in part if one.outcome in {"failed", "rerun"}), None)
        yield Attempt(
            test,
            number,
            last,
            outcome,
            outcome if len(parts) == 1 and outcome in SAME else _status(part, parts[0], last=last),
            round(1000 * sum(one.duration for one in part), 3),
            None if failing is None else failing.error or "failure",
            None if failing is None else scrub(failing.message)[:LONGEST],
            None if failing is None else failing.stack or _stack(failing.when, failing.error, failing.message),
            requirements,
        )


def _parted(phases: Sequence[_Phase]) -> Iterator[list[_Phase]]:
    """The phases of each attempt: one begins with a set-up, or with a call after one that is run again."""
    part: list[_Phase] = []
    for one in phases:
        again = one.when == "call" and any(other.outcome == "rerun" for other in part)
        if part and (one.when == "setup" or again):
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _status(part: Sequence[_Phase], first: Sequence[_Phase], *, last: bool) -> str:
    if not last or any(one.outcome == "rerun" for one in part):
        return "failed"
    # Where the call alone was run again, the set-up is that of the first attempt.
    return outcomes.of(part if part[0].when == "setup" else [*first[:1], *part]) or "lost"


def _stack(when: str, error: str, message: str) -> str:
    """A hash for failures of recordings that bear none: over the first line of the message, numbers left out."""
    from gates.record.telling import stack_hash

    return stack_hash(when, error, message.partition("\n")[0])
