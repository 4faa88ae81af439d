"""Event log: what a run says of itself, line by line, in a file of its own that no other run writes to.

A file is in `events/open` while its run lives, which its lock tells, and in `events` once it is closed. What a dead run
left open, the next one closes. The fields of the lines are those of `gates.record.events`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pytest_vltair import filelock, heads
from pytest_vltair.chain import ZEROS, Codec, linked

SCHEMA_VERSION = 1
"""Goes up with every kind of event or field that a log gains or loses."""

FOLDER = "events"
OPEN = "open"
SUFFIX = ".jsonl"
END = "command_end"

WINDOWS = os.name == "nt"
"""There what somebody has open is not moved."""

_NONE = -1
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
_OLD = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)


class _End(NamedTuple):
    """How far a log is: its events, the digest of the last one, and its bytes."""

    events: int = 0
    chain: str = ZEROS
    size: int = 0


class Log:
    """The events of one run; an event counts once `write` has returned.

    `run` is its name, `heads` what was closed before it. Others may read the file at any time.
    """

    def __init__(self, folder: Path, codec: Codec, now: datetime | None = None, run: str | None = None) -> None:
        """Make the file below `folder` and lock it; nothing is written yet. `run` is the name of one of long ago.

        Raises:
            FileExistsError: there is an open file of that run.
            OSError: it cannot be made.
        """
        self.folder = folder
        self.heads = heads.read(folder, codec)
        self._codec = codec
        self._began = now or datetime.now(UTC)
        self._ticks = time.monotonic()
        self._end = self._next = _End()
        self._identity: dict[str, Any] = {}
        self._descriptor, self.path = self._made(run)
        self.run = self.path.name.removesuffix(SUFFIX)

    @property
    def at(self) -> str:
        """This moment, in UTC; it goes on from the beginning of the run, whatever is done to the clock meanwhile."""
        return stamp(self._began + timedelta(seconds=time.monotonic() - self._ticks))

    @property
    def trace_id(self) -> str:
        """The trace of the run, once it was said which execution this is."""
        return str(self._identity["trace_id"])

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the beginning of the run."""
        return round(1000 * (time.monotonic() - self._ticks))

    def identify(self, trace_id: str, span_id: str, attempt: int) -> None:
        """Say which execution the events are of that name no other."""
        self._identity = {"run": self.run, "trace_id": trace_id, "span_id": span_id, "attempt": attempt}

    def write(self, event: str, fields: Mapping[str, Any]) -> None:
        """Add an event; what `fields` say of its identity and its moment goes before what holds for the run.

        Raises:
            OSError: it could not be written, and nothing of it was.
        """
        count, chain, size = self._settled()
        head = {**self._identity, "at": self.at, "event": event, "seq": count}
        line, digest = linked({**head, **fields}, chain, self._codec)
        self._next = _End(count + 1, digest, size + len(line))
        heads.whole(self._descriptor, line)
        self._end = self._next

    def close(self) -> None:
        """Enter the run among those that are closed, after its last event.

        Raises:
            OSError: that could not be done; the next run does it.
        """
        try:
            count, chain, _ = self._settled()
            told = _told(self.path, self._identity, count, chain, self.at)
            heads.append(self.folder, told, self._codec)
        finally:
            self.abandon()
        _move(self.folder, self.path)

    def abandon(self) -> None:
        """Give the file up as it is, for the next run to close; what was given up or closed already stays so."""
        descriptor, self._descriptor = self._descriptor, _NONE
        if descriptor != _NONE:
            os.close(descriptor)

    def discard(self) -> None:
        """Give the file up in which nothing stands, and remove it."""
        if not WINDOWS:
            self.path.unlink()  # under the lock, since the next file of that name is somebody else's
        self.abandon()
        if WINDOWS:
            _remove(self.path)

    def _settled(self) -> _End:
        """How far the file is, also where Ctrl-C came between the bytes of the last event and its being counted."""
        if self._next is not self._end:
            if os.fstat(self._descriptor).st_size == self._next.size:
                self._end = self._next
            else:
                os.ftruncate(self._descriptor, self._end.size)
                self._next = self._end
        return self._end

    def _made(self, run: str | None) -> tuple[int, Path]:
        place = self.folder / OPEN
        place.mkdir(parents=True, exist_ok=True)
        while True:
            path = place / f"{run or named(self._began, os.urandom(4).hex())}{SUFFIX}"
            descriptor = os.open(path, _NEW, 0o666)
            try:
                held = filelock.wait(descriptor, heads.PATIENCE)
            except OSError:
                os.close(descriptor)
                path.unlink(missing_ok=True)  # nobody else has a lock here, so nobody takes it for one that was left
                raise
            # Between these two calls another run may have taken it for one that was left, and removed it.
            if held and _is_at(descriptor, path):
                return descriptor, path
            os.close(descriptor)


