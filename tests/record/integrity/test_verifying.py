"""What was done to the log of runs is named: file, line, how, and what was expected there."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.record.integrity import checkpoints, retention, verifying
from gates.record.integrity import history as integrity_history
from gates.record.integrity.checkpoints import Checked
from gates.record.integrity.history import Fault, Seen
from pytest_vltair import chain, eventlog, filelock, heads, state
from pytest_vltair.heads import NAME
from support.event_logs import (
    BEGAN,
    CODEC,
    SPAN,
    TRACE,
    closed,
    ended,
    forged,
    history,
    kept,
    last_head,
    lines,
    opened,
    rechained,
    started,
)
from support.unprivileged import public_folder, unprivileged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".gates" / "events"


def first(folder: Path) -> Fault:
    found = verifying.verify(folder)
    assert found.verdict == "failed", found
    return found.faults[0]


def named(folder: Path) -> tuple[str, int | None, str]:
    fault = first(folder)
    return fault.file, fault.line, fault.kind


def test_a_history_that_nobody_touched_is_whole(folder: Path) -> None:
    history(folder)
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.events, found.heads) == ("passed", 3, 12, 3)
    assert (found.elsewhere, found.retired, found.notes) == (0, 0, ())


def test_nothing_is_there(folder: Path) -> None:
    found = verifying.verify(folder)
    assert found.is_empty
    folder.mkdir(parents=True)
    assert verifying.verify(folder).is_empty


def test_a_value_that_was_edited(folder: Path) -> None:
    path = history(folder)[1]
    path.write_bytes(path.read_bytes().replace(b'"value":1.0', b'"value":9.0'))
    assert named(folder) == (path.name, 3, "changed")
    assert first(folder).expected.endswith(": its digest is not that of its content")


@pytest.mark.parametrize(
    ("order", "line", "kind"),
    [
        ((0, 2, 3), 2, "dropped"),
        ((1, 2, 3), 1, "dropped"),
        ((0, 1, 2), 4, "dropped"),
        ((), 1, "dropped"),
        ((0, 2, 1, 3), 2, "reordered"),
        ((0, 1, 3, 2), 3, "reordered"),
        ((1, 0, 2, 3), 1, "reordered"),
        ((0, 1, 1, 2, 3), 3, "inserted"),
        ((0, 1, 2, 3, 3), 5, "inserted"),
        ((0, 1, 2, 3, 0), 5, "inserted"),
        ((0, 1, 3, 3), 3, "dropped"),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["closed", "elsewhere"])
def test_lines_of_a_run(folder: Path, order: tuple[int, ...], line: int, kind: str, *, known: bool) -> None:
    path = history(folder)[0]
    held = lines(path)
    path.write_bytes(b"".join(held[number] for number in order))
    if not known:
        (folder / NAME).unlink()
        shutil.rmtree(folder / "open")
        for other in folder.glob("*.jsonl"):
            if other != path:
                other.unlink()
    assert named(folder) == (path.name, line, kind)


def test_a_run_that_was_written_anew_is_not_the_one_that_was_closed(folder: Path) -> None:
    path = history(folder)[1]
    rechained(path, 1, value=9.0)
    assert named(folder) == (path.name, 4, "changed")
    assert "one of them or all were written anew" in first(folder).expected


def test_a_run_whose_first_events_were_taken_away_and_that_was_numbered_anew(folder: Path) -> None:
    path = closed(folder)
    (folder / NAME).unlink()
    shutil.rmtree(folder / "open")
    held = [CODEC.decode(line) for line in lines(path)]
    forged(path, held[1:])
    assert named(folder) == (path.name, 1, "dropped")
    forged(path, held[:-1])
    assert named(folder) == (path.name, 4, "dropped")
    forged(path, [*held, held[1]])
    assert named(folder) == (path.name, 5, "inserted")
    forged(path, [*held[:2], {**held[2], "run": "another"}, held[3]])
    assert named(folder) == (path.name, 3, "inserted")


def test_a_run_that_is_gone_is_named_by_the_heads(folder: Path) -> None:
    history(folder)[1].unlink()
    fault = first(folder)
    assert (fault.line, fault.kind) == (None, "dropped")
    assert fault.expected.startswith("the file of a closed run with 4 events, the last with the digest ")


def test_a_run_under_the_name_of_another(folder: Path) -> None:
    paths = history(folder)
    paths[0].replace(paths[2])
    fault = first(folder)
    assert (fault.file, fault.kind) == (paths[0].name, "dropped")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_line_of_the_heads_that_is_gone(folder: Path, number: int) -> None:
    history(folder)
    held = lines(folder / NAME)
    (folder / NAME).write_bytes(b"".join(held[:number] + held[number + 1 :]))
    assert named(folder) == (NAME, number + 1, "dropped")


def test_the_tail_of_the_heads_that_is_gone_is_known_by_the_runs_that_are_here(folder: Path) -> None:
    history(folder)
    (folder / NAME).write_bytes(b"".join(lines(folder / NAME)[:1]))
    assert named(folder) == (NAME, 2, "dropped")
    assert " began after line 1 of this history" in first(folder).expected


def test_the_heads_that_are_gone_are_missed_where_runs_ended(folder: Path) -> None:
    history(folder)
    (folder / NAME).unlink()
    assert named(folder) == (NAME, 1, "dropped")
    assert first(folder).expected == "3 lines, one for each closed run that is here"
    (folder / NAME).touch()
    assert named(folder) == (NAME, 1, "dropped")


def test_heads_that_were_written_anew_are_not_those_that_runs_have_seen(folder: Path) -> None:
    history(folder)
    rechained(folder / NAME, 0, attempt=7)
    assert named(folder) == (NAME, 1, "changed")
    assert ", which 20201101T130000Z-" in first(folder).expected


@given(st.data())
@settings(max_examples=150)
def test_a_byte_of_the_heads(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("heads") / "events"
    history(folder)
    whole = (folder / NAME).read_bytes()
    at, value = data.draw(st.integers(0, len(whole) - 1)), bytes([data.draw(st.integers(0, 255))])
    line = whole.count(b"\n", 0, at) + 1
    if whole[at : at + 1] != value:
        (folder / NAME).write_bytes(whole[:at] + value + whole[at + 1 :])
        assert named(folder)[:2] == (NAME, line)
    (folder / NAME).write_bytes(whole[:at] + whole[at + 1 :])
    assert named(folder)[:2] == (NAME, line)


def test_the_last_end_of_the_heads_is_part_of_their_last_line(folder: Path) -> None:
    history(folder)
    (folder / NAME).write_bytes((folder / NAME).read_bytes()[:-1])
    assert named(folder) == (NAME, 3, "changed")


@pytest.mark.parametrize(("cut", "added", "line", "kind"), [(1, b"", 4, "changed"), (0, b"x", 5, "inserted")])
def test_bytes_at_the_end_of_a_closed_run(folder: Path, cut: int, added: bytes, line: int, kind: str) -> None:
    path = history(folder)[0]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - cut] + added)
    assert named(folder) == (path.name, line, kind)


def test_what_a_killed_run_left_of_a_line_is_a_note(folder: Path) -> None:
    history(folder)
    with (folder / NAME).open("ab") as file:
        file.write(b'{"at":"2026')
    found = verifying.verify(folder)
    assert (found.verdict, found.notes) == ("passed", (f"{NAME} ends with 11 bytes of a line that was never whole",))


def test_a_run_that_goes_on_is_verified_as_far_as_it_is(folder: Path) -> None:
    closed(folder)
    log = opened(folder)
    with log.path.open("ab") as file:
        file.write(b'{"torn')
    found = verifying.verify(folder)
    note = f"open/{log.path.name} is open: verified up to line 1; "
    assert (found.verdict, found.runs, found.events) == ("passed", 1, 5)
    assert found.notes == (note + "its run goes on",)
    log.abandon()
    assert verifying.verify(folder).notes == (note + "the next run closes it",)
    data = log.path.read_bytes()
    log.path.write_bytes(data.replace(b'"attempt":1', b'"attempt":2', 1))
    assert named(folder) == (f"open/{log.path.name}", 1, "changed")


def test_what_a_dead_run_left_and_somebody_edited_is_named_after_it_was_closed(folder: Path) -> None:
    log = opened(folder)
    log.abandon()
    log.path.write_bytes(b"nonsense\n")
    assert eventlog.close_dead(folder, CODEC, "by") == [log.run]
    assert named(folder) == (log.path.name, 1, "changed")


def test_a_run_that_was_closed_and_not_moved_is_whole(folder: Path) -> None:
    path = closed(folder)
    path.replace(folder / "open" / path.name)
    found = verifying.verify(folder)
    assert (found.verdict, found.runs) == ("passed", 1)


def test_a_copy_among_the_open_ones_does_not_hide_what_was_edited(folder: Path) -> None:
    path = closed(folder)
    shutil.copy(path, folder / "open")
    path.write_bytes(path.read_bytes().replace(b'"value":1.0', b'"value":9.0'))
    assert named(folder) == (path.name, 3, "changed")


def test_runs_from_elsewhere_are_verified_in_themselves(folder: Path, tmp_path: Path) -> None:
    closed(folder)
    for path in history(tmp_path / "other"):
        shutil.copy(path, folder)
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.elsewhere) == ("passed", 4, 3)
    assert " and 2 more are not in heads.jsonl: from elsewhere, and verified only in itself" in found.notes[0]
    (folder / path.name).write_bytes(b"".join(lines(folder / path.name)[1:]))
    assert named(folder) == (path.name, 1, "dropped")


def test_a_folder_of_files_from_elsewhere_needs_no_heads_and_that_of_a_project_does(folder: Path) -> None:
    history(folder)
    (folder / NAME).unlink()
    shutil.rmtree(folder / "open")
    assert verifying.verify(folder, own=False).verdict == "passed"
    found = verifying.verify(folder)
    assert found.verdict == "undecided"
    assert found.unread[0].startswith("heads.jsonl is missing: whether all runs are here cannot be told")


def test_what_events_name_by_its_digest(folder: Path) -> None:
    state = folder.parent
    report, grounds = kept(state, "reports", b"{}"), kept(state, "grounds", b"[]")
    closed(folder, report=report, grounds=grounds)
    assert verifying.verify(folder).notes == ()
    (state / "reports" / f"{report}.json").write_bytes(b"{ }")
    (state / "grounds" / f"{grounds}.json").unlink()
    found = verifying.verify(folder)
    assert [(one.file, one.line, one.kind) for one in found.faults] == [(f"../reports/{report}.json", None, "changed")]
    assert found.notes == ("1 file is not kept in grounds (any more), which events name",)


def test_a_digest_that_leads_elsewhere_is_not_followed(folder: Path) -> None:
    closed(folder, report="../../etc/passwd" + "x" * 48)
    assert verifying.verify(folder).verdict == "passed"


@pytest.mark.skipif(os.name == "nt", reason="Windows reads whatever the mode says")
def test_what_cannot_be_read_is_undecided() -> None:
    with public_folder() as place:
        path = closed(place / "events")
        path.chmod(0)
        with unprivileged():
            found = verifying.verify(place / "events")
    assert (found.verdict, found.unread) == ("undecided", (f"{path.name} cannot be read: Permission denied",))


def test_a_folder_in_the_place_of_a_file_is_undecided(folder: Path) -> None:
    path = closed(folder)
    path.unlink()
    path.mkdir()
    found = verifying.verify(folder)
    assert found.verdict == "undecided"
    assert found.unread[0].startswith(f"{path.name} cannot be read: ")


def test_a_clock_that_was_set_back_is_a_note_and_the_order_is_that_of_the_chain(folder: Path) -> None:
    closed(folder, BEGAN)
    closed(folder, BEGAN - timedelta(days=1))
    closed(folder, BEGAN + timedelta(days=1))
    found = verifying.verify(folder)
    assert found.verdict == "passed"
    (note,) = found.notes
    assert note.startswith("heads.jsonl:2: the clock was set back, from 2020-11-01T12:00:00.")


def test_events_of_a_later_version_are_part_of_the_chain(folder: Path) -> None:
    log = opened(folder, schema_version=99, unheard_of=True)
    log.write("unheard_of", {"value": 1})
    log.write("command_end", {"status": "unheard_of"})
    log.close()
    found = verifying.verify(folder)
    assert (found.verdict, found.events) == ("passed", 3)
    (note,) = found.notes
    assert "by a newer version of gates (schema version 99, and this one reads 1): its chain was verified" in note


def test_lines_of_a_later_version_are_part_of_the_chain_of_heads(folder: Path) -> None:
    closed(folder)
    heads.append(folder, {"kind": "unheard_of", "at": "2020-11-01T13:00:00Z", "unheard_of": True}, CODEC)
    closed(folder, BEGAN + timedelta(hours=2))
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.heads, found.notes) == ("passed", 2, 3, ())


def test_the_plugin_and_gates_write_to_one_log(folder: Path) -> None:
    """The plugin has its codec from the standard library, and both go on where the other one ended."""
    closed(folder)
    log = eventlog.Log(folder, chain.standard(), BEGAN + timedelta(hours=1))
    log.identify(TRACE, SPAN, 1)
    log.write("command_start", started(log))
    log.write("command_end", ended(message="\udc80 ü \u2028"))
    log.close()
    closed(folder, BEGAN + timedelta(hours=2))
    found = verifying.verify(folder)
    assert (found.verdict, found.runs, found.heads, found.notes) == ("passed", 3, 3, ())


def test_the_earliest_that_was_seen_and_is_gone_is_said(folder: Path) -> None:
    def held(*seen: Seen) -> tuple[Fault, ...]:
        return verifying.verify(folder, Checked(seen=seen)).faults

    history(folder, 2)
    end = last_head(folder)
    ours = Seen("c", end.lines, end.chain)
    assert held(ours) == ()
    (fault,) = held(ours, Seen("b", 4, "0" * 64), Seen("a", 3, "0" * 64))
    assert (fault.file, fault.line, fault.kind, fault.expected) == (NAME, 3, "dropped", "3 lines, which a has seen")
    (fault,) = held(Seen("a", 2, "0" * 64))
    assert (fault.line, fault.kind) == (2, "changed")


WRITING = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.event_logs import history

history(Path({folder!r}), 60)
"""


