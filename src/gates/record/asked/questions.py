"""Questions: what people and machines ask of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gates.record.asked import filters, opening, reproducing
from gates.record.asked.answers import Execution, Filter, Found, Measured, Pattern, Required, Run, RunDetail
from gates.record.asked.trends import flaky, series, slowest
from gates.record.stored.store import Store

__all__ = ["flaky", "last_failed", "open_store", "patterns", "run", "runs", "series", "slowest", "trace"]

MOST = 1_000
"""Findings of one run that are shown, and failed tests; there may be more in the store."""
SUBJECTS = 20
"""Subjects of one pattern that are named."""

_RUNS = """
SELECT
    runs.id, runs.run, runs.trace_id, runs.span_id, runs.attempt, runs.command, runs.project,
    runs.commit_id AS "commit", runs.branch, runs.status, runs.verdict, runs.exit_code, runs.started, runs.ended,
    runs.duration_ms, runs.runner, runs.gates_version, runs.backfilled, runs.tests, runs.failed_tests,
    (SELECT retry_of FROM executions WHERE run_id = runs.id AND kind = 'run') AS retry_of
FROM runs
"""
_RED = """
SELECT run_id, name || ' ' || verdict FROM gates JOIN subjects ON subjects.id = subject_id
WHERE verdict <> 'passed' AND run_id IN ({}) ORDER BY name
"""
_EXECUTIONS = """
SELECT
    executions.kind, subjects.name AS subject, of_gate.name AS gate, runs.run, executions.trace_id, executions.span_id,
    executions.attempt, executions.retry_of, executions.status, executions.error_type, executions.error_message,
    executions.stack_hash, coalesce(executions.started, recordings.started, runs.started) AS started, executions.ended,
    executions.duration_ms, coalesce(executions.inputs, recordings.tree) AS inputs,
    coalesce(executions.outputs, executions.recording) AS outputs,
    coalesce(executions.configuration, recordings.settings) AS configuration, runs.runner, runs.backfilled,
    runs.command, runs.gates
