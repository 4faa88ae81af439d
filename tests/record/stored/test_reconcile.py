"""Every difference between store and log is named; a store made anew has none, and loses nothing."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gates.record.asked import questions
from gates.record.integrity import retention
from gates.record.stored import rebuilding, reconcile, schema, sources, store
from gates.record.stored.errors import StoreError
from support import event_logs, many_runs, stored
from support.many_runs import Failure
from support.stored import change, drifts, rows, take

FIELDS = [
    (table, column)
    for table, columns in {
        "runs": ("status", "branch", "started", "duration_ms", "tests", "report"),
        "executions": ("trace_id", "attempt", "retry_of", "status", "error_message", "stack_hash", "recording"),
        "gates": ("verdict", "cached", "findings"),
        "tests": ("outcome", "reruns", "duration_ms"),
        "suites": ("recording", "known"),
        "requirements": ("status", "failed"),
        "last_runs": ("newest", "failed"),
    }.items()
    for column in columns
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    many_runs.write(root, 8, {3: Failure("t/a.py::a", "boom")})
    take(root)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / ".gates", tmp_path / ".gates")
    return tmp_path


def rebuilt(root: Path) -> rebuilding.Rebuilt:
    return rebuilding.rebuild(stored.path(root), [sources.own(root)])


def test_what_ingest_projected_is_what_a_rebuild_projects(root: Path) -> None:
    assert drifts(root) == ()


@pytest.mark.parametrize(("table", "column"), FIELDS)
def test_a_changed_field_is_named(root: Path, table: str, column: str) -> None:
    key = {"runs": "rowid", "executions": "rowid", "last_runs": "subject_id"}.get(table, "run_id")
    change(root, f"UPDATE {table} SET {column} = 77 WHERE {key} = 2")
    found = drifts(root)
    assert {(one.table, one.field) for one in found} == {(table, column)}
    assert {one.stored for one in found} == {"77"} or {one.stored for one in found} == {"77.0"}
    assert rebuilt(root).carried == 0
    assert drifts(root) == ()


@pytest.mark.parametrize(
    "table", [name for name in reconcile.TABLES if name not in {"findings", "measures", "runs", "subjects"}]
)
def test_a_row_that_is_missing_is_named(root: Path, table: str) -> None:
    change(root, f"DELETE FROM {table} WHERE {'subject_id' if table == 'last_runs' else 'run_id'} = 2")
    assert {(one.table, one.field, one.stored, one.log) for one in drifts(root)} == {(table, "", None, "a row")}


def test_a_row_too_many_is_named(root: Path) -> None:
    change(root, "INSERT INTO requirements SELECT 'REQ-9', run_id, status, tests, failed FROM requirements LIMIT 1")
    (found,) = drifts(root)
    assert (found.table, found.stored, found.log) == ("requirements", "a row", None)
    assert found.key.endswith(" REQ-9")


def test_an_event_that_is_missing_is_named_and_comes_back(root: Path) -> None:
    before = stored.content(root)
    change(root, "DELETE FROM events WHERE id = 6")
    found = [one for one in drifts(root) if one.table == "events"]
    assert [(one.key.split()[-2:], one.stored) for one in found] == [(["event", "1"], None)]
    rebuilt(root)
    assert stored.content(root) == before


def test_an_event_that_was_changed_in_the_store_is_named_and_put_right(root: Path) -> None:
    before = stored.content(root)
    change(root, 'UPDATE events SET line = replace(line, \'"verdict":"failed"\', \'"verdict":"passed"\') WHERE seq = 1')
    found = [one for one in drifts(root) if one.table == "events"]
    assert len(found) == 2, "the file has another line, and the digest of this one is not that of its content"
    assert rebuilt(root).carried == 0
    assert stored.content(root) == before


def test_an_event_that_is_in_no_file_is_named_and_leaves(root: Path) -> None:
    other = event_logs.closed(root / "other" / "events")
    take(root, root / "other")
    assert drifts(root) == (), "that it came from elsewhere is no drift"
    with questions.open_store(root) as opened:
        assert reconcile.reconcile(opened, sources.own(root)).elsewhere == 4
    change(root, "DELETE FROM files WHERE name = ?", other.name)
    assert [one.log for one in drifts(root)] == [None] * 4


def test_what_came_from_elsewhere_stays_when_the_store_is_made_anew(root: Path) -> None:
    event_logs.closed(root / "other" / "events")
    take(root, root / "other")
    before = stored.content(root)
    shutil.rmtree(root / "other")
    for _ in range(2):
        made = rebuilt(root)
        assert (made.carried, made.damaged) == (4, None)
        assert stored.content(root) == before
        assert drifts(root) == ()
    assert list((root / ".gates").glob("record.*.tmp*")) == []


def test_recordings_that_only_the_old_store_has_stay(root: Path) -> None:
    before = stored.content(root)
    shutil.rmtree(root / ".gates" / "recordings")
    rebuilt(root)
    assert stored.content(root) == before


def test_a_damaged_store_is_moved_aside_and_made_anew(root: Path) -> None:
    before = stored.content(root)
    data = stored.path(root).read_bytes()
    stored.path(root).write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    damaged = stored.path(root).read_bytes()
    made = rebuilt(root)
    assert made.damaged is not None
    assert made.damaged.read_bytes() == damaged
    assert stored.content(root) == before


def test_whoever_has_the_store_open_goes_on_with_the_new_one(root: Path) -> None:
    with store.opened(stored.path(root)) as opened:
        change(root, "DELETE FROM runs")
        rebuilt(root)
        assert opened.connection.execute("SELECT count(*) FROM runs").fetchone() == (8,)


def test_a_newer_store_can_be_made_anew_by_an_older_version(root: Path) -> None:
    before = stored.content(root)
    change(root, "INSERT INTO migrations VALUES (99, '0099_later', 'x', 'now')")
    rebuilt(root)
    assert stored.content(root) == before
    assert rows(root, "SELECT max(number) FROM migrations") == [(schema.migrations()[-1].number,)]


def test_a_run_that_goes_on_is_no_drift(root: Path) -> None:
    log = event_logs.opened(root / ".gates" / "events")
    take(root)
    log.write("measure", event_logs.measure(1))
    assert drifts(root) == ()
    log.abandon()


def test_a_run_that_ends_after_the_files_were_taken_in_is_no_drift(root: Path) -> None:
    log = event_logs.opened(root / ".gates" / "events")
    take(root)
    log.write("command_end", event_logs.ended())
    log.close()
    event_logs.closed(root / ".gates" / "events")
    assert drifts(root) == ()
    take(root)
    assert drifts(root) == ()


def test_a_run_that_ends_while_its_file_is_read_is_read_where_it_is_now(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = event_logs.opened(root / ".gates" / "events")
    take(root)
    read = Path.read_bytes

    def late(self: Path) -> bytes:
        if self == log.path:
            monkeypatch.undo()
            log.write("command_end", event_logs.ended())
            log.close()
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", late)
    assert drifts(root) == ()


def test_a_run_that_ends_and_is_retired_after_it_was_taken_in_is_no_drift(root: Path) -> None:
    folder = root / ".gates" / "events"
    log = event_logs.opened(folder)
    take(root)
    log.write("command_end", event_logs.ended())
    log.close()
    now = datetime.now(UTC)
    old = retention.find(folder, now, timedelta(days=365)).old
    retention.retire(folder, [one for one in old if one.run == log.run], now)
    assert not (folder / log.path.name).exists()
    assert drifts(root) == ()
    take(root)
    assert rows(root, "SELECT 1 FROM events WHERE run = ?", log.run) == []


@pytest.mark.parametrize("seam", ["_project", "_compared"])
def test_what_another_process_takes_in_meanwhile_is_no_drift(
    root: Path, seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = getattr(reconcile, seam)

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        event_logs.closed(root / ".gates" / "events")
        assert take(root).inserted
        return step(*args)

    monkeypatch.setattr(reconcile, seam, late)
    assert drifts(root) == ()


@pytest.mark.parametrize("seam", ["_carry", "_overwrite"])
def test_what_another_process_takes_in_while_the_store_is_made_anew_is_in_it(
    root: Path, tmp_path: Path, seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is from elsewhere, and in no file here."""
    place = event_logs.closed(tmp_path / "elsewhere" / "events")
    step = getattr(rebuilding, seam)
    other = threading.Thread(target=lambda: take(root, place))

    def late(*args: Any) -> Any:
        other.start()
        other.join(0.3)
        return step(*args)

    monkeypatch.setattr(rebuilding, seam, late)
    rebuilding.rebuild(stored.path(root), [sources.own(root)])
    other.join()
    assert rows(root, "SELECT count(*) FROM events WHERE run = ?", place.stem) == [(4,)]
    assert drifts(root) == ()


def test_who_waits_too_long_for_a_store_that_is_made_anew_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event_logs.closed(root / ".gates" / "events")
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    with store.alone(stored.path(root)), pytest.raises(StoreError, match="locked by another process"):
        take(root)
    assert take(root).inserted == 4
