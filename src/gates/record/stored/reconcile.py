"""Reconcile: what the store holds against what follows from the log; every difference is named."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from gates.record.stored import lines, projecting
from gates.record.stored import store as stores
from gates.record.stored.sources import Source
from gates.record.stored.store import Store

TABLES: Mapping[str, tuple[str, ...]] = {
    "runs": ("run",),
    "subjects": ("kind", "name"),
    "last_runs": ("subject", "command"),
    "executions": ("run", "span_id"),
    "gates": ("run", "subject"),
    "findings": ("run", "seq"),
    "measures": ("run", "seq"),
    "tests": ("run", "subject", "gate_subject"),
    "suites": ("run", "seq"),
    "requirements": ("run", "requirement"),
}
"""The projections, each with what names a row of it."""

_NAMES = {
    "run_id": ("run", "(SELECT run FROM runs WHERE id = run_id)"),
    "subject_id": ("subject", "(SELECT kind || ' ' || name FROM subjects WHERE id = subject_id)"),
    "gate_id": ("gate_subject", "(SELECT name FROM subjects WHERE id = gate_id)"),
}
"""What stands in the place of a number that differs from store to store."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A difference: table, key of the row, field, what is stored and what follows from the log; None: no such row."""

    table: str
    key: str
    field: str
    stored: str | None
    log: str | None


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared; `elsewhere` counts events that were ingested from files which are not here.

    `bad_lines` counts lines of the event files here that are no events of this version, and stay uncompared.
    """

    runs: int
    events: int
    elsewhere: int
    bad_lines: int = 0
    drifts: tuple[Drift, ...]


def reconcile(store: Store, own: Source, tell: Callable[[int], None] = lambda _: None) -> Reconciled:
    """All differences between the store, the event files of `own`, and what follows from the events.

    `tell` is called with the number of each run that was projected again.

    Raises:
        StoreError: the store cannot be read.
        OSError: an event file cannot be read.
    """
    with store.reading(), stores.in_memory(store.path) as rebuilt:
        elsewhere, bad, drifts = _logged(store.connection, own)
        drifts += _project(store.connection, rebuilt, tell)
        for table in TABLES:
            drifts += _compared(table, store.connection, rebuilt.connection)
        (runs,) = store.connection.execute("SELECT count(*) FROM runs").fetchone()
        (events,) = store.connection.execute("SELECT count(*) FROM events").fetchone()
    return Reconciled(runs=runs, events=events, elsewhere=elsewhere, bad_lines=bad, drifts=tuple(drifts))


def _logged(connection: sqlite3.Connection, own: Source) -> tuple[int, int, list[Drift]]:
    """How many events are from elsewhere, how many lines are no events, and where files and events do not agree."""
    connection.execute("CREATE TEMP TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
    here: set[str] = set()
    drifts: list[Drift] = []
    bad = 0
    named = set(connection.execute("SELECT name, size FROM files"))
    known = {name for name, _ in named}
    # The others came in a file of another name, or in one that went on elsewhere.
    whole = {name for name, size in named if size}
    for file in own.found():
        try:
            data = file.path.read_bytes()
        except FileNotFoundError:
            continue  # it was closed since it was listed, and is found again, or it was retired
        here.add(file.name)
        if lines.foreign(data) is not None:
            bad += data.count(b"\n")  # of another version, of which an ingest takes nothing
            continue
        found = lines.read(data, file.name, is_open=file.is_open)
        bad += len(found.bad)
        for one in found.lines:
            connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (one.key,))
            row = connection.execute("SELECT line FROM events WHERE key = ?", (one.key,)).fetchone()
            # A run that goes on, or ended since the files were ingested, may have written more.
            if (row is None and not file.is_open and file.name in whole) or (row is not None and row[0] != one.text):
                key = _event(one.event.run, one.event.seq)
                drifts.append(Drift(table="events", key=key, field="line", stored=row and row[0], log=one.text))
    retired = own.retired()
    elsewhere = 0
    unseen = "SELECT run, seq, line FROM events WHERE key NOT IN (SELECT key FROM seen) ORDER BY run, seq"
    for run, seq, line in connection.execute(unseen):
        name = f"{run}.jsonl"
        if name in known and name not in here:
            elsewhere += 1
        elif name not in retired:  # which was taken away since, before the file was taken in to its end
            drifts.append(Drift(table="events", key=_event(run, seq), field="line", stored=line, log=None))
    connection.execute("DROP TABLE seen")
    return elsewhere, bad, drifts


def _project(connection: sqlite3.Connection, rebuilt: Store, tell: Callable[[int], None]) -> list[Drift]:
    """Make the projections again from the events; those events that are not what was written."""
    drifts: list[Drift] = []
    with rebuilt.writing() as fresh:
        fresh.executemany(
            "INSERT INTO recordings VALUES (?, ?, ?, ?, ?)", connection.execute("SELECT * FROM recordings")
        )
        runs = connection.execute("SELECT DISTINCT run FROM events ORDER BY run").fetchall()
        for number, (run,) in enumerate(runs, start=1):
            rows = connection.execute("SELECT line FROM events WHERE run = ? ORDER BY seq, key", (run,))
            data = b"".join(line.encode("utf-8", "backslashreplace") + b"\n" for (line,) in rows)
            found = lines.read(data, run)
            projecting.write(fresh, run, [one.event for one in found.lines])
            drifts += (
                Drift(table="events", key=f"{run} line {bad.line}", field="line", stored=bad.text, log=bad.reason)
                for bad in found.bad
            )
            tell(number)
    return drifts


def _compared(table: str, stored: sqlite3.Connection, rebuilt: sqlite3.Connection) -> Iterator[Drift]:
    """The differences of a table, of which both sides come sorted by their keys."""
    have = ((row.key, 0, row) for row in rows(table, stored))
    want = ((row.key, 1, row) for row in rows(table, rebuilt))
    merged = heapq.merge(have, want, key=lambda one: one[:2])
    for _, group in groupby(merged, key=lambda one: one[0]):
        sides = {side: row for _, side, row in group}
        if 0 in sides and 1 in sides:
            yield from _fields(table, sides[0], sides[1])
        elif 0 in sides:
            yield Drift(table=table, key=sides[0].shown, field="", stored="a row", log=None)
        else:
            yield Drift(table=table, key=sides[1].shown, field="", stored=None, log="a row")


class Row(NamedTuple):
    """A row: what names it, and all its fields."""

    key: tuple[Any, ...]
    fields: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """What names it, for people."""
        return " ".join(str(part) for _, part in self.key)


def rows(table: str, connection: sqlite3.Connection) -> Iterator[Row]:
    """The rows of a projection, sorted by what names them, with names in place of numbers."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    names = [_NAMES.get(column, (column, column)) for column in columns]
    selected = ", ".join(f"{expression} AS {name}" for name, expression in names)
    order = ", ".join(TABLES[table])
    cursor = connection.execute(f"SELECT {selected} FROM {table} ORDER BY {order}")  # noqa: S608 - names of our own
    for values in cursor:
        fields = {name: value for (name, _), value in zip(names, values, strict=True)}
        # A part that is missing sorts before all others, here as in SQL.
        yield Row(tuple((fields[key] is not None, fields[key]) for key in TABLES[table]), fields)


def _fields(table: str, left: Row, right: Row) -> Iterator[Drift]:
    for name, value in left.fields.items():
        wanted = right.fields[name]
        if value != wanted:
            yield Drift(table=table, key=left.shown, field=name, stored=_said(value), log=_said(wanted))


def _said(value: Any) -> str:
    return "null" if value is None else str(value)


def _event(run: str, seq: int) -> str:
    return f"{run} event {seq}"
