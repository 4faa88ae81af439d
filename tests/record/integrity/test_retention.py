"""Old runs go, with what only they name; what stays can be verified, and a cut in between is mended."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gates.record import ledger
from gates.record.integrity import retention, verifying
from gates.record.integrity.retention import RetentionError
from pytest_vltair.heads import NAME
from support.event_logs import BEGAN, closed, kept, lines, opened

YEAR = timedelta(days=365)
NOW = BEGAN + timedelta(days=100)
KEEP = timedelta(days=90)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".gates" / "events"


def old(folder: Path, now: datetime = NOW, keep: timedelta = KEEP) -> list[str]:
    return [one.file for one in retention.find(folder, now, keep).old]


def retired(folder: Path, now: datetime = NOW, keep: timedelta = KEEP) -> None:
    retention.retire(folder, retention.find(folder, now, keep).old, now)


def test_old_runs_go_and_the_chain_can_be_proved(folder: Path) -> None:
    first, second, third = (closed(folder, BEGAN + timedelta(days=day)) for day in (0, 1, 50))
    assert old(folder) == [first.name, second.name]
    retired(folder)
    assert (first.exists(), second.exists(), third.exists()) == (False, False, True)
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.retired, found.notes) == ("passed", 1, 2, ())
    told = [ledger.decode(line) for line in lines(folder / NAME)]
    assert [type(one).__name__ for one in told] == ["Closed"] * 3 + ["Retired"] * 2
    assert [getattr(one, "file", "") for one in told[3:]] == [first.name, second.name]
    closed(folder, NOW)
    assert verifying.verify(folder).verdict == "passed"
    third.unlink()
    assert verifying.verify(folder).verdict == "failed", "what is not retired is missed as before"


def test_what_another_run_names_stays(folder: Path) -> None:
    state = folder.parent
    own, shared = kept(state, "reports", b"1"), kept(state, "reports", b"2")
    grounds, evidence = kept(state, "grounds", b"3"), kept(state, "evidence", b"4")
    log = opened(folder)
    recording = kept(state, "recordings", b"5\n", ".jsonl")
    log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
    log.write("gate", {"outputs": evidence})
    log.write("command_end", {"report": own, "grounds": grounds})
    log.close()
    closed(folder, BEGAN, report=shared)
    closed(folder, NOW, report=shared)
    retired(folder)
    there = {path.relative_to(state).as_posix() for path in state.rglob("*") if path.parent != folder}
    assert {path for path in there if "." in path} == {f"reports/{shared}.json", f"evidence/{evidence}.json"}
    assert verifying.verify(folder).verdict == "passed"


def test_what_a_run_that_goes_on_names_stays(folder: Path) -> None:
    report = kept(folder.parent, "reports", b"1")
    closed(folder, report=report)
    log = opened(folder, NOW)
    log.write("command_end", {"report": report})
    retired(folder, keep=timedelta(0))
    assert (folder.parent / f"reports/{report}.json").exists()
    assert log.path.exists()
    log.abandon()


@pytest.mark.parametrize("clock", [NOW - YEAR, BEGAN, BEGAN - YEAR])
def test_a_clock_that_was_set_back_retires_no_more(folder: Path, clock: datetime) -> None:
    closed(folder)
    assert old(folder) != []
    assert old(folder, clock) == []


def test_the_time_is_that_of_the_log_and_not_of_the_file(folder: Path) -> None:
    young, aged = closed(folder, NOW), closed(folder)
    os.utime(young, (0, 0))
    assert old(folder) == [aged.name]


def test_a_retirement_that_was_cut_off_is_finished_by_the_next(folder: Path) -> None:
    """Killed after the line was written: the file is whole, its run is retired, and a line is not written twice."""
    report = kept(folder.parent, "reports", b"1")
    path = closed(folder, report=report)
    data = path.read_bytes()
    retired(folder)
    path.write_bytes(data)
    found = verifying.verify(folder)
    assert (found.verdict, found.retired) == ("passed", 1)
    assert f"{path.name} retired and still there: the next `gates runs retire` takes it away" in found.notes
    count = len(lines(folder / NAME))
    assert old(folder, BEGAN) == [path.name]
    retired(folder, BEGAN)
    assert not path.exists()
    assert len(lines(folder / NAME)) == count


def test_what_cannot_be_taken_away_is_one_sentence_and_loses_nothing(folder: Path) -> None:
    report = kept(folder.parent, "reports", b"1")
    path = closed(folder, report=report)
    found = retention.find(folder, NOW, KEEP)
    place = folder.parent / f"reports/{report}.json"
    place.unlink()
    place.mkdir()
    with pytest.raises(RetentionError, match=r"cannot be taken away: .*; run this again to finish"):
        retention.retire(folder, found.old, NOW)
    assert path.exists()


def test_a_run_from_elsewhere_goes_too(folder: Path, tmp_path: Path) -> None:
    closed(folder, NOW)
    other = closed(tmp_path / "other")
    other.replace(folder / other.name)
    retired(folder)
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.retired) == ("passed", 1, 1)
