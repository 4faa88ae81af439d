"""Ingest: event files into the store, each event once; whole files at a time, so that no kill loses anything."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from gates.record import events
from gates.record.stored import lines, projecting, putting, recorded, sources
from gates.record.stored.lines import Line
from gates.record.stored.quarantine import NAME as QUARANTINE
from gates.record.stored.quarantine import Quarantine
from gates.record.stored.sources import File, Source
from gates.record.stored.store import Store

TOGETHER = 0.2
"""Seconds after which a transaction ends, with the file at hand: one for each file would take twice as long."""


class Ingested(msgspec.Struct, kw_only=True):
    """What an ingest came to.

    `inserted` and `skipped` count events (skipped ones were there already), `files` those that were read, `unchanged`
    those that had been read whole before; `conflicts` are events in whose place in the run is another one, and together
    with lines that are none (`parse_errors`) they stand in the quarantine. There, `quarantined` lines of the unchanged
    files stand since these were read. `retired` are files of runs that were taken away here, and do not come back.
    `refused` are sentences about files of another version and recordings that cannot be read, `awaited` counts
    recordings that nobody has seen yet.
    """

    inserted: int = 0
    skipped: int = 0
    parse_errors: int = 0
    conflicts: int = 0
    files: int = 0
    unchanged: int = 0
    quarantined: int = 0
    retired: int = 0
    recordings: int = 0
    awaited: int = 0
    refused: list[str] = msgspec.field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether there was no event, and no line that should have been one."""
        seen = (self.inserted, self.skipped, self.parse_errors, self.conflicts, self.unchanged, self.retired)
        return not any(seen) and not self.recordings and not self.refused


def ingest(store: Store, given: Sequence[Source], tell: Callable[[Ingested], None] = lambda _: None) -> Ingested:
    """What came of reading all files of these sources into the store; `tell` is called now and then.

    Raises:
        StoreError: the store or the quarantine cannot be written.
        OSError: a file cannot be read.
    """
    result = Ingested()
    quarantine = Quarantine(store.path.with_name(QUARANTINE))
    # Only what was taken away here is forgotten here, wherever it comes from: an artifact must not empty the store.
    retired = sources.own(store.path.parent.parent).retired()
    _forget(store, retired)
    pending = _pending(store.connection, given, retired, result)
    for one in pending:
        with store.writing() as connection:
            end = time.monotonic() + TOGETHER
            for source, file in chain((one,), pending):
                _file(connection, file, source, quarantine, retired, result)
                if time.monotonic() > end:
                    break
        tell(result)
    _arrived(store, given, result)
    (result.awaited,) = store.connection.execute(
        "SELECT count(DISTINCT recording) FROM suites WHERE known = 0"
    ).fetchone()
    return result


def recordings_of(found: Sequence[Line]) -> set[str]:
    """The digests of the recordings that these events name."""
    return {one.event.recording for one in found if isinstance(one.event, events.TestsRecorded)}


def _forget(store: Store, retired: frozenset[str]) -> None:
    """Take runs out of the store that were retired: what is too old to be kept is kept nowhere."""
    if not retired:
        return
    there = [run for (run,) in store.connection.execute("SELECT run FROM runs") if f"{run}.jsonl" in retired]
    if there:
        with store.writing() as connection:
            for run in there:
                projecting.forget(connection, run)


def _pending(
    connection: sqlite3.Connection, given: Sequence[Source], retired: frozenset[str], result: Ingested
) -> Iterator[tuple[Source, File]]:
    """The files that were not read whole, each with its source."""
    rows = connection.execute("SELECT name, size, modified, bad_lines FROM files")
    known = {tuple(where): bad for *where, bad in rows}
    for source in given:
        for file in source.found():
            bad = None if file.is_open else known.get((file.name, file.size, file.modified))
            if file.name in retired:
                result.retired += 1
            elif bad is not None:
                result.unchanged += 1
                result.quarantined += bad
            else:
                yield source, file


def unread(store: Store, source: Source) -> int:
    """How many files of a source are not in the store as they are now, for one that cannot be written."""
    known = set(store.connection.execute("SELECT name, size FROM files"))
    retired = source.retired()
    return sum((file.name, file.size) not in known and file.name not in retired for file in source.found())


