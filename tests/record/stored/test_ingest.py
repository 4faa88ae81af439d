"""Events are taken in once, whatever order, place and state their files are in; nothing is lost."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.errors import UsageError
from gates.record.asked import questions
from gates.record.asked.answers import Filter
from gates.record.events import key
from gates.record.stored import projecting, rebuilding, reconcile, sources, store
from gates.record.stored.errors import StoreError
from pytest_vltair import eventlog, heads, identity
from support import event_logs, stored
from support.event_logs import BEGAN, CODEC
from support.stored import attempt, keep, rows, suite, take

RED = {"type": "TST001", "message": "1 failed", "stack_hash": "f" * 16}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / ".gates" / "events"
    made.mkdir(parents=True)
    return made


def quarantined(root: Path) -> list[dict[str, Any]]:
    path = root / ".gates" / "quarantine.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def named_by(folder: Path, recording: str, number: int = 0) -> Path:
    """The file of a run of the gate `tests` that names a recording."""
    log = event_logs.opened(folder, BEGAN + timedelta(hours=number))
    log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
    log.write("command_end", event_logs.ended())
    log.close()
    return folder / log.path.name


def test_an_event_is_taken_in_once_under_its_key(tmp_path: Path, folder: Path) -> None:
    paths = event_logs.history(folder)
    first = take(tmp_path)
    assert (first.inserted, first.skipped, first.files, first.unchanged) == (12, 0, 3, 0)
    again = take(tmp_path)
    assert (again.inserted, again.skipped, again.files, again.unchanged) == (0, 0, 0, 3)
    event = json.loads(event_logs.lines(paths[0])[2])
    text = f"{event['run']}\0{event['span_id']}\0{event['attempt']}\0{event['seq']}"
    expected = key(event["run"], event["span_id"], event["attempt"], event["seq"])
    assert expected == sha256(text.encode()).hexdigest()
    (held,) = rows(tmp_path, "SELECT hex(key), line FROM events WHERE run = ? AND seq = 2", event["run"])
    assert held == (expected.upper(), event_logs.lines(paths[0])[2].decode().rstrip("\n"))


def test_files_that_were_touched_or_copied_elsewhere_are_not_read_again(tmp_path: Path, folder: Path) -> None:
    event_logs.history(folder)
    take(tmp_path)
    shutil.copytree(tmp_path / ".gates", tmp_path / "artifact")
    for path in folder.glob("2*.jsonl"):
        path.touch()
    assert take(tmp_path).unchanged == 3
    assert take(tmp_path, tmp_path / "artifact").unchanged == 3


@pytest.mark.parametrize("place", [".", ".gates", ".gates/events"])
def test_what_a_ci_uploaded_is_taken_in_with_its_recordings(tmp_path: Path, place: str) -> None:
    ci, here = tmp_path / "ci", tmp_path / "here"
    digest = keep(ci, suite(attempt("test_a")))
    named_by(ci / ".gates" / "events", digest)
    found = take(here, ci / place)
    assert (found.inserted, found.recordings, found.awaited) == (3, 1, 0)
    assert rows(here, "SELECT tests FROM runs") == [(1,)]


def test_artifacts_side_by_side_and_single_files_are_found(tmp_path: Path) -> None:
    for name in ("linux", "windows"):
        event_logs.history(tmp_path / "artifacts" / name / "events", runs=2)
    assert take(tmp_path / "here", tmp_path / "artifacts").files == 4
    one = next((tmp_path / "artifacts/linux/events").glob("2*.jsonl"))
    assert take(tmp_path / "there", one).files == 1
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="there are no event files"):
        sources.given([tmp_path / "empty"])
    with pytest.raises(UsageError, match="there is no file or directory"):
        sources.given([tmp_path / "nowhere"])


@pytest.mark.parametrize("form", ["zip", "gztar"])
def test_an_archive_is_not_read_as_events(tmp_path: Path, form: str) -> None:
    event_logs.history(tmp_path / "ci" / "events", runs=2)
    archive = shutil.make_archive(str(tmp_path / "record"), form, tmp_path / "ci")
    with pytest.raises(UsageError, match="is an archive: unpack it, and name the folder"):
        sources.given([Path(archive)])


def test_a_run_that_goes_on_is_taken_in_up_to_its_last_whole_line(tmp_path: Path, folder: Path) -> None:
    log = event_logs.opened(folder)
    log.write("measure", event_logs.measure(1))
    with log.path.open("ab") as file:
        file.write(b'{"at":"2026')
    assert take(tmp_path).inserted == 2
    assert rows(tmp_path, "SELECT status, ended FROM runs") == [("running", None)]
    log.abandon()
    eventlog.close_dead(folder, CODEC, by="")
    found = take(tmp_path)
    assert (found.inserted, found.skipped, found.parse_errors) == (1, 2, 0)
    assert rows(tmp_path, "SELECT status, events FROM runs") == [("lost", 3)]


def test_bad_lines_are_put_aside_once_and_the_others_taken_in(tmp_path: Path, folder: Path) -> None:
    (path,) = event_logs.history(folder, runs=1)
    lines = event_logs.lines(path)
    changed = lines[1].replace(b'"value":0.0', b'"value":9.0')
    assert changed != lines[1]
    path.write_bytes(lines[0] + changed + b"\xff\xfe not json\n\n" + lines[2] + lines[3] + b'{"at":')
    found = take(tmp_path)
    assert (found.inserted, found.parse_errors, found.conflicts) == (3, 4, 0)
    put = quarantined(tmp_path)
    assert [(one["file"], one["line"]) for one in put] == [(path.name, number) for number in (2, 3, 4, 7)]
    assert put[0]["text"] == changed.decode().rstrip("\n")
    assert put[0]["reason"] == "its digest is not that of its content"
    assert put[1]["text"] == "\\xff\\xfe not json"
    assert put[3] == {"file": path.name, "line": 7, "reason": "its end is missing", "text": '{"at":'}
    stored.path(tmp_path).unlink()
    assert take(tmp_path).parse_errors == 4
    assert quarantined(tmp_path) == put, "an ingest into a new store doubles nothing"


def test_what_a_killed_ingest_left_of_a_quarantined_line_is_cut_off(tmp_path: Path, folder: Path) -> None:
    (path,) = event_logs.history(folder, runs=1)
    path.write_bytes(path.read_bytes() + b"noise\n")
    take(tmp_path)
    (put,) = quarantined(tmp_path)
    quarantine = tmp_path / ".gates" / "quarantine.jsonl"
    quarantine.write_bytes(quarantine.read_bytes()[:-9])
    stored.path(tmp_path).unlink()
    take(tmp_path)
    assert quarantined(tmp_path) == [put]


def test_another_event_under_a_key_is_a_conflict_and_overwrites_nothing(tmp_path: Path, folder: Path) -> None:
    (path,) = event_logs.history(folder, runs=1)
    take(tmp_path)
    before = stored.content(tmp_path)
    event_logs.rechained(path, 1, value=7.0)
    found = take(tmp_path)
    assert (found.inserted, found.skipped, found.conflicts, found.parse_errors) == (0, 1, 3, 0)
    assert stored.content(tmp_path) == before
    assert {one["reason"] for one in quarantined(tmp_path)} == {"another event is there at this place of the run"}


def test_a_file_of_another_schema_is_refused_by_name_and_the_others_go_on(tmp_path: Path, folder: Path) -> None:
    older, newer = event_logs.history(folder, runs=2)
    event_logs.rechained(newer, 0, schema_version=2)
    found = take(tmp_path)
    assert found.inserted == 4
    (said,) = found.refused
    assert said.startswith(f"{newer.name} has schema version 2, and this version of gates knows 1")
    assert rows(tmp_path, "SELECT name FROM files") == [(older.name,)]
    assert quarantined(tmp_path) == []
    event_logs.rechained(newer, 0, schema_version=1)
    assert take(tmp_path).inserted == 4


def test_a_recording_that_comes_later_is_picked_up(tmp_path: Path, folder: Path) -> None:
    data = suite(attempt("test_a"), attempt("test_b", "failed"))
    digest = keep(tmp_path, data)
    path = tmp_path / ".gates" / "recordings" / f"{digest}.jsonl"
    path.unlink()
    named_by(folder, digest, 0)
    named_by(folder, digest, 1)
    assert take(tmp_path).awaited == 1
    assert rows(tmp_path, "SELECT tests, unknown_recordings FROM v_runs") == [(0, 1), (0, 1)]
    path.write_bytes(data[:-1] + b" ")
    found = take(tmp_path)
    assert found.refused == [f"the recording {digest} cannot be read: its content is not that of its name"]
    path.write_bytes(data)
    found = take(tmp_path)
    assert (found.recordings, found.awaited, found.refused) == (1, 0, [])
    assert rows(tmp_path, "SELECT tests, failed_tests, unknown_recordings FROM v_runs") == [(2, 1, 0), (2, 1, 0)]


def test_one_run_may_bring_the_recording_that_another_waits_for(tmp_path: Path, folder: Path) -> None:
    ci = tmp_path / "ci"
    digest = keep(ci, suite(attempt("test_a")))
    named_by(folder, digest, 0)
    assert take(tmp_path).awaited == 1
    named_by(ci / ".gates" / "events", digest, 1)
    assert take(tmp_path, ci).awaited == 0
    assert rows(tmp_path, "SELECT tests FROM runs") == [(1,), (1,)]


def test_messages_of_recordings_are_scrubbed(tmp_path: Path, folder: Path) -> None:
    failed = attempt("test_a", "failed", message="sent to jane.doe@mail.example")
    named_by(folder, keep(tmp_path, suite(failed)))
    take(tmp_path)
    assert rows(tmp_path, "SELECT error_message FROM executions WHERE kind = 'test'") == [("sent to <email>",)]


def written(folder: Path) -> list[Path]:
    """Runs of all kinds: retried, with tests that were run again, with a recording that is not there."""
    root = folder.parents[1]
    paths = []
    recorded = [
        keep(root, suite(attempt("test_a"), attempt("test_b", "failed", requirements=["R"]))),
        keep(root, suite([*attempt("test_a", "rerun"), *attempt("test_a", requirements=["R"])])),
        "0" * 64,
    ]
    for number in range(6):
        log = eventlog.Log(folder, CODEC, BEGAN + timedelta(minutes=number % 5))
        trace = identity.trace(str(number // 3))
        names = (identity.gate_trace(trace, ".", "tests"), identity.gate_span(log.run, ".", "tests"))
        log.identify(trace, identity.run_span(log.run), 1 + number % 3)
        log.write("command_start", event_logs.started(log))
        ids = {"trace_id": names[0], "span_id": names[1]}
        log.write(
            "gate",
            ids | GATE | {"verdict": "failed" if number % 2 else "passed"} | {"error": RED if number % 2 else None},
        )
        log.write("tests", ids | {"gate": "tests", "project": ".", "recording": recorded[number % 3]})
        log.write("command_end", event_logs.ended(status="failed" if number % 2 else "passed"))
        log.close()
        paths.append(folder / log.path.name)
    return paths


GATE = {
    "gate": "tests", "project": ".", "denominator": 2, "unit": "tests", "cached": False, "inputs": "a" * 64,
    "outputs": "e" * 64, "configuration": "c" * 64, "started": None, "duration_ms": 40, "findings": {}, "tools": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log") / ".gates" / "events"
    folder.mkdir(parents=True)
    written(folder)
    take(folder.parents[1])
    return folder.parents[1]


@given(st.data())
def test_order_splits_and_repetitions_of_files_change_nothing(
    log: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = [line for path in sorted((log / ".gates/events").glob("2*.jsonl")) for line in event_logs.lines(path)]
    order = data.draw(st.permutations([*lines, *data.draw(st.lists(st.sampled_from(lines), max_size=5))]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(order) - 1), max_size=6)))
    root = tmp_path_factory.mktemp("split")
    folder = root / ".gates" / "events"
    folder.mkdir(parents=True)
    shutil.copytree(log / ".gates/recordings", root / ".gates/recordings")
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(order)], strict=True)):
        (folder / f"{number}.jsonl").write_bytes(b"".join(order[start:end]))
        if data.draw(st.booleans()):
            take(root)
    take(root)
    assert stored.content(root) == stored.content(log)


def test_a_run_that_is_forgotten_leaves_what_the_others_say(log: Path, tmp_path: Path) -> None:
    shutil.copytree(log / ".gates", tmp_path / ".gates")
    newest = max((tmp_path / ".gates/events").glob("2*.jsonl"))
    with store.opened(stored.path(tmp_path)) as opened, opened.writing() as connection:
        projecting.forget(connection, newest.stem)
    newest.unlink()
    named = "SELECT count(*) FROM recordings WHERE digest NOT IN (SELECT recording FROM suites)"
    assert rows(tmp_path, named) == [(0,)]
    without = stored.content(tmp_path)
    stored.path(tmp_path).unlink()
    take(tmp_path)
    assert without == stored.content(tmp_path)


def test_runs_that_were_retired_leave_the_store_and_do_not_come_back(tmp_path: Path, folder: Path) -> None:
    old, *_ = event_logs.history(folder)
    data = old.read_bytes()
    take(tmp_path)
    told = {"kind": "retired", "at": "2026-12-01T00:00:00.000000Z", "run": old.stem, "file": old.name}
    heads.append(folder, {**told, "events": 4, "head": json.loads(event_logs.lines(old)[-1])["chain"]}, CODEC)
    old.unlink()
    take(tmp_path)
    assert (old.stem,) not in rows(tmp_path, "SELECT run FROM runs UNION SELECT run FROM events")
    assert rows(tmp_path, "SELECT count(*) FROM runs") == [(2,)]
    assert stored.drifts(tmp_path) == ()
    old.write_bytes(data)
    assert take(tmp_path).inserted == 0, "what an interrupted retirement left is not taken in again"
    rebuilding.rebuild(stored.path(tmp_path), [sources.own(tmp_path)])
    assert rows(tmp_path, "SELECT count(*) FROM runs") == [(2,)]


POISONS = {
    "a number that nothing has room for": {"attempt": 10**30},
    "a day that is in no calendar": {"at": "2026-02-31T12:00:00Z"},
    "a duration that nothing has room for": {"event": "command_end", **event_logs.ended(duration_ms=2**63)},
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_an_event_that_is_well_chained_and_makes_no_sense_is_put_aside(
    tmp_path: Path, folder: Path, poison: dict[str, Any]
) -> None:
    log = event_logs.opened(folder)
    log.write("measure", event_logs.measure(1))
    event = str(poison.get("event", "measure"))
    log.write(event, poison if event == "command_end" else event_logs.measure(2) | poison)
    log.write("command_end", event_logs.ended())
    log.close()
    done = take(tmp_path)
    assert (done.inserted, done.parse_errors) == (3, 1)
    assert len(quarantined(tmp_path)) == 1


def test_a_first_line_of_many_brackets_is_put_aside(tmp_path: Path, folder: Path) -> None:
    (folder / "20261101T120000Z-00000000.jsonl").write_bytes(b"[" * 100_000 + b"\n")
    assert take(tmp_path).parse_errors == 1


def test_a_store_whose_recording_is_damaged_says_so_and_is_made_anew(tmp_path: Path, folder: Path) -> None:
    named_by(folder, keep(tmp_path, suite(attempt("t.py::a"))))
    take(tmp_path)
    stored.change(tmp_path, "UPDATE recordings SET attempts = x'00'")
    with store.opened(stored.path(tmp_path)) as opened, pytest.raises(StoreError, match="--rebuild"):
        reconcile.reconcile(opened, sources.own(tmp_path))
    rebuilding.rebuild(stored.path(tmp_path), [sources.own(tmp_path)])
    assert rows(tmp_path, "SELECT test FROM v_tests") == [("t.py::a",)]
    assert not stored.drifts(tmp_path)


def test_a_value_that_is_none_of_a_store_is_one_sentence(tmp_path: Path, folder: Path) -> None:
    event_logs.history(folder)
    take(tmp_path)
    stored.change(tmp_path, "UPDATE runs SET attempt = 'many'")
    with questions.open_store(tmp_path) as opened, pytest.raises(StoreError, match=r"is damaged: .*--rebuild"):
        questions.runs(opened, Filter())
