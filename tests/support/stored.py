"""The store of a project as tests look at it, and recordings to put beside its events."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gates.record.asked import questions
from gates.record.stored import ingest, reconcile, sources, store
from gates.record.stored.ingest import Ingested
from support.event_logs import CODEC

STARTED = "2026-11-01T12:00:00.000000Z"


def path(root: Path) -> Path:
    """Where the store of a project is."""
    return root / ".gates" / store.NAME


def take(root: Path, *given: Path) -> Ingested:
    """What came of an ingest, of other places than the project's own where they are given."""
    (root / ".gates").mkdir(parents=True, exist_ok=True)
    chosen = sources.given(given) if given else (sources.own(root),)
    with store.opened(path(root)) as opened:
        return ingest.ingest(opened, chosen)


def rows(root: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query of the store gives."""
    connection = sqlite3.connect(path(root))
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def change(root: Path, statement: str, *values: Any) -> None:
    """Change the store behind the back of gates."""
    connection = sqlite3.connect(path(root))
    try:
        with connection:
            connection.execute(statement, values)
    finally:
        connection.close()


def content(root: Path) -> dict[str, list[Any]]:
    """All projections without the numbers that depend on the order of coming, and all events."""
    with questions.open_store(root, refresh=False) as opened:
        found: dict[str, list[Any]] = {
            table: list(reconcile.rows(table, opened.connection)) for table in reconcile.TABLES
        }
    return found | {"events": rows(root, "SELECT hex(key), run, seq, line FROM events ORDER BY key")}


def drifts(root: Path) -> tuple[reconcile.Drift, ...]:
    """Where the store differs from the log."""
    with questions.open_store(root, refresh=False) as opened:
        return reconcile.reconcile(opened, sources.own(root)).drifts


def recording(*phases: dict[str, Any], tree: str = "1" * 64, version: int = 5) -> bytes:
    """The bytes of a recorded run with these phases."""
    begin = {"event": "begin", "schema_version": version, "started": STARTED, "tree": tree, "settings": "3" * 64}
    return b"".join(CODEC.encode(line) + b"\n" for line in (begin, *phases))


def phase(test: str, when: str = "call", outcome: str = "passed", **more: Any) -> dict[str, Any]:
    """A phase of a test."""
    failed = outcome in {"failed", "rerun"}
    return {
        "event": "phase",
        "nodeid": test,
        "when": when,
        "outcome": outcome,
        "duration": 0.002,
        "path": None,
        "line": None,
        "message": "assert 1 == 2" if failed else "",
        "wasxfail": False,
        "error": "AssertionError" if failed else "",
        "stack": "5" * 16 if failed else "",
        "markers": [],
        "requirements": [],
        "covers": [],
        "worker": None,
        **more,
    }


def attempt(test: str, outcome: str = "passed", **more: Any) -> list[dict[str, Any]]:
    """The three phases of an attempt at a test."""
    return [
        phase(test, "setup", **more),
        phase(test, "call", outcome, **more),
        phase(test, "teardown", **more),
    ]


def keep(root: Path, data: bytes) -> str:
    """Keep a recording below `root`; its digest."""
    digest = hashlib.sha256(data).hexdigest()
    folder = root / ".gates" / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{digest}.jsonl").write_bytes(data)
    return digest


def suite(*attempts: Iterable[dict[str, Any]], tree: str = "1" * 64) -> bytes:
    """The bytes of a recorded run with these attempts."""
    return recording(*(one for phases in attempts for one in phases), tree=tree)
