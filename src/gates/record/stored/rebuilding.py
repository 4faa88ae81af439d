"""Rebuilding: the store made anew from the event files; what only the old one holds is carried over."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gates.record.stored import ingest, lines, projecting, recorded
from gates.record.stored import store as stores
from gates.record.stored.ingest import Ingested
from gates.record.stored.recorded import Recording
from gates.record.stored.sources import Source
from gates.record.stored.store import Store, StoreError

BESIDE = ("", "-wal", "-shm")
"""What follows the name of the store in those of the files that belong to it."""


class Rebuilt(NamedTuple):
    """What came of the files, how many events only the old store had, and where that is if it is damaged."""

    ingested: Ingested
    carried: int
    damaged: Path | None


class _Old(NamedTuple):
    """What can be read of a store whatever its schema is."""

    lines: list[bytes]
    recordings: list[Recording]
    files: list[tuple[object, ...]]
    is_whole: bool


def rebuild(path: Path, given: Sequence[Source], tell: Callable[[Ingested], None] = lambda _: None) -> Rebuilt:
    """Make the store at `path` anew.

    An event that was ingested from elsewhere is in no file here; it is taken from the old store. One that is damaged
    is moved aside. Whoever has the store open goes on with the new one.

    Raises:
        StoreError: the new store cannot be written; the old one is as it was.
        OSError: an event file cannot be read.
    """
    beside = path.with_name(f"record.{os.urandom(4).hex()}.tmp")
    try:
        with stores.opened(beside) as fresh:
            ingested = ingest.ingest(fresh, given, tell)
            old = _old(path)
            here = {file.name for source in given for file in source.found()}
            carried = _carry(fresh, old, here.union(*(source.retired() for source in given)))
            (ingested.awaited,) = fresh.connection.execute(
                "SELECT count(DISTINCT recording) FROM suites WHERE known = 0"
            ).fetchone()
            if old.is_whole:
                _overwrite(fresh, path)
        return Rebuilt(ingested, carried, None if old.is_whole else _replace(beside, path))
    except OSError as error:
        raise StoreError(f"the store cannot be made anew: {error.strerror or error}") from error
    finally:
        for end in BESIDE:
            beside.with_name(beside.name + end).unlink(missing_ok=True)


def _old(path: Path) -> _Old:
    found = _Old([], [], [], is_whole=False)
    if not path.exists():
        return found._replace(is_whole=True)
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=stores.PATIENCE)
    try:
        for (line,) in connection.execute("SELECT line FROM events ORDER BY run, seq"):
            found.lines.append(line.encode("utf-8", "backslashreplace"))
        for row in connection.execute("SELECT digest, tree, settings, started, attempts FROM recordings"):
            with suppress(ValueError):
                found.recordings.append(Recording(row[0], row[1], row[2], row[3], recorded.unpack(row[4])))
        found.files.extend(connection.execute("SELECT name, head, size, modified, events, bad_lines FROM files"))
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error:
        return found
    finally:
        connection.close()
    return found._replace(is_whole=said == "ok")


def _carry(fresh: Store, old: _Old, files: set[str]) -> int:
    """How many events were taken from the old store: those that are whole, of runs whose file is not in `files`."""
    kept = lines.read(b"".join(line + b"\n" for line in old.lines), "record.sqlite").lines
    wanted = [one for one in kept if f"{one.event.run}.jsonl" not in files]
    with fresh.writing() as connection:
        awaited = {name for (name,) in connection.execute("SELECT recording FROM suites WHERE known = 0")}
        inserted, _ = ingest.put(connection, wanted, "record.sqlite")
        named = ingest.recordings_of(inserted)
        for one in old.recordings:
            if one.digest in awaited | named:
                projecting.keep(connection, one)
        runs = {one.event.run for one in inserted} | set(_waiting(connection))
        # Where an event came from tells it from one that somebody put into the store.
        names = {f"{one.event.run}.jsonl" for one in inserted}
        rows = [row for row in old.files if row[0] in names]
        connection.executemany("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
        for run in sorted(runs):
            projecting.project(connection, run)
    return len(inserted)


def _waiting(connection: sqlite3.Connection) -> Iterator[str]:
    query = (
        "SELECT DISTINCT run FROM suites JOIN runs ON id = run_id WHERE known = 0"
        " AND recording IN (SELECT digest FROM recordings)"
    )
    for (run,) in connection.execute(query).fetchall():
        yield run


def _overwrite(fresh: Store, path: Path) -> None:
    """Put the new store in the place of the old one under the locks of SQLite, so that nobody reads half of it."""
    with stores.told(path):
        target = sqlite3.connect(path, timeout=stores.PATIENCE)
        try:
            fresh.connection.backup(target)
        finally:
            target.close()


def _replace(beside: Path, path: Path) -> Path:
    """Move a damaged store aside; nobody can use it anyway."""
    aside = path.with_name(f"{path.name}.damaged")
    for end in BESIDE:
        with suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + end), aside.with_name(aside.name + end))  # noqa: PTH105 - in one step
    os.replace(beside, path)  # noqa: PTH105 - in one step
    return aside
