"""Retention: runs that are old enough are taken away, and a line of `heads.jsonl` says of each what it was.

The line goes first, then what the run named and no other run does, then its file: whatever is interrupted, the chain
can be proved, and the next retirement finishes. Evidence is left to the cache, whose receipts need it.

A run that goes on keeps files first and names them later. So what was used since the oldest of these began stays, with
the runs that name it, and nothing is removed that was used since it was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from gates.engine import state
from gates.engine.codec import CODEC
from gates.errors import GatesError
from gates.record.integrity import history, kept, verifying
from gates.record.integrity.history import Log
from gates.record.integrity.verifying import Folder, Verified
from pytest_vltair import eventlog, heads

KEPT = frozenset({"evidence"})
"""The folders out of which nothing is taken."""
TAKEN = tuple(sorted({folder for places in kept.PLACES.values() for _, folder, _ in places} - KEPT))
"""The others."""

Used = Mapping[str, int]
"""When each kept file was last used, in nanoseconds, by its path from `.gates` on."""


class RetentionError(GatesError):
    """Runs could not be retired; what was begun, the next retirement finishes."""

    slug = "retention"


class Old(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is old enough: when its last event was, and the files that go with it, from `.gates` on.

    `used` is when each of these was last used.
    """

    run: str
    at: str
    events: int
    head: str
    files: tuple[str, ...]
    used: tuple[int, ...]
    is_entered: bool

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.run + eventlog.SUFFIX


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What would go, the oldest first, how many runs stay, and what `gates runs verify` says of all.

    `waiting` are those that stay because a run that goes on may be about to name the same.
    """

    old: tuple[Old, ...]
    staying: int
    waiting: int
    verified: Verified


def find(path: Path, now: datetime, keep: timedelta) -> Found:
    """The closed runs in the folder of events whose last event is older than `keep`, and those already retired.

    The time is that of the log; a run from the future is young, so that a clock that was set back retires no more.
    """
    # In this order: whoever uses a file after the first look changes its time, and who did before and has not said so
    # by the last one goes on at the second.
    used = _used(path.parent)
    since = _since(path)
    folder = verifying.read(path)
    aged = [log for log in folder.closed if log.name in folder.heads.retired or _is_old(log, now, keep)]
    chosen = {log.name for log in aged}
    shared = {one.path for log in folder.logs if log.name not in chosen for one in _named(log)}
    found = [_told(log, folder, {one: at for one, at in used.items() if one not in shared}) for log in aged]
    old = [one for one in found if since is None or all(at < since for at in one.used)]
    return Found(
        old=tuple(sorted(old, key=lambda one: (one.at, one.run))),
        staying=len(folder.closed) - len(old),
        waiting=len(found) - len(old),
        verified=verifying.verify(path),
    )


def retire(path: Path, old: Sequence[Old], now: datetime) -> None:
    """Take runs away, one after the other; those that another retirement took are gone.

    Raises:
        RetentionError: one of them could not be; those before it are gone.
    """
    at = eventlog.stamp(now)
    for one in old:
        try:
            state.folder(path.parent.parent)  # with the file that is locked
            with state.locked(path) as held:
                if not held:
                    raise TimeoutError("another process keeps .gates locked")
                _take(path, one, at)
        except OSError as error:
            why = error.strerror or str(error)
            raise RetentionError(f"the run {one.run} cannot be taken away: {why}; run this again to finish") from error


def _take(path: Path, one: Old, at: str) -> None:
    # The place of an open file comes first, since whoever ends the run moves it from there.
    places = [place / one.file for place in (path / eventlog.OPEN, path)]
    if not any(place.exists() for place in places):
        return
    if not one.is_entered:
        told = {"kind": "retired", "run": one.run, "file": one.file, "events": one.events, "head": one.head}
        heads.append(path, {**told, "at": at}, CODEC)
    for name, used in zip(one.files, one.used, strict=True):
        file = path.parent / name
        if _when(file) == used:
            file.unlink(missing_ok=True)
    for place in places:
        place.unlink(missing_ok=True)


def _used(folder: Path) -> Used:
    files = (file for name in TAKEN for file in (folder / name).glob("[0-9a-f]*"))
    found = {file.relative_to(folder).as_posix(): _when(file) for file in files}
    return {name: at for name, at in found.items() if at is not None}


def _when(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _since(path: Path) -> int | None:
    """When the oldest run began that goes on, in nanoseconds, 0 where that cannot be told; None where none does."""
    try:
        names = [name for name, is_open in history.names(path).items() if is_open]
        began = [
            datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) - history.CLOCKS
            for name in names
            if verifying.goes_on(path / eventlog.OPEN / name)
        ]
    except (OSError, ValueError):
        return 0
    return round(min(began).timestamp() * 1e9) if began else None


def _is_old(log: Log, now: datetime, keep: timedelta) -> bool:
    try:
        return now - datetime.fromisoformat(log.at) > keep
    except (ValueError, TypeError):
        return False


def _named(log: Log) -> list[kept.Named]:
    return [one for one in log.named if one.folder not in KEPT]


def _told(log: Log, folder: Folder, used: Used) -> Old:
    own = sorted({one.path for one in _named(log)} & used.keys())
    end = folder.heads.closed.get(log.name)
    return Old(
        run=log.name.removesuffix(eventlog.SUFFIX),
        at=log.at,
        events=log.events if end is None else end.lines,
        head=log.head if end is None else end.chain,
        files=tuple(own),
        used=tuple(used[name] for name in own),
        is_entered=log.name in folder.heads.retired,
    )