def test_a_history_that_grows_meanwhile_is_whole_at_each_moment(folder: Path) -> None:
    script = WRITING.format(tests=str(Path(__file__).parents[2]), folder=str(folder))
    writers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    looks = 0
    while any(writer.poll() is None for writer in writers):
        found = verifying.verify(folder)
        assert (found.verdict, found.elsewhere) == ("passed", 0), found
        looks += 1
    assert [writer.returncode for writer in writers] == [0, 0]
    assert looks > 1
    assert verifying.verify(folder).runs == 120


def test_evidence_of_a_member_is_looked_for_beside_that_member(folder: Path, tmp_path: Path) -> None:
    evidence = kept(tmp_path / "packages/a/.gates", "evidence", b"{}")
    log = opened(folder)
    log.write("gate", {"project": "packages/a", "outputs": evidence})
    log.write("command_end", ended())
    log.close()
    assert verifying.verify(folder).notes == ()
    path = tmp_path / "packages/a/.gates/evidence" / f"{evidence}.json"
    path.write_bytes(b"[]")
    assert named(folder) == (f"../../packages/a/.gates/evidence/{evidence}.json", None, "changed")
    path.unlink()
    assert verifying.verify(folder).notes == ("1 file is not kept in evidence (any more), which events name",)


def test_the_project_of_an_event_leads_nowhere_else(folder: Path, tmp_path: Path) -> None:
    evidence = kept(tmp_path.parent / "beyond/.gates", "evidence", b"{}")
    log = opened(folder)
    for project in ("../beyond", str(tmp_path.parent / "beyond"), 7):
        log.write("gate", {"project": project, "outputs": evidence})
    log.write("command_end", ended())
    log.close()
    assert verifying.verify(folder).notes == ("1 file is not kept in evidence (any more), which events name",)


