"""Projecting: the rows of runs into the tables of a store, instead of those that were there."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gates.record import events
from gates.record.stored import projections, recorded
from gates.record.stored.projections import Last, Projection
from gates.record.stored.recorded import Recording
from gates.record.stored.tested import Row, Subject

OF_RUN = ("executions", "gates", "findings", "measures", "tests", "suites", "requirements")
"""Tables whose rows belong to one run each."""
NAMELESS = frozenset({"findings", "measures", "requirements"})
"""Those in which there is no number of a subject."""

_NEWEST = {
    "run": """
        SELECT started || ' ' || run AS newest, status IN ('error', 'lost')
        FROM runs WHERE command = :name ORDER BY newest DESC LIMIT 1""",
    "gate": """
        SELECT started || ' ' || run AS newest, gates.verdict <> 'passed'
        FROM gates JOIN runs ON id = run_id WHERE subject_id = :number AND command = :command
        ORDER BY newest DESC LIMIT 1""",
    "test": """
        SELECT started || ' ' || run AS newest, max(outcome IN ('failed', 'error', 'unfinished'))
        FROM tests JOIN runs ON id = run_id WHERE subject_id = :number GROUP BY run_id ORDER BY newest DESC LIMIT 1""",
}
"""By the kind of a subject: what its newest run is, and whether it failed there."""


def project(connection: sqlite3.Connection, run: str) -> None:
    """Write what follows from all events of `run` that the store has; without any, what it had is taken away."""
    lines = connection.execute("SELECT line FROM events WHERE run = ? ORDER BY seq, key", (run,))
    found = [events.decode(line.encode("utf-8", "backslashreplace")) for (line,) in lines]
    write(connection, run, found)


def write(connection: sqlite3.Connection, run: str, found: Sequence[events.AnyEvent]) -> None:
    """Write what follows from `found`, which are all events of `run` by their number."""
    before = _removed(connection, run)
    attempts = set(before.attempts)
    seen: Collection[Last] = ()
    if found:
        digests = {one.recording for one in found if isinstance(one, events.TestsRecorded)}
        projection = projections.of(found, recordings(connection, digests))
        _insert(connection, projection)
        if projection.place == before.newest:
            seen = projection.newest()
        attempts |= {(one["trace_id"], one["attempt"]) for one in projection.executions if one["kind"] != "test"}
    if before.newest:
        _forgotten(connection, before, seen)
    _link(connection, attempts)


def forget(connection: sqlite3.Connection, run: str) -> None:
    """Take a run out of the store: its events, what follows from them, and recordings that no other run names."""
    query = "SELECT DISTINCT recording FROM suites JOIN runs ON id = run_id WHERE run = ?"
    digests = connection.execute(query, (run,)).fetchall()
    connection.execute("DELETE FROM events WHERE run = ?", (run,))
    connection.execute("DELETE FROM files WHERE name = ?", (f"{run}.jsonl",))
    write(connection, run, [])
    unnamed = "DELETE FROM recordings WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM suites WHERE recording = ?1)"
    connection.executemany(unnamed, digests)


def recordings(connection: sqlite3.Connection, digests: Iterable[str]) -> Mapping[str, Recording]:
    """Those of the recordings that the store has."""
    found: dict[str, Recording] = {}
    for digest in digests:
        row = connection.execute(
            "SELECT tree, settings, started, attempts FROM recordings WHERE digest = ?", (digest,)
        ).fetchone()
        if row is not None:
            found[digest] = Recording(digest, row[0], row[1], row[2], recorded.unpack(row[3]))
    return found


def keep(connection: sqlite3.Connection, one: Recording) -> None:
    """Keep a recording; one that is there already is the same."""
    connection.execute(
        "INSERT OR IGNORE INTO recordings VALUES (?, ?, ?, ?, ?)",
        (one.digest, one.tree, one.settings, one.started, recorded.pack(one.attempts)),
    )


class _Before(NamedTuple):
    """What was known of a run: its place among all, trace and attempt of its executions, gates that ran tests."""

    newest: str
    attempts: frozenset[tuple[str, int]]
    gates: frozenset[int]


def _removed(connection: sqlite3.Connection, run: str) -> _Before:
    row = connection.execute("SELECT id, started || ' ' || run FROM runs WHERE run = ?", (run,)).fetchone()
    if row is None:
        return _Before("", frozenset(), frozenset())
    number = row[:1]
    query = "SELECT trace_id, attempt FROM executions WHERE run_id = ? AND kind <> 'test'"
    attempts = frozenset(connection.execute(query, number))
    query = "SELECT DISTINCT gate_id FROM suites WHERE run_id = ?"
    gates = frozenset(gate for (gate,) in connection.execute(query, number))
    for table in OF_RUN:
        connection.execute(f"DELETE FROM {table} WHERE run_id = ?", number)  # noqa: S608 - names of our own
    connection.execute("DELETE FROM runs WHERE id = ?", number)
    return _Before(row[1], attempts, gates)


def _insert(connection: sqlite3.Connection, projection: Projection) -> None:
    run = projection.run
    _put(connection, "runs", [run])
    (number,) = connection.execute("SELECT id FROM runs WHERE run = ?", (run["run"],)).fetchone()
    known = _Subjects(connection)
    for last, failed in projection.newest().items():
        known.seen(last, projection.place, failed=failed)
    for table in OF_RUN:
        rows: list[Row] = getattr(projection, table)
        if table not in NAMELESS:
            rows = [known.numbered(row) for row in rows]
        _put(connection, table, ({"run_id": number} | row for row in rows))


def _put(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    names, places = ", ".join(first), ", ".join(f":{name}" for name in first)
    statement = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own
    connection.executemany(statement, _again(first, rows))


def _again(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


class _Subjects:
    """Numbers of subjects, which get one when they are first seen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[Subject, int] = {}

    def seen(self, last: Last, newest: str, *, failed: bool) -> None:
        """Note what became of a subject, where no newer run has."""
        self._connection.execute(
            "INSERT INTO last_runs (subject_id, command, newest, failed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (subject_id, command) DO UPDATE SET newest = excluded.newest, failed = excluded.failed"
            " WHERE excluded.newest >= newest",
            (self.number(last.subject), last.command, newest, int(failed)),
        )

    def number(self, subject: Subject) -> int:
        """The number of a subject."""
        if subject not in self._numbers:
            query = "SELECT id FROM subjects WHERE kind = ? AND name = ?"
            row = self._connection.execute(query, subject).fetchone()
            if row is None:
                self._connection.execute("INSERT INTO subjects (kind, name) VALUES (?, ?)", subject)
                row = self._connection.execute(query, subject).fetchone()
            self._numbers[subject] = row[0]
        return self._numbers[subject]

    def numbered(self, row: Row) -> dict[str, Any]:
        """A row with numbers for its subjects."""
        return {name: self.number(value) if isinstance(value, Subject) else value for name, value in row.items()}


