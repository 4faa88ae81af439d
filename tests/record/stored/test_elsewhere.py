"""What comes from elsewhere adds to the store, whatever its name, and neither changes nor revives a run of here."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from gates.record.stored import rebuilding, sources
from gates.record.stored.lines import Line
from pytest_vltair import eventlog, heads
from support import event_logs, stored
from support.event_logs import CODEC
from support.stored import rows, take

STATUS = "SELECT status, exit_code FROM runs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / ".gates" / "events"
    made.mkdir(parents=True)
    return made


def copied_while_open(root: Path) -> eventlog.Log:
    """The log of a run that goes on, of which a copy in `copy` was closed as that of a dead one."""
    log = event_logs.opened(root / ".gates" / "events")
    shutil.copytree(root / ".gates", root / "copy")
    eventlog.close_dead(root / "copy" / "events", CODEC, by="")
    return log


def end(log: eventlog.Log) -> None:
    """End a run, after an event of another span than its own."""
    log.write("measure", event_logs.measure(1) | {"span_id": "d" * 16})
    log.write("command_end", event_logs.ended())
    log.close()


def rebuilt(root: Path) -> rebuilding.Rebuilt:
    return rebuilding.rebuild(stored.path(root), [sources.own(root)])


def retire(folder: Path, path: Path) -> None:
    """Say in `folder` that the run of a file was retired."""
    told = {"kind": "retired", "at": "2026-12-01T00:00:00.000000Z", "run": path.stem, "file": path.name}
    heads.append(folder, {**told, "events": 4, "head": json.loads(event_logs.lines(path)[-1])["chain"]}, CODEC)


def test_a_copy_that_was_closed_as_lost_conflicts_and_changes_nothing(tmp_path: Path) -> None:
    end(copied_while_open(tmp_path))
    take(tmp_path)
    before = stored.content(tmp_path)
    found = take(tmp_path, tmp_path / "copy")
    assert (found.inserted, found.skipped, found.conflicts) == (0, 1, 1)
    assert rows(tmp_path, STATUS) == [("passed", 0)]
    assert stored.content(tmp_path) == before
    assert stored.drifts(tmp_path) == ()
    (put,) = (tmp_path / ".gates" / "quarantine.jsonl").read_text("utf-8").splitlines()
    assert json.loads(put)["reason"] == "another event is there at this place of the run"


def test_where_the_lost_one_came_first_it_is_a_conflict_until_the_store_is_made_anew(tmp_path: Path) -> None:
    log = copied_while_open(tmp_path)
    take(tmp_path)
    assert take(tmp_path, tmp_path / "copy").inserted == 1
    end(log)
    assert take(tmp_path).conflicts == 1
    assert {one.table for one in stored.drifts(tmp_path)} == {"events"}
    assert rebuilt(tmp_path).carried == 0
    assert rows(tmp_path, STATUS) == [("passed", 0)]
    assert stored.drifts(tmp_path) == ()


def test_two_ways_of_a_run_that_an_old_store_holds_are_a_conflict_when_it_is_made_anew(tmp_path: Path) -> None:
    end(copied_while_open(tmp_path))
    shutil.move(tmp_path / ".gates", tmp_path / "other")
    take(tmp_path, tmp_path / "other")
    stored.change(tmp_path, "INSERT INTO events SELECT id + 9, x'00', run, seq, line || ' ' FROM events WHERE seq = 1")
    (text,) = (line for line in event_logs.lines(next((tmp_path / "copy/events").glob("2*.jsonl"))) if b"lost" in line)
    stored.change(tmp_path, "UPDATE events SET line = ? WHERE key = x'00'", text.decode().rstrip("\n"))
    assert rebuilt(tmp_path).ingested.conflicts == 1
    assert rows(tmp_path, STATUS) == [("passed", 0)]
    assert "lost" in (tmp_path / ".gates" / "quarantine.jsonl").read_text("utf-8")


def test_a_part_of_a_run_takes_nothing_from_what_the_old_store_has_of_it(tmp_path: Path) -> None:
    log = event_logs.opened(tmp_path / "other" / "events")
    shutil.copytree(tmp_path / "other", tmp_path / "part")
    end(log)
    take(tmp_path, tmp_path / "other")
    before = stored.content(tmp_path)
    given = [sources.own(tmp_path), *sources.given([tmp_path / "part"])]
    assert rebuilding.rebuild(stored.path(tmp_path), given).carried == 2
    assert stored.content(tmp_path) == before


def test_of_runs_whose_files_are_here_nothing_is_read_from_the_old_store(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_logs.history(folder)
    other = event_logs.closed(tmp_path / "other" / "events")
    take(tmp_path)
    take(tmp_path, other)
    read: list[str] = []
    held = rebuilding._held

    def seen(connection: sqlite3.Connection, run: str) -> list[Line]:
        read.append(run)
        return held(connection, run)

    monkeypatch.setattr(rebuilding, "_held", seen)
    assert rebuilt(tmp_path).carried == 4
    assert read == [other.stem]


def test_a_run_that_goes_on_elsewhere_is_no_drift(tmp_path: Path) -> None:
    log = event_logs.opened(tmp_path / "other" / "events")
    assert take(tmp_path, tmp_path / "other").inserted == 1
    assert stored.drifts(tmp_path) == ()
    end(log)
    assert take(tmp_path, tmp_path / "other").inserted == 2
    assert stored.drifts(tmp_path) == ()
    assert rows(tmp_path, STATUS) == [("passed", 0)]


def test_a_run_of_here_that_a_copy_brought_in_part_is_no_drift_before_it_is_read(tmp_path: Path) -> None:
    log = event_logs.opened(tmp_path / ".gates" / "events")
    shutil.copytree(tmp_path / ".gates", tmp_path / "copy")
    take(tmp_path, tmp_path / "copy")
    end(log)
    assert stored.drifts(tmp_path) == ()


def test_a_log_under_another_name_is_no_drift_and_stays(tmp_path: Path) -> None:
    path = event_logs.closed(tmp_path / "ci" / "events")
    path = path.rename(tmp_path / "ci" / "from-ci.jsonl")
    assert take(tmp_path, path).inserted == 4
    assert take(tmp_path, path).unchanged == 1
    assert stored.drifts(tmp_path) == ()
    path.unlink()
    assert rebuilt(tmp_path).carried == 4
    assert stored.drifts(tmp_path) == ()
    assert rows(tmp_path, "SELECT sum(bad_lines) FROM files") == [(0,)]


def test_heads_among_files_that_are_named_are_passed_over(tmp_path: Path, folder: Path) -> None:
    event_logs.history(folder)
    assert (folder / heads.NAME).exists()
    found = take(tmp_path, *sorted(folder.glob("*.jsonl")))
    assert (found.inserted, found.parse_errors, found.files) == (12, 0, 3)


@pytest.mark.parametrize("name", [None, "from-ci.jsonl"])
def test_a_run_that_was_retired_here_does_not_come_back_from_elsewhere(
    tmp_path: Path, folder: Path, name: str | None
) -> None:
    event_logs.history(folder)
    take(tmp_path)
    shutil.copytree(folder, tmp_path / "other" / "events")
    old = min((tmp_path / "other" / "events").glob("2*.jsonl"))
    retire(folder, old)
    (folder / old.name).unlink()
    if name is not None:
        old.rename(old.with_name(name))
    found = take(tmp_path, tmp_path / "other")
    assert (found.inserted, found.retired, found.unchanged) == (0, 1, 2)
    assert rows(tmp_path, "SELECT count(*) FROM runs") == [(2,)]
    assert stored.drifts(tmp_path) == ()


def test_an_artifact_that_says_they_were_retired_makes_the_store_forget_no_runs(tmp_path: Path, folder: Path) -> None:
    old, *_ = event_logs.history(folder)
    take(tmp_path)
    elsewhere = tmp_path / "artifact" / ".gates" / "events"
    elsewhere.mkdir(parents=True)
    retire(elsewhere, old)
    event_logs.history(elsewhere)
    take(tmp_path, tmp_path / "artifact")
    assert (old.stem,) in rows(tmp_path, "SELECT run FROM runs")
    old.unlink()
    rebuilding.rebuild(stored.path(tmp_path), [sources.own(tmp_path), *sources.given([tmp_path / "artifact"])])
    assert (old.stem,) in rows(tmp_path, "SELECT run FROM runs")


def test_an_empty_file_is_no_file_that_was_read_before(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    for _ in range(2):
        assert take(tmp_path, tmp_path / "empty.jsonl").is_nothing
