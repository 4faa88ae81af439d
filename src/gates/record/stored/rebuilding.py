"""Rebuilding: the store made anew from the event files; what only the old one holds is carried over."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from gates.record.stored import ingest, lines, projecting, putting, recorded, sources
from gates.record.stored import store as stores
from gates.record.stored.errors import PATIENCE, StoreError, told
from gates.record.stored.ingest import Ingested
from gates.record.stored.lines import Line
from gates.record.stored.quarantine import NAME as QUARANTINE
from gates.record.stored.quarantine import Bad, Quarantine
from gates.record.stored.recorded import Recording
from gates.record.stored.sources import Source
from gates.record.stored.store import Store
from pytest_vltair import filelock

BESIDE = ("", "-wal", "-shm", "-journal")
"""What follows the name of the store in those of the files that belong to it."""

LOCK = "record.lock"
"""Held by whoever makes the store anew: what another one left unfinished is nobody's then."""

_UNFINISHED = re.compile(r"record\.[0-9a-f]{8}\.tmp(-wal|-shm|-journal)?")


class Rebuilt(NamedTuple):
    """What came of the files, how many events only the old store had, and where that is if it is damaged."""

    ingested: Ingested
    carried: int
    damaged: Path | None


class _Old(NamedTuple):
    """What can be read of a store whatever its schema is, as far as no event file here has it."""

    lines: list[Line]
    recordings: list[Recording]
    files: list[tuple[object, ...]]
    is_whole: bool


def rebuild(path: Path, given: Sequence[Source], tell: Callable[[Ingested], None] = lambda _: None) -> Rebuilt:
    """Make the store at `path` anew.

    An event that was ingested from elsewhere is in no file here; it is taken from the old store. One that is damaged
    is moved aside. Whoever has the store open goes on with the new one. What a killed rebuild left behind is removed.

    Raises:
        StoreError: the new store cannot be written, or another process makes it anew; the old one is as it was.
        OSError: an event file cannot be read.
    """
    try:
        with _alone(path, PATIENCE) as held:
            if held is False:
                raise StoreError(f"the store .gates/{path.name} is being made anew by another process: try again later")
            if held:
                _clear(path)
            return _rebuilt(path, given, tell)
    except OSError as error:
        raise StoreError(f"the store cannot be made anew: {error.strerror or error}") from error


def clear(path: Path) -> None:
    """Remove what killed processes left beside the store at `path`, unless somebody makes it anew now."""
    with suppress(OSError):
        if any(_left(path)):
            with _alone(path, 0) as held:
                if held:
                    _clear(path)