FROM executions
JOIN runs ON runs.id = executions.run_id
JOIN subjects ON subjects.id = executions.subject_id
LEFT JOIN subjects AS of_gate ON of_gate.id = executions.gate_id
LEFT JOIN recordings ON recordings.digest = executions.recording
"""
_LAST_FAILED = """
SELECT id, kind, substr(last_runs.newest, instr(last_runs.newest, ' ') + 1)
FROM last_runs CROSS JOIN subjects ON id = last_runs.subject_id
WHERE last_runs.failed = 1 AND kind = ? AND NOT EXISTS (
    SELECT 1 FROM subjects AS within JOIN last_runs AS later ON later.subject_id = within.id
    WHERE within.kind = 'test' AND subjects.kind = 'test'
    AND (within.name BETWEEN subjects.name || '::' AND subjects.name || ':;') AND later.newest > last_runs.newest
) AND NOT EXISTS (
    SELECT 1 FROM runs JOIN tests ON tests.run_id = runs.id AND tests.subject_id = subjects.id
    JOIN last_runs AS judged ON judged.subject_id = tests.gate_id
    WHERE runs.run = substr(last_runs.newest, instr(last_runs.newest, ' ') + 1) AND subjects.kind = 'test'
    AND judged.command NOT IN ('prove', 'diagnose') AND judged.failed = 0 AND judged.newest > last_runs.newest
) ORDER BY last_runs.newest DESC, name, command LIMIT ?
"""
"""A module that could not be collected is over with that as soon as one of its tests ran; a test is, as soon as the
gate that ran it passes: on evidence of the cache, for which no test ran, or without it, since it was deleted. A gate
that was only proved judged nothing. The view `v_last_failed` says the same; here the order is that of the index.
"""


def open_store(root: Path, *, refresh: bool = True) -> Store:
    """The store of the project at `root`, with all that its event files hold by now unless `refresh` is False.

    Close it, or use it in a `with`. Where nothing was recorded it is empty, and no file is made.

    Raises:
        StoreError: it cannot be read, or it was made by a newer version.
    """
    return opening.opened(root).store if refresh else opening.as_it_is(root)


def runs(store: Store, wanted: Filter) -> tuple[Run, ...]:
    """The runs that a filter lets through, newest first.

    Raises:
        StoreError: the store cannot be read.
    """
    which = filters.condition(wanted)
    query = f"{_RUNS} WHERE {which.text} ORDER BY runs.started DESC, runs.run DESC LIMIT ? OFFSET ?"
    with store.reading():
        return _runs(store, _rows(store, query, (*which.values, wanted.limit, wanted.offset)))


def run(store: Store, name: str) -> RunDetail | None:
    """All about the run whose name is `name` or begins so; None where there is none, or more than one.

    Raises:
        StoreError: the store cannot be read.
    """
    query = f"{_RUNS} WHERE runs.run = :name OR (runs.run > :name AND runs.run < :name || :far) ORDER BY run LIMIT 2"
    with store.reading():
        rows = _rows(store, query, {"name": name, "far": filters.FAR})
        if not rows or (len(rows) > 1 and rows[0]["run"] != name):
            return None
        return _detail(store, rows[0])


def trace(store: Store, trace_id: str) -> tuple[Execution, ...]:
    """Every attempt at one question, the first one first; empty where the trace is unknown.

    Raises:
        StoreError: the store cannot be read.
    """
    order = "ORDER BY executions.attempt, runs.started, runs.run, executions.span_id"
    with store.reading():
        return _executions(store, f"WHERE executions.trace_id = ? {order}", (trace_id,))


def last_failed(store: Store, limit: int = 20) -> tuple[Execution, ...]:
    """Executions that failed in the newest run of their subject: tests before gates, newest first.

    Of a test it is the last attempt that failed. Runs come last, and only such as ended without a verdict.

    Raises:
        StoreError: the store cannot be read.
    """
    found: list[Execution] = []
    where = (
        "WHERE executions.run_id = (SELECT id FROM runs WHERE run = ?) AND executions.kind = ? AND"
        " executions.subject_id = ? AND executions.status IN ('failed', 'undecided', 'error', 'lost')"
        " ORDER BY executions.attempt DESC, executions.span_id LIMIT 1"
    )
    with store.reading():
        for kind in ("test", "gate", "run"):
            wanted = (kind, limit - len(found))
            for subject, _, name in store.connection.execute(_LAST_FAILED, wanted).fetchall():
                found += _executions(store, where, (name, kind, subject))
    return tuple(found)


def patterns(store: Store, wanted: Filter, limit: int = 20) -> tuple[Pattern, ...]:
    """Failures of the runs that a filter lets through, grouped by stack hash, the most frequent first.

    Raises:
        StoreError: the store cannot be read.
    """
    which = filters.condition(wanted)
    query = (
        "SELECT stack_hash, count(*) AS count, count(DISTINCT run_id) AS runs, min(runs.started) AS first,"  # noqa: S608 - names of our own
        " max(runs.started) AS last FROM executions JOIN runs ON runs.id = run_id"
        f" WHERE stack_hash IS NOT NULL AND {which.text} GROUP BY stack_hash ORDER BY count DESC, stack_hash LIMIT ?"
    )
    with store.reading():
        rows = _rows(store, query, (*which.values, limit))
        return tuple(_pattern(store, row, which) for row in rows)


def _pattern(store: Store, row: dict[str, Any], which: filters.Condition) -> Pattern:
    where = f"WHERE executions.stack_hash = ? AND {which.text}"
    values = (row["stack_hash"], *which.values)
    # Spans are random, and subjects are not.
    order = "ORDER BY runs.started DESC, subjects.name, executions.attempt, executions.span_id LIMIT 1"
    (example,) = _executions(store, f"{where} {order}", values)
    named = store.connection.execute(
        "SELECT DISTINCT subjects.name FROM executions JOIN runs ON runs.id = run_id"  # noqa: S608 - names of our own
        f" JOIN subjects ON subjects.id = subject_id {where} ORDER BY subjects.name LIMIT ?",
        (*values, SUBJECTS),
    )
    return Pattern(
        **row,
        error_type=example.error_type,
        error_message=example.error_message,
        subjects=tuple(name for (name,) in named),
        example=example,
    )


def _detail(store: Store, row: dict[str, Any]) -> RunDetail:
    number = (row["id"],)
    (shown,) = _runs(store, [row])
    findings = "SELECT * FROM findings WHERE run_id = ? ORDER BY blocks DESC, seq LIMIT ?"
    measures = 'SELECT *, bound AS "limit" FROM measures WHERE run_id = ? ORDER BY seq'
    required = "SELECT * FROM requirements WHERE run_id = ? ORDER BY requirement"
    failing = (
        "WHERE executions.run_id = ? AND executions.kind = 'test' AND executions.stack_hash IS NOT NULL"
        " ORDER BY subjects.name, executions.attempt LIMIT ?"
    )
    return RunDetail(
        run=shown,
        executions=_executions(
            store, "WHERE executions.run_id = ? AND executions.kind <> 'test' ORDER BY executions.id", number
        ),
        findings=_as(Found, _rows(store, findings, (*number, MOST))),
        measures=_as(Measured, _rows(store, measures, number)),
        requirements=_as(Required, _rows(store, required, number)),
        tests=shown.tests,
        failed_tests=_executions(store, failing, (*number, MOST)),
    )


def _rows(store: Store, query: str, values: Sequence[object] | dict[str, object]) -> list[dict[str, Any]]:
    cursor = store.connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def unseen(store: Store) -> int:
    """How many runs there are of which nobody has seen the tests yet.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as connection:
        (number,) = connection.execute("SELECT count(DISTINCT run_id) FROM suites WHERE known = 0").fetchone()
    return int(number)


def _as(kind: Any, rows: Iterable[dict[str, Any]]) -> Any:
    """Rows as answers: other columns are left out, and 0 and 1 are truth values where that is what is asked for."""
    return msgspec.convert(tuple(rows), tuple[kind, ...], strict=False)


def _runs(store: Store, rows: Sequence[dict[str, Any]]) -> tuple[Run, ...]:
    red: dict[int, list[str]] = {}
    marks = ", ".join("?" * len(rows))
    for number, name in store.connection.execute(_RED.format(marks), [row["id"] for row in rows]):
        red.setdefault(number, []).append(name)
    found: tuple[Run, ...] = _as(Run, ({**row, "red": red.get(row["id"], [])} for row in rows))
    return found


def _executions(store: Store, where: str, values: Sequence[object]) -> tuple[Execution, ...]:
    rows = _rows(store, f"{_EXECUTIONS} {where}", values)
    found: tuple[Execution, ...] = _as(
        Execution,
        ({**row, "duration_ms": round(row["duration_ms"]), "reproduce": reproducing.command(row)} for row in rows),
    )
    return found
