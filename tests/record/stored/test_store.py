"""The store is made, migrated, opened by several versions, damaged, and kept from being written."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from gates.record.asked import questions
from gates.record.asked.answers import Filter
from gates.record.stored import schema, store
from gates.record.stored.errors import StoreError
from support import event_logs, stored
from support.unprivileged import public_folder, unprivileged

TABLES = {
    "events", "recordings", "files", "migrations", "runs", "subjects", "last_runs", "executions", "gates", "findings",
    "measures", "tests", "suites", "requirements",
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    event_logs.history(tmp_path / ".gates" / "events")
    stored.take(tmp_path)
    return tmp_path


def listed(root: Path) -> int:
    with questions.open_store(root) as opened:
        return len(questions.runs(opened, Filter()))


def why(root: Path) -> str:
    with pytest.raises(StoreError) as caught:
        listed(root)
    return str(caught.value)


def emptied(opened: store.Store) -> None:
    """Begin to empty a store, and fail."""
    with opened.writing() as connection:
        connection.execute("DELETE FROM runs")
        connection.execute("DELETE FROM nothing")


def changed(root: Path, fails: bool) -> None:
    """Write the store, and let what reads it meet pages of two states where it `fails`."""
    stored.take(root)
    if fails:
        raise sqlite3.DatabaseError("database disk image is malformed")


def test_every_table_is_there_and_each_migration_stands_with_its_digest(root: Path) -> None:
    names = {name for (name,) in stored.rows(root, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == TABLES
    applied = stored.rows(root, "SELECT number, name, sha256 FROM migrations ORDER BY number")
    assert applied == [(one.number, one.name, one.sha256) for one in schema.migrations()]
    assert [one.number for one in schema.migrations()] == list(range(1, len(applied) + 1))


def test_others_can_read_while_one_writes(root: Path) -> None:
    assert stored.rows(root, "PRAGMA journal_mode") == [("wal",)]
    with store.opened(stored.path(root)) as opened, opened.writing() as connection:
        connection.execute("DELETE FROM runs")
        assert stored.rows(root, "SELECT count(*) FROM runs") == [(3,)]


def test_what_is_written_inside_is_written_whole_or_not_at_all(root: Path) -> None:
    with store.opened(stored.path(root)) as opened:
        with pytest.raises(StoreError):
            emptied(opened)
        assert opened.connection.execute("SELECT count(*) FROM runs").fetchone() == (3,)


def test_a_migration_whose_text_changed_is_refused_with_both_digests(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder)
    path = folder / "0002_projections.sql"
    path.write_text(path.read_text("utf-8") + "-- another word\n", "utf-8")
    changed = tuple(schema.read(folder))
    was, now = schema.migrations()[1].sha256, changed[1].sha256
    assert was != now
    monkeypatch.setattr(schema, "migrations", lambda: changed)
    said = why(root)
    assert was in said
    assert now in said
    assert "0002_projections" in said


def test_what_a_newer_version_added_is_applied_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = (*schema.migrations(), schema.Migration(9, "0009_more", "9" * 64, "CREATE TABLE more (x);\n"))
    monkeypatch.setattr(schema, "migrations", lambda: newer)
    assert listed(root) == listed(root) == 3
    assert stored.rows(root, "SELECT count(*) FROM more") == [(0,)]
    monkeypatch.undo()
    said = why(root)
    assert "newer version" in said
    assert "delete the file" in said
    assert len(said.splitlines()) == 1


def test_a_store_from_before_gates_were_told_apart_by_command_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: now[:4])
    connection = sqlite3.connect(":memory:")
    schema.migrate(connection)
    empty = {row[1]: 0 for row in connection.execute("PRAGMA table_info(runs)")}
    of_gates = {row[1]: 0 for row in connection.execute("PRAGMA table_info(gates)")}

    def put(table: str, row: dict[str, object]) -> None:
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))

    for number, (command, verdict) in enumerate((("check", "passed"), ("check", "failed"), ("prove", "passed")), 1):
        put("runs", empty | {"id": number, "run": f"r{number}", "command": command, "started": f"2026-0{number}"})
        put("gates", of_gates | {"subject_id": 1, "run_id": number, "verdict": verdict})
    rows = [(1, "gate", "tests", "2026-03 r3", 0), (2, "run", "check", "2026-02 r2", 0)]
    rows += [(3, "run", "prove", "2026-03 r3", 1), (4, "test", "t.py::a", "2026-02 r2", 1), (5, "gate", "odd", "", 0)]
    connection.executemany("INSERT INTO subjects VALUES (?, ?, ?, ?, ?)", rows)
    monkeypatch.undo()
    schema.migrate(connection)
    assert connection.execute("SELECT * FROM subjects ORDER BY id").fetchall() == [row[:3] for row in rows]
    assert connection.execute("SELECT * FROM last_runs ORDER BY subject_id, command").fetchall() == [
        (1, "check", "2026-02 r2", 1),
        (1, "prove", "2026-03 r3", 0),
        (2, "check", "2026-02 r2", 0),
        (3, "prove", "2026-03 r3", 1),
        (4, "", "2026-02 r2", 1),
    ]
    failed = connection.execute("SELECT kind, subject, command, run FROM v_last_failed").fetchall()
    assert failed == [("test", "t.py::a", "", "r2"), ("run", "prove", "prove", "r3"), ("gate", "tests", "check", "r2")]
    assert {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == TABLES


def test_a_step_that_fails_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "CREATE TABLE more (x);\nCREATE TABLE runs (x);\n"
    broken = (*schema.migrations(), schema.Migration(9, "9", "9" * 64, text))
    monkeypatch.setattr(schema, "migrations", lambda: broken)
    assert "runs already exists" in why(root)
    assert stored.rows(root, "SELECT count(*) FROM sqlite_master WHERE name = 'more'") == [(0,)]


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    event_logs.history(tmp_path / ".gates" / "events")
    stored.path(tmp_path).write_bytes(b"my notes, which are long enough to be taken for something else\n" * 20)
    assert "is damaged: `gates runs ingest --rebuild` makes it anew" in why(tmp_path)
    assert stored.path(tmp_path).read_bytes().startswith(b"my notes")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    event_logs.history(tmp_path / ".gates" / "events")
    stored.change(tmp_path, "CREATE TABLE mine (x)")
    assert "is not one that gates made" in why(tmp_path)
    assert stored.rows(tmp_path, "SELECT name FROM sqlite_master") == [("mine",)]


def test_a_damaged_page_is_told_in_one_sentence(root: Path) -> None:
    data = bytearray(stored.path(root).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    stored.path(root).write_bytes(data)
    said = why(root)
    assert "is damaged" in said
    assert len(said.splitlines()) == 1


def test_without_events_it_is_empty_and_no_file_is_made(tmp_path: Path) -> None:
    assert listed(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_read_as_it_is() -> None:
    with public_folder() as root:
        event_logs.history(root / ".gates" / "events")
        stored.take(root)
        event_logs.closed(root / ".gates" / "events")
        for place in (root / ".gates", stored.path(root)):
            place.chmod(0o555)
        with unprivileged():
            assert listed(root) == 3
            with questions.open_store(root) as opened:
                assert not opened.writable
        (root / ".gates").chmod(0o755)


@pytest.mark.parametrize("fails", [False, True], ids=["an answer", "what SQLite calls damage"])
def test_one_without_a_lock_that_is_written_while_it_is_read_is_no_answer(fails: bool) -> None:
    with public_folder() as root:
        event_logs.history(root / ".gates" / "events")
        stored.take(root)
        event_logs.closed(root / ".gates" / "events")
        for place in (root / ".gates", stored.path(root)):
            place.chmod(0o555)
        with unprivileged():
            opened = questions.open_store(root)
        (root / ".gates").chmod(0o755)
        with opened, pytest.raises(StoreError, match=r"was written while it was read: try again$"), opened.reading():
            changed(root, fails)


def test_a_store_that_cannot_be_made_says_so_and_loses_nothing() -> None:
    with public_folder() as root:
        event_logs.history(root / ".gates" / "events")
        (root / ".gates").chmod(0o555)
        with unprivileged():
            said = why(root)
        (root / ".gates").chmod(0o755)
    assert "see to the permissions" in said
    assert "hold everything" in said


def _small_files() -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of the size of files")
def test_a_disk_that_is_full_is_told_and_the_next_ingest_takes_everything(tmp_path: Path) -> None:
    event_logs.history(tmp_path / ".gates" / "events", runs=60)
    command = [sys.executable, "-P", "-m", "gates", "runs", "ingest"]
    done = subprocess.run(command, cwd=tmp_path, preexec_fn=_small_files, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done
    assert "undecided: the store .gates/record.sqlite" in done.stdout
    assert "Traceback" not in done.stderr
    assert listed(tmp_path) == 20
    assert stored.rows(tmp_path, "SELECT count(*) FROM runs") == [(60,)]
    assert stored.drifts(tmp_path) == ()


def test_one_that_is_kept_locked_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event_logs.closed(root / ".gates" / "events")
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    other = sqlite3.connect(stored.path(root), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert "is kept locked by another process" in why(root)
    finally:
        other.close()
    assert listed(root) == 4


def test_a_store_that_another_process_makes_between_two_looks_is_one_that_gates_made(tmp_path: Path) -> None:
    path = stored.path(tmp_path)
    path.parent.mkdir()
    looking = sqlite3.connect(path)

    class Looking:
        """A connection after whose first look another process makes the store."""

        looks = 0

        def execute(self, *args: str) -> list[tuple[object, ...]] | sqlite3.Cursor:
            self.looks += 1
            if self.looks > 1:
                return looking.execute(*args)
            found = Found(looking.execute(*args).fetchall())
            store.opened(path).close()
            return found

    class Found(list[tuple[object, ...]]):
        def fetchone(self) -> tuple[object, ...] | None:
            return self[0] if self else None

    assert schema._applied(cast("sqlite3.Connection", Looking())) == set()
    assert schema.is_current(looking)
    looking.close()