def begin(folder: Path, codec: Codec) -> Log:
    """The log of a new run, after those that dead runs left open were closed.

    Raises:
        OSError: it cannot be made.
    """
    log = Log(folder, codec)
    if close_dead(folder, codec, log.run):
        log.heads = heads.read(folder, codec)
    return log


def close_dead(folder: Path, codec: Codec, by: str) -> list[str]:
    """Close the files of runs that are no more, each with a last event that says so; their names.

    `by` is the run that does it. What can be neither locked nor written is left for later.
    """
    try:
        found = sorted(path.name for path in (folder / OPEN).iterdir() if path.suffix == SUFFIX)
    except OSError:
        return []
    return [name.removesuffix(SUFFIX) for name in found if name != by + SUFFIX and _closed(folder, name, codec, by)]


def named(began: datetime, digits: str) -> str:
    """The name of a run that began then; 8 hex digits tell it from others of that second."""
    return f"{began:%Y%m%dT%H%M%SZ}-{digits}"


def stamp(moment: datetime) -> str:
    """A moment of UTC to the microsecond, as all events have it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _closed(folder: Path, name: str, codec: Codec, by: str) -> bool:
    path = folder / OPEN / name
    try:
        descriptor = os.open(path, _OLD)
    except OSError:
        return False
    try:
        try:
            if not filelock.attempt(descriptor) or not _is_at(descriptor, path):
                return False
            ended = _ended(folder, path, descriptor, codec, by)
        finally:
            os.close(descriptor)
        if ended:
            _move(folder, path)
        elif WINDOWS:
            _remove(path)
    except OSError:
        return False
    return ended


def _ended(folder: Path, path: Path, descriptor: int, codec: Codec, by: str) -> bool:
    """Whether the run is entered among those that are closed now; there is nothing to enter where no event is whole."""
    data = path.read_bytes()
    torn = len(data) - (data.rfind(b"\n") + 1)
    lines = data.split(b"\n")[:-1]
    if not lines:
        if not WINDOWS:
            path.unlink()  # under the lock, which whoever has just made it waits for
        return False
    try:
        last = codec.decode(lines[-1])
        identity = {key: last[key] for key in ("run", "trace_id", "span_id", "attempt")}
        count, chain, ended = int(last["seq"]) + 1, str(last["chain"]), last["event"] == END
        if count > 1:
            first = codec.decode(lines[0])
            identity = {key: first[key] for key in identity}
    except heads.UNREADABLE:
        # Somebody changed it: it is entered as it is, for `gates runs verify` to say where.
        identity, count, chain, ended = {"run": path.name.removesuffix(SUFFIX)}, len(lines), ZEROS, True
    at = stamp(datetime.now(UTC))
    if not ended:
        if torn:
            os.ftruncate(descriptor, len(data) - torn)
        told = {"status": "lost", "closed_by": by, "torn": torn, "verdict": "undecided", "exit_code": None}
        fields = {**identity, "at": max(at, str(last["at"])), "event": END, "seq": count, **told}
        line, chain = linked(fields, chain, codec)
        heads.whole(descriptor, line)
        count += 1
    # Whoever wrote it may have been killed after it was entered, and before it was moved.
    heads.append(folder, _told(path, identity, count, chain, at), codec, once=path.name)
    return True


def _told(path: Path, identity: Mapping[str, Any], count: int, chain: str, at: str) -> dict[str, Any]:
    """The line of heads about a run that ended."""
    return {**identity, "kind": "closed", "at": at, "file": path.name, "events": count, "head": chain}


def _move(folder: Path, path: Path) -> None:
    """Put the file of a run that is entered, and that nobody writes to, among those that are closed.

    It is closed by then, since Windows moves nothing that is open; so another run may have come first, and retention
    after that. Where somebody else reads it there, the next run moves it.
    """
    try:
        os.replace(path, folder / path.name)  # noqa: PTH105 - the one call that replaces in one step on every platform
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise
    except PermissionError:
        if not WINDOWS:
            raise


def _remove(path: Path) -> None:
    """Remove a file in which nothing stands on Windows, which does so only where nobody has it open."""
    with suppress(OSError):
        if not path.stat().st_size:
            path.unlink()


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