def _file(
    connection: sqlite3.Connection,
    file: File,
    source: Source,
    quarantine: Quarantine,
    retired: frozenset[str],
    result: Ingested,
) -> None:
    try:
        head = "" if file.is_open else sources.head(file.path, file.size)
        if head and _is_known(connection, file, head, result):
            return
        data = file.path.read_bytes()
    except FileNotFoundError:
        # It was closed between the two looks, or retired: the next one finds it where it is now.
        return
    foreign = lines.foreign(data)
    if foreign is not None:
        result.refused.append(
            f"{file.name} has schema version {foreign}, and this version of gates knows {events.SCHEMA_VERSION}:"
            " ingest it with a newer one"
        )
        return
    found = lines.read(data, file.name, is_open=file.is_open)
    kept = [one for one in found.lines if f"{one.event.run}.jsonl" not in retired]
    inserted, conflicts = putting.put(connection, kept, file.name)
    # Before the end of the transaction: a kill in between leaves lines put aside that are not put there again.
    quarantine.add([*found.bad, *conflicts])
    for digest in recordings_of(inserted):
        _record(connection, source.recordings, digest, result)
    _project(connection, inserted)
    bad = len(found.bad) + len(conflicts)
    # Where nothing stands nothing was examined, however often it is looked at.
    if data and not file.is_open:
        row = (file.name, head, len(data), file.modified, len(found.lines), bad)
        connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)
    if not file.is_open or not source.is_beside(quarantine.path):
        _name(connection, file, kept)
    result.files += 1
    result.parse_errors += len(found.bad)
    result.inserted += len(inserted)
    result.conflicts += len(conflicts)
    result.skipped += len(kept) - len(inserted) - len(conflicts)
    result.retired += len(kept) < len(found.lines)


def _name(connection: sqlite3.Connection, file: File, kept: Sequence[Line]) -> None:
    """Note the runs of a file that has not their name, or goes on elsewhere: what came from a file is no drift."""
    for run, count in sorted(Counter(one.event.run for one in kept).items()):
        if file.is_open or file.name != f"{run}.jsonl":
            row = (f"{run}.jsonl", "", 0, 0, count, 0)
            connection.execute("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)


def _is_known(connection: sqlite3.Connection, file: File, head: str, result: Ingested) -> bool:
    """Whether a file with this end was read before, perhaps from another place; its time is noted."""
    where = (file.name, head, file.size)
    found = connection.execute("SELECT bad_lines FROM files WHERE name = ? AND head = ? AND size = ?", where).fetchone()
    if found is None:
        return False
    connection.execute(
        "UPDATE files SET modified = ? WHERE name = ? AND head = ? AND size = ?", (file.modified, *where)
    )
    result.unchanged += 1
    result.quarantined += found[0]
    return True


def _project(connection: sqlite3.Connection, inserted: Sequence[Line]) -> None:
    """Write what follows from the new events: from them alone where nothing else is known of their run."""
    for run in sorted({one.event.run for one in inserted}):
        new = [one.event for one in inserted if one.event.run == run]
        (known,) = connection.execute("SELECT count(*) FROM events WHERE run = ?", (run,)).fetchone()
        if known == len(new) and len({one.seq for one in new}) == known:
            projecting.write(connection, run, sorted(new, key=lambda one: one.seq))
        else:
            projecting.project(connection, run)


def _record(connection: sqlite3.Connection, folder: Path, digest: str, result: Ingested) -> bool:
    """Whether the store has the recording of this digest, now that it was looked for."""
    if connection.execute("SELECT 1 FROM recordings WHERE digest = ?", (digest,)).fetchone():
        return True
    try:
        recording = recorded.read((folder / f"{digest}.jsonl").read_bytes(), digest)
    except FileNotFoundError:
        return False
    except (OSError, recorded.RecordingError) as error:
        said = f"the recording {digest} cannot be read: {getattr(error, 'strerror', None) or error}"
        if said not in result.refused:
            result.refused.append(said)
        return False
    projecting.keep(connection, recording)
    result.recordings += 1
    return True


def _arrived(store: Store, given: Sequence[Source], result: Ingested) -> None:
    """Take recordings that came after the events which name them."""
    for digest, folder in _arrivals(store, given):
        with store.writing() as connection:
            if not _record(connection, folder, digest, result):
                continue
            query = "SELECT DISTINCT run FROM suites JOIN runs ON id = run_id WHERE recording = ? AND known = 0"
            for (run,) in connection.execute(query, (digest,)).fetchall():
                projecting.project(connection, run)


def _arrivals(store: Store, given: Sequence[Source]) -> Iterator[tuple[str, Path]]:
    awaited = {name for (name,) in store.connection.execute("SELECT DISTINCT recording FROM suites WHERE known = 0")}
    for source in given:
        if awaited and source.recordings.is_dir():
            there = {path.stem for path in source.recordings.glob("*.jsonl")}
            for digest in sorted(awaited & there):
                yield digest, source.recordings