def test_a_last_head_that_is_none_any_more_is_placed_after_the_next_run(folder: Path) -> None:
    history(folder)
    path = folder / NAME
    held = lines(path)
    path.write_bytes(b"".join(held[:-1]) + b"#" + held[-1][1:])
    assert named(folder) == (NAME, 3, "changed")
    closed(folder, BEGAN + timedelta(hours=4))
    assert named(folder)[:2] == (NAME, 3)
    assert path.read_bytes().splitlines(keepends=True)[2] == b"#" + held[-1][1:]


def test_a_file_that_is_moved_between_two_looks_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run began after the files were listed, and is entered and not moved when they are read."""
    (path,) = history(folder, 1)
    path.replace(folder / "open" / path.name)
    read = Path.read_bytes

    def late(self: Path) -> bytes:
        try:
            return read(self)
        except FileNotFoundError:
            monkeypatch.undo()
            eventlog._move(folder, folder / "open" / path.name)
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integrity_history, "names", lambda _: {})
        monkeypatch.setattr(Path, "read_bytes", late)
        found = verifying.verify(folder)
    assert (found.verdict, found.runs) == ("passed", 1), found.faults


def test_a_run_that_is_retired_while_the_log_is_read_is_not_missed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = history(folder)
    read = integrity_history.read_log

    def late(*args: Any, **named: Any) -> Any:
        monkeypatch.undo()
        now = BEGAN + timedelta(days=1)
        retention.retire(folder, retention.find(folder, now, timedelta(hours=23)).old, now)
        return read(*args, **named)

    monkeypatch.setattr(integrity_history, "read_log", late)
    found = verifying.verify(folder)
    assert not paths[0].exists()
    assert (found.verdict, found.retired) == ("passed", 1), found.faults
    paths[1].unlink()
    assert first(folder).kind == "dropped", "what is not retired is missed"


def test_a_line_of_heads_that_somebody_is_writing_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but its end can be seen for a moment, where that is the first byte of another page."""
    history(folder)
    data = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(data[:-1])
    writer = os.open(folder / NAME, os.O_RDWR)
    assert filelock.attempt(writer)

    def finished(descriptor: int, seconds: float) -> bool:
        monkeypatch.undo()
        (folder / NAME).write_bytes(data)
        os.close(writer)
        return filelock.wait(descriptor, seconds)

    monkeypatch.setattr(filelock, "wait", finished)
    assert verifying.verify(folder).verdict == "passed"
    (folder / NAME).write_bytes(data[:-1])
    assert first(folder).file == NAME


def test_two_processes_that_sign_the_same_lines_have_a_checkpoint_each(folder: Path) -> None:
    history(folder)
    state.folder(folder.parent.parent)
    moments = (eventlog.stamp(BEGAN + timedelta(days=1, seconds=number)) for number in range(2))
    payloads = [checkpoints.made(folder, "sample", at) for at in moments]
    sealed = [
        CODEC.encode({"payload": base64.b64encode(one).decode(), "payloadType": checkpoints.KIND}) for one in payloads
    ]
    places = [checkpoints.entered(folder, *one) for one in zip(payloads, sealed, strict=True)]
    assert places[0].name == "3.json"
    assert [path.read_bytes() for path in places] == sealed
    checked = checkpoints.check(folder, (), "sample", None)
    assert verifying.verify(folder, checked).verdict == "passed", checked.faults
