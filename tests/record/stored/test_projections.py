"""What follows from events and recordings: runs, executions, tests and requirements."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gates.record.asked import questions
from gates.record.stored import projecting, recorded, store
from gates.record.stored.recorded import RecordingError
from pytest_vltair import eventlog, identity
from support import event_logs, stored
from support.event_logs import BEGAN, CODEC
from support.stored import attempt, keep, phase, rows, suite, take

GATE = {
    "gate": "tests", "project": ".", "verdict": "passed", "error": None, "denominator": 2, "unit": "tests",
    "cached": False, "inputs": "a" * 64, "outputs": "e" * 64, "configuration": "c" * 64,
    "started": "2026-11-01T12:00:00.000001Z", "duration_ms": 40, "findings": {"TST001": 1}, "tools": {"pytest": "9"},
}  # fmt: skip


def ran(
    root: Path,
    *recordings: bytes,
    number: int = 0,
    count: int = 1,
    project: str = ".",
    verdict: str = "passed",
    **first: Any,
) -> eventlog.Log:
    """A run of the gate `tests`, the attempt `count` at its question, that names these recordings."""
    folder = root / ".gates" / "events"
    log = eventlog.Log(folder, CODEC, BEGAN + timedelta(hours=number))
    trace = identity.trace("sample")
    log.identify(trace, identity.run_span(log.run), count)
    log.write("command_start", event_logs.started(log, **first))
    ids = {
        "trace_id": identity.gate_trace(trace, project, "tests"),
        "span_id": identity.gate_span(log.run, project, "tests"),
    }
    log.write("gate", GATE | ids | {"project": project, "verdict": verdict})
    for data in recordings:
        log.write("tests", ids | {"gate": "tests", "project": project, "recording": keep(root, data)})
    log.write("command_end", event_logs.ended(report="9" * 64, grounds="8" * 64))
    log.close()
    return log


def of_tests(root: Path, data: bytes) -> list[tuple[Any, ...]]:
    """Test, attempt, status and what it repeats, of the attempts of a recording."""
    ran(root, data)
    take(root)
    return rows(
        root,
        "SELECT subject, attempt, status, retry_of IS NOT NULL FROM v_executions WHERE kind = 'test' ORDER BY 1, 2",
    )


def test_a_run_a_gate_and_a_test_have_all_fields_of_an_execution(tmp_path: Path) -> None:
    log = ran(tmp_path, suite(attempt("t.py::a", "failed"), tree="7" * 64))
    take(tmp_path)
    names = "kind, subject, trace_id, span_id, attempt, status, error_type, stack_hash, inputs, outputs, configuration"
    found = rows(tmp_path, f"SELECT {names} FROM v_executions ORDER BY kind")
    trace = identity.trace("sample")
    of_gate = identity.gate_trace(trace, ".", "tests")
    recording = next((tmp_path / ".gates/recordings").iterdir()).stem
    span = identity.test_span(log.run, ".", "tests", "t.py::a", 1)
    assert found == [
        (
            "gate",
            "tests",
            of_gate,
            identity.gate_span(log.run, ".", "tests"),
            1,
            "passed",
            None,
            None,
            "a" * 64,
            "e" * 64,
            "c" * 64,
        ),
        ("run", "check", trace, identity.run_span(log.run), 1, "passed", None, None, "8" * 64, "9" * 64, "c" * 64),
        (
            "test",
            "t.py::a",
            identity.test_trace(of_gate, "t.py::a"),
            span,
            1,
            "failed",
            "AssertionError",
            "5" * 16,
            "7" * 64,
            recording,
            "3" * 64,
        ),
    ]
    assert rows(tmp_path, "SELECT runner, machine, backfilled FROM runs") == [("local/m1", "Linux x86_64 3.12.0", 0)]
    assert rows(tmp_path, "SELECT duration_ms FROM executions WHERE kind = 'test'") == [(6.0,)]


def test_attempts_of_a_ci_are_linked_by_trace_and_number_in_any_order(tmp_path: Path) -> None:
    logs = {count: ran(tmp_path, number=count, count=count) for count in (3, 1, 2)}
    take(tmp_path)
    linked = rows(tmp_path, "SELECT attempt, retry_of FROM v_executions WHERE kind = 'run' ORDER BY attempt")
    assert linked == [(1, None), *((n, identity.run_span(logs[n - 1].run)) for n in (2, 3))]
    of_gates = rows(tmp_path, "SELECT attempt, retry_of FROM v_executions WHERE kind = 'gate' ORDER BY attempt")
    assert of_gates == [(1, None), *((n, identity.gate_span(logs[n - 1].run, ".", "tests")) for n in (2, 3))]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_an_attempt_repeats_the_one_on_a_machine_of_the_same_kind(tmp_path: Path, order: tuple[int, ...]) -> None:
    runner = {"kind": "ci", "id": "m1", "job": "test", "system": "Linux", "machine": "x86_64", "python": "3.12.0"}
    legs = [runner, runner | {"python": "3.13.0"}]
    logs = {}
    for number in order:
        # One after the other: what is taken in first is linked before the rest is there.
        logs[number] = ran(tmp_path, number=number, count=1 + number // 2, runner=legs[number % 2])
        take(tmp_path)
    told = {
        "run": [identity.run_span(log.run) for _, log in sorted(logs.items())],
        "gate": [identity.gate_span(log.run, ".", "tests") for _, log in sorted(logs.items())],
    }
    for kind, spans in told.items():
        query = "SELECT span_id, retry_of FROM v_executions WHERE kind = ? ORDER BY run"
        assert rows(tmp_path, query, kind) == list(zip(spans, [None, None, *spans[:2]], strict=True))
    assert not stored.drifts(tmp_path)


@pytest.mark.parametrize("late", [False, True])
def test_where_two_attempts_before_fit_nobody_knows_which_was_repeated(tmp_path: Path, late: bool) -> None:
    first = ran(tmp_path, number=1, count=1)
    ran(tmp_path, number=3, count=2)
    take(tmp_path)
    query = "SELECT retry_of FROM v_executions WHERE attempt = 2 AND kind = 'run'"
    assert rows(tmp_path, query) == [(identity.run_span(first.run),)]
    other = ran(tmp_path, number=2 if late else 0, count=1)
    take(tmp_path)
    assert rows(tmp_path, query) == [(None,)]
    with store.opened(stored.path(tmp_path)) as opened, opened.writing() as connection:
        projecting.forget(connection, other.run)
    assert rows(tmp_path, query) == [(identity.run_span(first.run),)]


def test_what_an_event_says_of_the_attempt_before_stays(tmp_path: Path) -> None:
    ran(tmp_path, number=1, count=1)
    ran(tmp_path, number=2, count=2, retry_of="d" * 16)
    take(tmp_path)
    assert rows(tmp_path, "SELECT retry_of FROM v_runs WHERE attempt = 2") == [("d" * 16,)]


def test_a_test_that_was_run_again_has_an_attempt_for_each_time(tmp_path: Path) -> None:
    again = [*attempt("t.py::a", "rerun"), *attempt("t.py::a", "rerun"), *attempt("t.py::a")]
    assert of_tests(tmp_path, suite(again)) == [
        ("t.py::a", 1, "failed", 0),
        ("t.py::a", 2, "failed", 1),
        ("t.py::a", 3, "passed", 1),
    ]
    assert rows(tmp_path, "SELECT outcome, reruns FROM tests") == [("flaky", 2)]


def test_a_call_after_one_that_is_run_again_is_an_attempt_too(tmp_path: Path) -> None:
    calls = [
        phase("t.py::a", "setup"),
        phase("t.py::a", outcome="rerun"),
        phase("t.py::a"),
        phase("t.py::a", "teardown"),
    ]
    assert of_tests(tmp_path, suite(calls)) == [("t.py::a", 1, "failed", 0), ("t.py::a", 2, "passed", 1)]


def test_subtests_are_one_attempt(tmp_path: Path) -> None:
    calls = [phase("t.py::a", "setup"), phase("t.py::a"), phase("t.py::a"), phase("t.py::a", "teardown")]
    assert of_tests(tmp_path, suite(calls)) == [("t.py::a", 1, "passed", 0)]


@pytest.mark.parametrize(
    ("phases", "status", "outcome"),
    [
        (attempt("a", "failed"), "failed", "failed"),
        ([phase("a", "setup", "failed"), phase("a", "teardown")], "error", "error"),
        ([phase("a", "setup", "skipped"), phase("a", "teardown")], "skipped", "skipped"),
        (
            [phase("a", "setup"), phase("a", "call", "skipped", wasxfail=True), phase("a", "teardown")],
            "xfailed",
            "xfailed",
        ),
        ([phase("a", "setup")], "lost", "unfinished"),
    ],
)
def test_how_a_test_ended(tmp_path: Path, phases: list[dict[str, Any]], status: str, outcome: str) -> None:
    assert of_tests(tmp_path, suite(phases)) == [("a", 1, status, 0)]
    assert rows(tmp_path, "SELECT outcome FROM tests") == [(outcome,)]


def test_recordings_of_several_lanes_repeat_nothing_and_the_worst_outcome_counts(tmp_path: Path) -> None:
    ran(tmp_path, suite(attempt("a"), tree="1" * 64), suite(attempt("a", "failed"), tree="2" * 64))
    take(tmp_path)
    found = rows(tmp_path, "SELECT attempt, status, retry_of FROM v_executions WHERE kind = 'test' ORDER BY 1")
    assert found == [(1, "passed", None), (2, "failed", None)]
    assert rows(tmp_path, "SELECT outcome, reruns FROM tests") == [("failed", 0)]
    assert rows(tmp_path, "SELECT tests, failed_tests FROM runs") == [(1, 1)]


def test_a_requirement_passed_only_where_every_test_that_names_it_did(tmp_path: Path) -> None:
    ran(
        tmp_path,
        suite(
            attempt("a", requirements=["R1", "R2", "R3"]),
            attempt("b", "failed", requirements=["R2"]),
            [phase("c", "setup", "skipped", requirements=["R3"]), phase("c", "teardown", requirements=["R3"])],
        ),
    )
    take(tmp_path)
    found = rows(tmp_path, "SELECT requirement, status, tests, failed FROM v_requirements ORDER BY 1")
    assert found == [("R1", "passed", 1, 0), ("R2", "failed", 2, 1), ("R3", "undecided", 2, 1)]


def test_tests_of_members_of_a_workspace_are_told_apart(tmp_path: Path) -> None:
    ran(tmp_path, suite(attempt("t.py::a")), number=0)
    ran(tmp_path, suite(attempt("t.py::a")), number=1, project="packages/b")
    take(tmp_path)
    assert rows(tmp_path, "SELECT test, gate FROM v_tests ORDER BY 1") == [
        ("packages/b:t.py::a", "packages/b:tests"),
        ("t.py::a", "tests"),
    ]


def test_recordings_of_the_version_before_are_read_and_others_refused() -> None:
    old = stored.recording(*attempt("a", "failed"), version=4).replace(b'"stack":"5555555555555555",', b"")
    old = old.replace(b'"error":"AssertionError",', b"")
    digest = sha256(old).hexdigest()
    (only,) = recorded.read(old, digest).attempts
    assert only.error_type == "failure"
    assert only.stack_hash is not None
    for data, why in (
        (stored.recording(version=6), "it has schema version 6"),
        (b"nothing", "its first line is not understood"),
        (stored.recording(phase("a"))[:-40] + b"\n" + stored.recording(phase("a")), "its line 2 is not understood"),
    ):
        with pytest.raises(RecordingError, match=why):
            recorded.read(data, sha256(data).hexdigest())
    with pytest.raises(RecordingError, match="its content is not that of its name"):
        recorded.read(b"other", digest)


def test_a_recording_that_was_cut_off_says_what_it_says() -> None:
    data = stored.recording(*attempt("a"), *attempt("b"))[:-30]
    digest = sha256(data).hexdigest()
    assert [(one.test, one.status) for one in recorded.read(data, digest).attempts] == [("a", "passed"), ("b", "lost")]


def failed(root: Path) -> list[tuple[Any, ...]]:
    """What failed when it ran last, as a question and as the view say it: kind, name and command."""
    take(root)
    assert not stored.drifts(root)
    with questions.open_store(root) as opened:
        found = [(one.kind, one.subject, one.run, one.reproduce[1]) for one in questions.last_failed(opened)]
    told = rows(root, "SELECT kind, subject, run, CASE command WHEN '' THEN '-m' ELSE command END FROM v_last_failed")
    assert told == found
    return [(kind, subject, command) for kind, subject, _, command in found]


@pytest.mark.parametrize(("command", "other"), [("check", "prove"), ("prove", "check")])
def test_a_gate_that_failed_is_over_with_it_by_a_run_of_the_same_command_only(
    tmp_path: Path, command: str, other: str
) -> None:
    ran(tmp_path, number=0, command=command, verdict="failed")
    assert failed(tmp_path) == [("gate", "tests", command)]
    ran(tmp_path, number=1, command=other)
    assert failed(tmp_path) == [("gate", "tests", command)]
    ran(tmp_path, number=2, command=other, verdict="undecided")
    assert failed(tmp_path) == [("gate", "tests", other), ("gate", "tests", command)]
    ran(tmp_path, number=3, command=command)
    assert failed(tmp_path) == [("gate", "tests", other)]


def test_a_test_that_failed_is_over_with_it_once_its_gate_passes_and_not_once_that_is_proved(tmp_path: Path) -> None:
    ran(tmp_path, suite(attempt("t.py::a", "failed")), number=0, verdict="failed")
    broken = [("test", "t.py::a", "-m"), ("gate", "tests", "check")]
    assert failed(tmp_path) == broken
    ran(tmp_path, number=1, command="prove")
    assert failed(tmp_path) == broken
    ran(tmp_path, number=2)
    assert failed(tmp_path) == []


def test_the_newest_run_of_a_gate_is_found_again_when_a_run_is_taken_away(tmp_path: Path) -> None:
    told = [("check", "failed"), ("prove", "failed"), ("check", "passed"), ("prove", "passed")]
    logs = [
        ran(tmp_path, number=number, command=command, verdict=verdict) for number, (command, verdict) in enumerate(told)
    ]
    take(tmp_path)
    query = "SELECT command, newest, failed FROM last_runs JOIN subjects ON id = subject_id WHERE kind = 'gate'"
    for gone, expected in ((3, {("check", 2, 0), ("prove", 1, 1)}), (2, {("check", 0, 1), ("prove", 1, 1)})):
        with store.opened(stored.path(tmp_path)) as opened, opened.writing() as connection:
            projecting.forget(connection, logs[gone].run)
        runs = [log.run for log in logs]
        found = {(command, runs.index(newest.split()[1]), bad) for command, newest, bad in rows(tmp_path, query)}
        assert found == expected


def test_what_ran_in_no_run_any_more_is_no_subject(tmp_path: Path) -> None:
    """Also a gate of which no event tells but that tests ran for it, as plain pytest leaves it."""
    first = ran(tmp_path, suite(attempt("t.py::a")))
    second = event_logs.opened(tmp_path / ".gates" / "events", BEGAN + timedelta(hours=1), command="pytest")
    recording = keep(tmp_path, suite(attempt("t.py::b")))
    second.write("tests", {"gate": "tests", "project": ".", "recording": recording})
    second.write("command_end", event_logs.ended())
    second.close()
    take(tmp_path)
    left = []
    for log in (first, second):
        with store.opened(stored.path(tmp_path)) as opened, opened.writing() as connection:
            projecting.forget(connection, log.run)
        left.append({name for (name,) in rows(tmp_path, "SELECT name FROM subjects")})
    assert left == [{"pytest", "tests", "t.py::b"}, set()]