@contextmanager
def _alone(path: Path, seconds: float) -> Iterator[bool | None]:
    """Inside, nobody else makes the store anew; False: somebody does, None: the file system has no locks."""
    descriptor = os.open(path.with_name(LOCK), os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        held: bool | None
        try:
            held = filelock.wait(descriptor, seconds)
        except OSError:
            held = None
        yield held
    finally:
        os.close(descriptor)


def _clear(path: Path) -> None:
    for one in _left(path):
        # Windows removes nothing that somebody looks into.
        with suppress(PermissionError):
            one.unlink(missing_ok=True)


def _left(path: Path) -> Iterator[Path]:
    """Files of stores that were not finished, and those that belonged to a damaged one which somebody has removed."""
    yield from (one for one in list(path.parent.iterdir()) if _UNFINISHED.fullmatch(one.name))
    aside = _aside(path)
    if not aside.exists():
        yield from (one for one in _files(aside) if one.exists())


def _rebuilt(path: Path, given: Sequence[Source], tell: Callable[[Ingested], None]) -> Rebuilt:
    beside = path.with_name(f"record.{os.urandom(4).hex()}.tmp")
    try:
        with stores.opened(beside, shared=False) as fresh:
            ingested = ingest.ingest(fresh, given, tell)
            # What others took in after the look at the old store would be in neither.
            with stores.alone(path):
                # A file from elsewhere may be a part of what the old store has.
                own = sources.own(path.parent.parent)
                old = _old(path, {file.name for file in own.found()} | own.retired(), _awaited(fresh))
                carried, conflicts = _carry(fresh, old)
                Quarantine(path.with_name(QUARANTINE)).add(conflicts)
                ingested.conflicts += len(conflicts)
                ingested.awaited = len(_awaited(fresh))
                if old.is_whole:
                    _overwrite(fresh, path)
                fresh.close()
                return Rebuilt(ingested, carried, None if old.is_whole else _replace(beside, path))
    finally:
        for one in list(path.parent.glob(f"{beside.name}*")):
            one.unlink(missing_ok=True)


def _old(path: Path, files: set[str], awaited: set[str]) -> _Old:
    """What the store at `path` has of runs whose file is not in `files`, and the recordings that are wanted of it."""
    found = _Old([], [], [], is_whole=False)
    if not path.exists():
        return found._replace(is_whole=True)
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        for (run,) in connection.execute("SELECT DISTINCT run FROM events ORDER BY run").fetchall():
            if f"{run}.jsonl" not in files:
                found.lines.extend(one for one in _held(connection, run) if f"{one.event.run}.jsonl" not in files)
        recordings = "SELECT digest, tree, settings, started, attempts FROM recordings WHERE digest = ?"
        for digest in sorted(awaited | ingest.recordings_of(found.lines)):
            for row in connection.execute(recordings, (digest,)):
                with suppress(ValueError):
                    found.recordings.append(Recording(row[0], row[1], row[2], row[3], recorded.unpack(row[4])))
        found.files.extend(connection.execute("SELECT name, head, size, modified, events, bad_lines FROM files"))
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error:
        return found
    finally:
        connection.close()
    return found._replace(is_whole=said == "ok")


def _held(connection: sqlite3.Connection, run: str) -> list[Line]:
    """The events of a run that are whole, at each place the one that came first before others."""
    rows = connection.execute("SELECT line FROM events WHERE run = ? ORDER BY seq, id", (run,))
    data = b"".join(line.encode("utf-8", "backslashreplace") + b"\n" for (line,) in rows)
    return lines.read(data, stores.NAME).lines


def _carry(fresh: Store, old: _Old) -> tuple[int, list[Bad]]:
    """How many events were taken from the old store, and those of it in whose place another one is."""
    with fresh.writing() as connection:
        inserted, conflicts = putting.put(connection, old.lines, stores.NAME)
        for one in old.recordings:
            projecting.keep(connection, one)
        runs = {one.event.run for one in inserted} | set(_waiting(connection))
        # Where an event came from tells it from one that somebody put into the store.
        names = {f"{one.event.run}.jsonl" for one in inserted}
        rows = [row for row in old.files if row[0] in names]
        connection.executemany("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
        for run in sorted(runs):
            projecting.project(connection, run)
    return len(inserted), conflicts


def _awaited(fresh: Store) -> set[str]:
    return {name for (name,) in fresh.connection.execute("SELECT DISTINCT recording FROM suites WHERE known = 0")}


def _waiting(connection: sqlite3.Connection) -> Iterator[str]:
    query = (
        "SELECT DISTINCT run FROM suites JOIN runs ON id = run_id WHERE known = 0"
        " AND recording IN (SELECT digest FROM recordings)"
    )
    for (run,) in connection.execute(query).fetchall():
        yield run


def _overwrite(fresh: Store, path: Path) -> None:
    """Put the new store in the place of the old one under the locks of SQLite, so that nobody reads half of it."""
    with told(path):
        target = sqlite3.connect(path, timeout=PATIENCE)
        try:
            fresh.connection.backup(target)
        finally:
            target.close()


def _replace(beside: Path, path: Path) -> Path:
    """Move a damaged store aside; nobody can use it anyway."""
    aside = _aside(path)
    for one, target in zip(_files(path), _files(aside), strict=True):
        try:
            os.replace(one, target)  # noqa: PTH105 - in one step
        except FileNotFoundError:
            # One of a store that was damaged before does not belong to this one.
            target.unlink(missing_ok=True)
    os.replace(beside, path)  # noqa: PTH105 - in one step
    return aside


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def _files(store: Path) -> list[Path]:
    """The files that belong to a store, whether they are there or not."""
    return [store.with_name(store.name + end) for end in BESIDE]
