"""Retention: runs that are old enough are taken away, and a line of `heads.jsonl` says of each what it was.

The line goes first, then what the run named and no other run does, then its file: whatever is interrupted, the chain
can be proved, and the next retirement finishes. Evidence is left to the cache, whose receipts need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from gates.engine.codec import CODEC
from gates.errors import GatesError
from gates.record.integrity import kept, verifying
from gates.record.integrity.history import Log
from gates.record.integrity.verifying import Folder, Verified
from pytest_vltair import eventlog, heads

KEPT = frozenset({"evidence"})
"""The folders out of which nothing is taken."""


class RetentionError(GatesError):
    """Runs could not be retired; what was begun, the next retirement finishes."""

    slug = "retention"


class Old(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is old enough: when its last event was, and the files that go with it, from `.gates` on."""

    run: str
    at: str
    events: int
    head: str
    files: tuple[str, ...]
    is_entered: bool

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.run + eventlog.SUFFIX


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What would go, the oldest first, how many runs stay, and what `gates runs verify` says of all."""

    old: tuple[Old, ...]
    staying: int
    verified: Verified


def find(path: Path, now: datetime, keep: timedelta) -> Found:
    """The closed runs in the folder of events whose last event is older than `keep`, and those already retired.

    The time is that of the log; a run from the future is young, so that a clock that was set back retires no more.
    """
    folder = verifying.read(path)
    old = [log for log in folder.closed if log.name in folder.heads.retired or _is_old(log, now, keep)]
    chosen = {log.name for log in old}
    staying = [log for log in folder.logs if log.name not in chosen]
    shared = {one.path for log in staying for one in _named(log)}
    return Found(
        old=tuple(sorted((_told(log, folder, shared) for log in old), key=lambda one: (one.at, one.run))),
        staying=sum(not log.is_open for log in staying),
        verified=verifying.verify(path),
    )


def retire(path: Path, old: Sequence[Old], now: datetime) -> None:
    """Take runs away, one after the other.

    Raises:
        RetentionError: one of them could not be; those before it are gone.
    """
    at = eventlog.stamp(now)
    for one in old:
        try:
            if not one.is_entered:
                told = {"kind": "retired", "run": one.run, "file": one.file, "events": one.events, "head": one.head}
                heads.append(path, {**told, "at": at}, CODEC)
            for name in one.files:
                (path.parent / name).unlink(missing_ok=True)
            for place in (path, path / eventlog.OPEN):
                (place / one.file).unlink(missing_ok=True)
        except OSError as error:
            why = error.strerror or str(error)
            raise RetentionError(f"the run {one.run} cannot be taken away: {why}; run this again to finish") from error


def _is_old(log: Log, now: datetime, keep: timedelta) -> bool:
    try:
        return now - datetime.fromisoformat(log.at) > keep
    except (ValueError, TypeError):
        return False


def _named(log: Log) -> list[kept.Named]:
    return [one for one in log.named if one.folder not in KEPT]


def _told(log: Log, folder: Folder, shared: set[str]) -> Old:
    own = {one.path for one in _named(log)} - shared
    end = folder.heads.closed.get(log.name)
    return Old(
        run=log.name.removesuffix(eventlog.SUFFIX),
        at=log.at,
        events=log.events if end is None else end.lines,
        head=log.head if end is None else end.chain,
        files=tuple(sorted(name for name in own if (folder.path.parent / name).is_file())),
        is_entered=log.name in folder.heads.retired,
    )
