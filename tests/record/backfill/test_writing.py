"""Writing: a past run has one log, whoever else takes the same file at that moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.record.backfill import writing
from gates.record.backfill.writing import Files
from pytest_vltair import eventlog, heads
from pytest_vltair.eventlog import Log
from support import event_logs

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