def _link(connection: sqlite3.Connection, attempts: Iterable[tuple[str, int]]) -> None:
    """Say of these attempts at questions, and of those that follow, which was before them where no event does.

    A CI that keeps no history knows the number of the attempt, and not the span of the one before. Legs of a matrix ask
    the same question on machines of several kinds; where more than one fits, nobody knows which it was.
    """
    connection.executemany(
        "UPDATE executions SET retry_of = (SELECT CASE count(DISTINCT before.span_id) WHEN 1 THEN before.span_id END"
        " FROM executions AS before JOIN runs AS there ON there.id = before.run_id"
        " WHERE before.trace_id = executions.trace_id AND before.attempt = executions.attempt - 1"
        " AND there.machine = (SELECT machine FROM runs WHERE runs.id = executions.run_id))"
        " WHERE trace_id = ? AND attempt = ? AND attempt > 1 AND told_retry_of IS NULL AND kind <> 'test'",
        {(trace, attempt + more) for trace, attempt in attempts if trace for more in (0, 1)},
    )


def _forgotten(connection: sqlite3.Connection, before: _Before, seen: Collection[Last]) -> None:
    """Find out anew what the newest run is of subjects for which it was this one, but of those `seen` there.

    What was executed in no run any more is no subject.
    """
    query = "SELECT id, kind, name, command FROM last_runs JOIN subjects ON id = subject_id WHERE newest = ?"
    unused = set(before.gates)
    for number, kind, name, command in connection.execute(query, (before.newest,)).fetchall():
        if Last(Subject(kind, name), command) in seen:
            continue
        values = {"number": number, "name": name, "command": command}
        row = connection.execute(_NEWEST[kind], values).fetchone()
        which = (number, command)
        if row is None:
            connection.execute("DELETE FROM last_runs WHERE subject_id = ? AND command = ?", which)
            unused.add(number)
        else:
            statement = "UPDATE last_runs SET newest = ?, failed = ? WHERE subject_id = ? AND command = ?"
            connection.execute(statement, (*row, *which))
    connection.executemany(
        "DELETE FROM subjects WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM last_runs WHERE subject_id = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM suites WHERE gate_id = ?1)",
        [(number,) for number in sorted(unused)],
    )
