"""Writing: a past run has one log, whoever else takes the same file at that moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.cli import runs_backfill
from gates.record.backfill import writing
from gates.record.backfill.writing import Files
from pytest_vltair import eventlog, filelock, heads, keeping
from pytest_vltair.eventlog import Log
from support import event_logs, stored

JUNIT = '<testsuite timestamp="2024-03-01T12:00:00"><testcase classname="t" name="a"/></testsuite>'


def closed(root: Path) -> int:
    return (root / ".gates" / "events" / heads.NAME).read_bytes().count(b'"kind":"closed"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.xml"
    path.write_text(JUNIT)
    return path


def test_a_run_that_another_process_closes_after_it_was_asked_for_is_not_written_again(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(root=tmp_path, name="p", scrub=str)

    def late(*args: object, **named: object) -> Log:
        monkeypatch.undo()
        assert files.take(file, named=True).state == "written"
        return Log(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "Log", late)
    assert files.take(file, named=True).state == "already there"
    assert closed(tmp_path) == 1
    assert not list((tmp_path / ".gates" / "events" / "open").iterdir())


def test_a_run_that_another_process_closes_as_lost_after_it_was_asked_for_gets_the_next_name(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(root=tmp_path, name="p", scrub=str)
    folder = tmp_path / ".gates" / "events"

    def late(folder: Path, codec: object, *, run: str) -> Log:
        monkeypatch.undo()
        dead = Log(folder, event_logs.CODEC, run=run)
        dead.identify("0" * 32, "0" * 16, 1)
        dead.write("command_start", {})
        dead.abandon()
        assert eventlog.close_dead(folder, event_logs.CODEC, by="x") == [run]
        return Log(folder, event_logs.CODEC, run=run)

    monkeypatch.setattr(writing, "Log", late)
    taken = files.take(file, named=True)
    assert taken.state == "written"
    logs = {path.stem: b'"status":"lost"' in path.read_bytes() for path in folder.glob("2*.jsonl")}
    assert len(logs) == 2
    assert taken.run in logs
    assert logs[taken.run] is False
    assert not list((folder / "open").iterdir())


def waiting(monkeypatch: pytest.MonkeyPatch, until: Callable[[], object]) -> None:
    """Do `until` as soon as the process waits."""

    def sleep(_: float) -> None:
        monkeypatch.undo()
        until()

    monkeypatch.setattr("time.sleep", sleep)


def begun(tmp_path: Path, file: Path) -> Log:
    """The log of another process that writes the same run."""
    taken = Files(root=tmp_path, name="p", scrub=str, dry=True).take(file, named=True)
    log = Log(tmp_path / ".gates" / "events", event_logs.CODEC, run=taken.run)
    log.identify("0" * 32, "0" * 16, 1)
    log.write("command_start", event_logs.started(log))
    return log


def test_a_run_that_another_process_writes_is_waited_for(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begun(tmp_path, file)

    def done() -> None:
        log.write("command_end", event_logs.ended())
        log.close()

    waiting(monkeypatch, done)
    assert Files(root=tmp_path, name="p", scrub=str).take(file, named=True).state == "already there"
    assert closed(tmp_path) == 1


def test_a_run_of_which_the_other_writer_is_killed_is_written(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begun(tmp_path, file)
    waiting(monkeypatch, log.abandon)
    taken = Files(root=tmp_path, name="p", scrub=str).take(file, named=True)
    assert taken.state == "written"
    assert taken.run != log.run
    assert closed(tmp_path) == 2


def test_a_run_of_which_a_hundred_writers_were_killed_is_written(tmp_path: Path, file: Path) -> None:
    for _ in range(101):
        begun(tmp_path, file).abandon()
        eventlog.close_dead(tmp_path / ".gates" / "events", event_logs.CODEC, by="x")
    assert Files(root=tmp_path, name="p", scrub=str).take(file, named=True).state == "written"
    assert closed(tmp_path) == 102


def test_another_writer_that_goes_on_is_not_taken_for_one_that_has_done(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begun(tmp_path, file)
    monkeypatch.setattr(writing, "PATIENCE", 0.01)
    with pytest.raises(TimeoutError, match=f"is writing the run {log.run}; try again"):
        Files(root=tmp_path, name="p", scrub=str).take(file, named=True)
    log.abandon()


def test_a_run_that_was_cut_off_and_entered_and_not_moved_is_written(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closed it is between the two steps, and is killed there."""
    log = begun(tmp_path, file)
    log.abandon()
    with monkeypatch.context() as patch:
        patch.setattr(eventlog, "_move", lambda *_: None)
        assert eventlog.close_dead(log.folder, event_logs.CODEC, by="x") == [log.run]
    assert log.path.exists()
    closer = os.open(log.path, os.O_RDWR)
    assert filelock.attempt(closer)
    waiting(monkeypatch, lambda: os.close(closer))
    assert Files(root=tmp_path, name="p", scrub=str).take(file, named=True).state == "written"
    assert closed(tmp_path) == 2


@pytest.mark.parametrize("windows", [False, True])
def test_a_file_in_which_nothing_stands_keeps_no_name(
    tmp_path: Path, file: Path, windows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "WINDOWS", windows)
    log = begun(tmp_path, file)
    log.path.write_bytes(b"")
    log.abandon()
    assert Files(root=tmp_path, name="p", scrub=str).take(file, named=True).run == log.run
    assert closed(tmp_path) == 1


@pytest.mark.parametrize("sized", [False, True])
def test_recordings_are_in_the_store_before_other_runs_remove_them(
    tmp_path: Path, sized: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 6 files 2 are taken at once, while another run keeps its recording after each and with it the newest 4."""
    monkeypatch.setattr(keeping, "MOST", 4)
    monkeypatch.setattr(runs_backfill, "TOGETHER_SIZE" if sized else "TOGETHER", 2)
    paths = [tmp_path / f"{number}.xml" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_text(JUNIT.replace("12:00", f"12:0{number}"))
    files = Files(root=tmp_path, name="p", scrub=str)
    for number, one in enumerate(runs_backfill._taken(files, [(path, True) for path in paths])):
        assert one.state == "written"
        keeping.keep(tmp_path / ".gates" / "recordings", b"%d\n" % number)
    assert stored.rows(tmp_path, "SELECT known, count(*) FROM suites GROUP BY known") == [(1, 6)]


def test_what_a_killed_process_wrote_is_in_the_store_when_it_is_taken_again(tmp_path: Path, file: Path) -> None:
    files = Files(root=tmp_path, name="p", scrub=str)
    files.take(file, named=True)
    assert [one.state for one in runs_backfill._taken(files, [(file, True)])] == ["already there"]
    assert stored.rows(tmp_path, "SELECT known FROM suites") == [(1,)]
