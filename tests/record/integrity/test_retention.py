"""Old runs go, with what only they name; what stays can be verified, and a cut in between is mended."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gates.record import ledger
from gates.record.integrity import retention, verifying
from gates.record.integrity.retention import RetentionError
from pytest_vltair import eventlog, keeping, state
from pytest_vltair.eventlog import Log
from pytest_vltair.heads import NAME
from support.event_logs import BEGAN, CODEC, closed, ended, kept, lines, opened

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
    assert {path for path in there if "." in path} - {".gitignore"} == {
        f"reports/{shared}.json",
        f"evidence/{evidence}.json",
    }
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
    (used,) = found.old[0].used
    place.unlink()
    place.mkdir()
    os.utime(place, ns=(used, used))
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


def recorded(log: Log, recording: str) -> None:
    log.write("tests", {"gate": "tests", "project": ".", "recording": recording})


def old_recording(folder: Path, data: bytes = b"{}\n") -> str:
    """The digest of a recording that an old run names, and that nobody has used since."""
    digest = keeping.keep(state.folder(folder.parent.parent, keeping.FOLDER), data)
    log = opened(folder)
    recorded(log, digest)
    log.write("command_end", ended())
    log.close()
    path = folder.parent / "recordings" / f"{digest}.jsonl"
    os.utime(path, (BEGAN.timestamp(), BEGAN.timestamp()))
    return digest


def test_a_run_waits_for_one_that_goes_on_and_kept_the_same_without_having_named_it(folder: Path) -> None:
    digest = old_recording(folder)
    other = closed(folder)
    log = opened(folder, datetime.now(UTC))
    assert keeping.keep(folder.parent / "recordings", b"{}\n") == digest
    found = retention.find(folder, NOW, KEEP)
    assert ([one.file for one in found.old], found.staying, found.waiting) == ([other.name], 1, 1)
    retention.retire(folder, found.old, NOW)
    recorded(log, digest)
    log.write("command_end", ended())
    log.close()
    assert (folder.parent / f"recordings/{digest}.jsonl").exists()
    found = retention.find(folder, NOW, KEEP)
    assert (len(found.old), found.old[0].files, found.waiting) == (1, (), 0), "now another run names it"


def test_what_a_run_that_goes_on_never_touched_is_taken_away_beside_it(folder: Path) -> None:
    digest = old_recording(folder)
    log = opened(folder, datetime.now(UTC))
    retired(folder)
    assert not (folder.parent / f"recordings/{digest}.jsonl").exists()
    log.abandon()


def test_a_run_that_died_holds_nothing_back(folder: Path) -> None:
    digest = old_recording(folder)
    opened(folder, datetime.now(UTC)).abandon()
    keeping.keep(folder.parent / "recordings", b"{}\n")
    retired(folder)
    assert not (folder.parent / f"recordings/{digest}.jsonl").exists()


@pytest.mark.parametrize("seam", ["read", "_since"])
def test_what_a_run_keeps_while_the_log_is_looked_through_stays(
    folder: Path, seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins, keeps and goes on, or ends, at each gap between two looks."""
    digest = old_recording(folder)
    place = verifying if seam == "read" else retention
    look = getattr(place, seam)
    logs = []

    def late(path: Path) -> object:
        monkeypatch.undo()
        logs.append(opened(folder, datetime.now(UTC)))
        keeping.keep(folder.parent / "recordings", b"{}\n")
        return look(path)

    monkeypatch.setattr(place, seam, late)
    retired(folder)
    assert (folder.parent / f"recordings/{digest}.jsonl").exists()
    recorded(logs[0], digest)
    logs[0].write("command_end", ended())
    logs[0].close()
    assert verifying.verify(folder).notes == ()


def test_what_a_run_keeps_after_all_was_looked_at_stays(folder: Path) -> None:
    digest = old_recording(folder)
    found = retention.find(folder, NOW, KEEP)
    keeping.keep(folder.parent / "recordings", b"{}\n")
    retention.retire(folder, found.old, NOW)
    assert (folder.parent / f"recordings/{digest}.jsonl").exists()


def test_a_file_is_looked_at_and_removed_in_one_step_for_those_who_use_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the removal whoever uses it waits."""
    digest = old_recording(folder)
    found = retention.find(folder, NOW, KEEP)
    path = folder.parent / f"recordings/{digest}.jsonl"
    looked = retention._when
    done: list[bool | str] = []

    def late(file: Path) -> int | None:
        at = looked(file)
        thread = threading.Thread(target=lambda: done.append(state.used(path)))
        thread.start()
        thread.join(0.1)
        done.append("removed")
        threads.append(thread)
        return at

    threads: list[threading.Thread] = []
    monkeypatch.setattr(retention, "_when", late)
    retention.retire(folder, found.old, NOW)
    for one in threads:
        one.join()
    assert done == ["removed", False], "it is told that the file is gone, and writes it anew"


def test_two_retirements_at_once_write_one_line_of_each_run(folder: Path) -> None:
    closed(folder)
    first, second = (retention.find(folder, NOW, KEEP) for _ in range(2))
    retention.retire(folder, first.old, NOW)
    retention.retire(folder, second.old, NOW)
    assert sum(b'"retired"' in line for line in lines(folder / NAME)) == 1


def test_a_run_that_is_retired_before_it_is_moved_is_gone_for_its_writer_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of long ago, which was backfilled, is old as soon as it is entered."""
    log = opened(folder)
    log.write("command_end", ended())
    move = eventlog._move

    def late(folder: Path, path: Path) -> None:
        retired(folder)
        move(folder, path)

    monkeypatch.setattr(eventlog, "_move", late)
    log.close()
    assert not list(folder.glob("2*"))
    assert (verifying.verify(folder).verdict, verifying.verify(folder).retired) == ("passed", 1)


def test_a_run_that_is_moved_while_it_is_retired_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = closed(folder)
    path.replace(folder / "open" / path.name)
    unlink = Path.unlink

    def late(self: Path, missing_ok: bool = False) -> None:
        if self.name == path.name:
            eventlog.close_dead(folder, CODEC, by="")
        unlink(self, missing_ok)

    found = retention.find(folder, NOW, KEEP)
    monkeypatch.setattr(Path, "unlink", late)
    retention.retire(folder, found.old, NOW)
    assert not list(folder.rglob("2*.jsonl"))


def test_nothing_is_taken_where_the_lock_cannot_be_had(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = closed(folder)
    found = retention.find(folder, NOW, KEEP)
    monkeypatch.setattr(state, "PATIENCE", 0.01)
    with state.locked(state.folder(folder.parent.parent, "events")) as held:
        assert held
        with pytest.raises(RetentionError, match=r"keeps \.gates locked; run this again"):
            retention.retire(folder, found.old, NOW)
    assert path.exists()
