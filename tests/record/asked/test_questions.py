"""Questions to the store, their answers, and the indexes that they use."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gates.record.asked import questions
from gates.record.asked.answers import Filter
from gates.record.stored import projecting, store
from gates.record.stored.store import Store
from pytest_vltair.eventlog import stamp
from support import event_logs, many_runs, stored
from support.many_runs import FIRST, Failure
from support.stored import attempt, keep, suite

BIG = ("runs", "executions", "tests", "events", "findings", "measures", "gates", "suites", "requirements")
"""Tables that grow with every run."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty runs; a test fails in the fourth, which looks like one in the last but one."""
    made = tmp_path_factory.mktemp("project")
    failing = {
        3: Failure("t/a.py::a", "boom"),
        28: Failure("t/b.py::b", "boom"),
        29: Failure("t/a.py::a", "other", stack="9" * 16),
    }
    many_runs.write(made, 30, failing)
    stored.take(made)
    return made


def listed(root: Path, **wanted: object) -> list[int]:
    """The numbers of the runs that a filter lets through."""
    with questions.open_store(root) as opened:
        return [int(one.run[-8:], 16) for one in questions.runs(opened, Filter(**wanted))]  # type: ignore[arg-type]


def test_runs_are_listed_newest_first_a_page_at_a_time(root: Path) -> None:
    assert listed(root) == list(range(29, 9, -1))
    assert listed(root, limit=3, offset=28) == [1, 0]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"status": "failed"}, [29, 28, 3]),
        ({"status": "lost"}, []),
        ({"since": stamp(FIRST + timedelta(minutes=28))}, [29, 28]),
        ({"branch": "other"}, []),
        ({"commit": f"{12:040x}"}, [12]),
        ({"gate": "tests", "status": "failed"}, [29, 28, 3]),
        ({"gate": "te*", "limit": 1}, [29]),
        ({"gate": "lint"}, []),
        ({"test": "t/a.py::a"}, [29, 3]),
        ({"test": "t/*"}, [29, 28, 3]),
        ({"test": "t/?.py::a"}, [29, 3]),
        ({"test": "t/[a].py::a*"}, []),
        ({"requirement": "REQ-1", "limit": 1}, [29]),
        ({"requirement": "REQ-2"}, []),
        ({"command": "check", "limit": 1}, [29]),
        ({"command": "merge"}, []),
    ],
)
def test_filters(root: Path, wanted: dict[str, object], expected: list[int]) -> None:
    assert listed(root, **wanted) == expected


def test_a_run_is_found_by_the_beginning_of_its_name(root: Path) -> None:
    with questions.open_store(root) as opened:
        last = questions.runs(opened, Filter(limit=1))[0]
        found = questions.run(opened, last.run[:-4])
        assert found is not None
        assert found.run == last
        assert last.red == ("tests failed",)
        assert [(one.kind, one.subject, one.status) for one in found.executions] == [
            ("run", "check", "failed"),
            ("gate", "tests", "failed"),
        ]
        assert [(one.subject, one.error_message) for one in found.failed_tests] == [("t/a.py::a", "other")]
        assert [(one.requirement, one.status, one.failed) for one in found.requirements] == [("REQ-1", "failed", 1)]
        assert found.executions[1].reproduce == ("gates", "check", "tests")
        assert found.failed_tests[0].reproduce == ("python", "-m", "pytest", "t/a.py::a")
        assert questions.run(opened, "2026") is None
        assert questions.run(opened, "nothing") is None


def test_what_failed_when_it_ran_last(root: Path) -> None:
    with questions.open_store(root) as opened:
        found = questions.last_failed(opened)
        assert [(one.kind, one.subject, one.run[-2:]) for one in found] == [
            ("test", "t/a.py::a", "1d"),
            ("test", "t/b.py::b", "1c"),
            ("gate", "tests", "1d"),
        ]
        assert questions.last_failed(opened, limit=1) == found[:1]
        assert questions.trace(opened, found[0].trace_id) == found[:1]
        assert questions.trace(opened, "0" * 32) == ()


def test_failures_that_look_the_same_are_one_pattern(root: Path) -> None:
    with questions.open_store(root) as opened:
        found = questions.patterns(opened, Filter())
        assert [(one.count, one.runs, one.subjects) for one in found] == [
            (3, 3, ("tests",)),
            (2, 2, ("t/a.py::a", "t/b.py::b")),
            (1, 1, ("t/a.py::a",)),
        ]
        boom = found[1]
        assert boom.stack_hash == "0123456789abcdef"
        assert boom.example.run.endswith("1c")
        late = questions.patterns(opened, Filter(since=stamp(FIRST + timedelta(minutes=29))))
        assert {one.stack_hash for one in late} == {"9" * 16, "f" * 16}


def test_tests_whose_outcome_moves(tmp_path: Path) -> None:
    test = "tests/test_it.py::test_flips"
    many_runs.write(tmp_path, 12, {n: Failure(test, str(n)) for n in (2, 5)})
    stored.take(tmp_path)
    with questions.open_store(tmp_path) as opened:
        # A run that takes its tests from the cache ran none: there are three recordings.
        assert questions.flaky(opened) == ()
        slow = questions.slowest(opened)
        assert {one.test: one.runs for one in slow} == {"tests/test_it.py::test_ok": 3, test: 2}


def test_flips_are_counted_between_neighbours_and_over_the_same_files(tmp_path: Path) -> None:
    outcomes = (("passed", "1"), ("failed", "1"), ("passed", "2"), ("passed", "2"), ("rerun", "3"))
    for number, (outcome, tree) in enumerate(outcomes):
        phases = [*attempt("t.py::a", outcome), *(attempt("t.py::a") if outcome == "rerun" else ())]
        steady = attempt("t.py::steady", duration=0.001 * (number + 1))
        recording = keep(tmp_path, suite(phases, steady, tree=tree * 64))
        log = event_logs.opened(tmp_path / ".gates" / "events", event_logs.BEGAN + timedelta(hours=number))
        for _ in range(2):
            log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
        log.write("command_end", event_logs.ended())
        log.close()
    stored.take(tmp_path)
    with questions.open_store(tmp_path) as opened:
        (found,) = questions.flaky(opened)
        assert (found.test, found.runs, found.failures, found.pairs) == ("t.py::a", 5, 1, 4)
        assert (found.flips, found.same_tree, found.reruns, found.rate) == (2, 1, 2, 0.5)
        assert questions.flaky(opened, runs=3)[0].flips == 0
        slow = {one.test: one for one in questions.slowest(opened)}["t.py::steady"]
        assert (slow.median_ms, slow.most_ms, slow.last_ms) == (9.0, 15.0, 15.0)
    assert stored.rows(tmp_path, "SELECT test, runs, failures, pairs, flips, same_tree, reruns, rate FROM v_flaky") == [
        ("t.py::a", 5, 1, 4, 2.0, 1.0, 2, 0.5)
    ]
    assert ("t.py::steady", 5, 9.0, 15.0) in stored.rows(tmp_path, "SELECT * FROM v_slowest")


RUNNER = {"kind": "ci", "id": "m1", "job": "test", "system": "Linux", "machine": "x86_64", "python": "3.12.0"}


def ran(root: Path, number: int, *suites: tuple[str, str, str], **runner: str) -> None:
    """A run of the hour `number` whose gates ran t.py::a: the member, how it ended, and the digit of its files."""
    folder = root / ".gates" / "events"
    log = event_logs.opened(folder, event_logs.BEGAN + timedelta(hours=number), runner=RUNNER | runner)
    for project, outcome, tree in suites:
        recording = keep(root, suite(attempt("t.py::a", outcome, duration=0.001 * (number + 1)), tree=tree * 64))
        log.write("tests", {"gate": "tests", "project": project, "recording": recording})
    log.write("command_end", event_logs.ended())
    log.close()


def moved(root: Path) -> list[tuple[str, int, int, int, int]]:
    """Test, runs, pairs, flips, and those over the same files, of what is flaky; the view says the same."""
    stored.take(root)
    with questions.open_store(root) as opened:
        found = [(one.test, one.runs, one.pairs, one.flips, one.same_tree) for one in questions.flaky(opened)]
    assert stored.rows(root, "SELECT test, runs, pairs, flips, same_tree FROM v_flaky") == found
    return found


def test_files_are_those_of_the_member_whose_test_it_is(tmp_path: Path) -> None:
    # The digests of b, which never changes, come before and after those of a.
    ran(tmp_path, 0, ("b", "passed", "1"), ("c", "passed", "9"), ("a", "passed", "2"))
    ran(tmp_path, 1, ("b", "passed", "1"), ("c", "passed", "9"), ("a", "failed", "3"))
    ran(tmp_path, 2, ("a", "passed", "3"), ("c", "passed", "9"), ("b", "passed", "1"))
    assert moved(tmp_path) == [("a:t.py::a", 3, 2, 2, 1)]


def test_a_member_that_is_taken_from_the_cache_ran_no_test(tmp_path: Path) -> None:
    ran(tmp_path, 0, ("a", "failed", "1"), ("b", "passed", "5"))
    held = stored.keep(tmp_path, suite(attempt("t.py::a", "failed", duration=0.001), tree="1" * 64))
    folder = tmp_path / ".gates" / "events"
    log = event_logs.opened(folder, event_logs.BEGAN + timedelta(hours=1), runner=RUNNER)
    log.write("tests", {"gate": "tests", "project": "a", "recording": held})
    fresh = keep(tmp_path, suite(attempt("t.py::a", duration=0.007), tree="5" * 64))
    log.write("tests", {"gate": "tests", "project": "b", "recording": fresh})
    log.write("command_end", event_logs.ended())
    log.close()
    ran(tmp_path, 2, ("a", "passed", "1"), ("b", "passed", "5"))
    assert moved(tmp_path) == [("a:t.py::a", 2, 1, 1, 1)]
    with questions.open_store(tmp_path) as opened:
        assert {one.test: one.runs for one in questions.slowest(opened)} == {"a:t.py::a": 2, "b:t.py::a": 3}
        assert [one.test for one in questions.slowest(opened, runs=1)] == ["a:t.py::a", "b:t.py::a"]


@pytest.mark.parametrize("leg", [{"system": "Windows"}, {"machine": "arm64"}, {"python": "3.13.0"}])
def test_a_test_that_fails_on_one_leg_of_a_matrix_and_on_no_other_does_not_flip(
    tmp_path: Path, leg: dict[str, str]
) -> None:
    for number in range(0, 6, 2):
        ran(tmp_path, number, (".", "passed", "1"))
        ran(tmp_path, number + 1, (".", "failed", "1"), **leg)
    assert moved(tmp_path) == []
    ran(tmp_path, 6, (".", "passed", "1"), **leg)
    assert moved(tmp_path) == [("t.py::a", 7, 5, 1, 1)]


def test_files_of_a_gate_that_ran_over_several_are_not_known(tmp_path: Path) -> None:
    for number, outcome in enumerate(("passed", "failed")):
        ran(tmp_path, number, (".", outcome, "1"), (".", outcome, "2"))
    assert moved(tmp_path) == [("t.py::a", 2, 1, 1, 0)]


@pytest.fixture
def plans(root: Path) -> Callable[[Callable[[Store], object]], str]:
    """The plans of the queries that a question makes."""

    def explain(ask: Callable[[Store], object]) -> str:
        with questions.open_store(root) as opened:
            made: list[str] = []
            opened.connection.set_trace_callback(made.append)
            ask(opened)
            opened.connection.set_trace_callback(None)
            queries = [one for one in made if one.lstrip().startswith("SELECT")]
            assert queries
            return "\n".join(
                row[3] for query in queries for row in opened.connection.execute(f"EXPLAIN QUERY PLAN {query}")
            )

    return explain


@pytest.mark.parametrize(
    "ask",
    [
        *(
            lambda store, wanted=wanted: questions.runs(store, wanted)
            for wanted in (
                Filter(),
                Filter(status="failed"),
                Filter(since="2026"),
                Filter(branch="main"),
                Filter(commit="0"),
                Filter(gate="tests"),
                Filter(gate="t*"),
                Filter(test="t/a.py::a"),
                Filter(test="t/*"),
                Filter(requirement="REQ-1"),
                Filter(command="check"),
            )
        ),
        lambda store: questions.run(store, "20261001T0000"),
        lambda store: questions.trace(store, "0" * 32),
        questions.last_failed,
        lambda store: questions.patterns(store, Filter()),
    ],
)
def test_no_question_reads_a_big_table_from_end_to_end(
    plans: Callable[[Callable[[Store], object]], str], ask: Callable[[Store], object]
) -> None:
    plan = plans(ask)
    scans = re.findall(rf"SCAN (?:{'|'.join(BIG)})\b.*", plan)
    # A walk along an index in the order that is wanted ends with the page; one without is what must not be.
    assert [one for one in scans if " INDEX " not in one] == [], plan
    assert "SEARCH" in plan or "USING INDEX runs_by_start" in plan


def test_what_failed_last_is_found_among_what_failed(plans: Callable[[Callable[[Store], object]], str]) -> None:
    """Of a hundred thousand tests that pass it reads none."""
    plan = plans(questions.last_failed)
    assert plan.count("SCAN last_runs USING INDEX last_runs_failed") == 3
    assert "SEARCH subjects USING COVERING INDEX" not in plan


def test_the_views_answer_as_the_questions_do(root: Path) -> None:
    names = [name for (name,) in stored.rows(root, "SELECT name FROM sqlite_master WHERE type = 'view'")]
    assert len(names) >= 10
    connection = sqlite3.connect(stored.path(root))
    for name in names:
        connection.execute(f"SELECT * FROM {name} LIMIT 3").fetchall()
    connection.close()
    with questions.open_store(root) as opened:
        failed = [(one.kind, one.subject, one.run) for one in questions.last_failed(opened)]
        patterns = [(one.stack_hash, one.count) for one in questions.patterns(opened, Filter())]
        runs = [
            (one.run, " ".join(red.split()[0] for red in one.red) or None) for one in questions.runs(opened, Filter())
        ]
    assert stored.rows(root, "SELECT kind, subject, run FROM v_last_failed") == failed
    assert stored.rows(root, "SELECT stack_hash, failures FROM v_patterns") == patterns
    assert stored.rows(root, "SELECT run, red FROM v_runs LIMIT 20") == runs


def test_numbers_over_runs(root: Path) -> None:
    with questions.open_store(root) as opened:
        found = {one.name: one for one in questions.series(opened, runs=5)}
    assert set(found) == {"tests verdict", "duration of tests", "duration of gates check"}
    assert [value for _, _, value in found["tests verdict"].points] == [1.0, 1.0, 1.0, 0.0, 0.0]
    assert [run[-2:] for run, _, _ in found["tests verdict"].points] == ["19", "1a", "1b", "1c", "1d"]


def test_verdicts_of_several_commands_are_several_series(tmp_path: Path) -> None:
    gate: dict[str, Any] = {
        "gate": "tests", "project": ".", "error": None, "denominator": 1, "unit": "tests", "cached": False,
        "inputs": None, "outputs": None, "configuration": "c" * 64, "started": None, "duration_ms": 1,
        "findings": {}, "tools": {},
    }  # fmt: skip
    for number, (command, verdict) in enumerate((("check", "failed"), ("prove", "passed"), ("check", "passed"))):
        began = event_logs.BEGAN + timedelta(hours=number)
        log = event_logs.opened(tmp_path / ".gates" / "events", began, command=command)
        log.write("gate", gate | {"verdict": verdict})
        log.write("command_end", event_logs.ended())
        log.close()
    stored.take(tmp_path)
    with questions.open_store(tmp_path) as opened:
        found = {one.name: [value for _, _, value in one.points] for one in questions.series(opened)}
    assert found["tests verdict"] == [0.0, 1.0]
    assert found["tests verdict of gates prove"] == [1.0]


def test_a_module_that_cannot_be_collected_failed_until_one_of_its_tests_runs(tmp_path: Path) -> None:
    broken = {"event": "collect_error", "nodeid": "t.py", "path": "t.py", "line": 1, "message": "No module named 'x'"}
    runs = (stored.recording(broken | {"error": "ImportError", "stack": "7" * 16}), suite(attempt("t.py::a")))
    for number, data in enumerate(runs):
        recording = keep(tmp_path, data)
        log = event_logs.opened(tmp_path / ".gates" / "events", event_logs.BEGAN + timedelta(hours=number))
        log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
        log.write("command_end", event_logs.ended())
        log.close()
        stored.take(tmp_path)
        with questions.open_store(tmp_path) as opened:
            failed = questions.last_failed(opened)
            assert [one.subject for one in failed] == ["t.py"][number:]
            (pattern,) = questions.patterns(opened, Filter())
            assert (pattern.error_type, pattern.subjects, pattern.count) == ("ImportError", ("t.py",), 1)
        assert [one for (one,) in stored.rows(tmp_path, "SELECT subject FROM v_last_failed")] == ["t.py"][number:]
    assert not stored.drifts(tmp_path)


def test_files_that_nobody_knows_are_never_the_same(tmp_path: Path) -> None:
    for number, outcome in enumerate(("passed", "failed")):
        recording = keep(tmp_path, suite(attempt("t.py::a", outcome), tree=""))
        log = event_logs.opened(tmp_path / ".gates" / "events", event_logs.BEGAN + timedelta(hours=number))
        log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
        log.write("command_end", event_logs.ended())
        log.close()
    stored.take(tmp_path)
    with questions.open_store(tmp_path) as opened:
        (found,) = questions.flaky(opened)
        assert (found.flips, found.same_tree) == (1, 0)
    assert stored.rows(tmp_path, "SELECT flips, same_tree FROM v_flaky") == [(1.0, 0.0)]


def test_the_example_of_a_pattern_is_the_first_of_its_subjects(tmp_path: Path) -> None:
    recording = keep(tmp_path, suite(*(attempt(f"t.py::{name}", "failed") for name in "gfcbade")))
    log = event_logs.opened(tmp_path / ".gates" / "events")
    log.write("tests", {"gate": "tests", "project": ".", "recording": recording})
    log.write("command_end", event_logs.ended())
    log.close()
    stored.take(tmp_path)
    with questions.open_store(tmp_path) as opened:
        (pattern,) = questions.patterns(opened, Filter())
    assert pattern.example.subject == "t.py::a"


def test_a_wish_that_is_no_text_is_in_no_run(root: Path) -> None:
    assert listed(root, branch="\udcff") == []


def test_what_others_take_out_while_a_question_is_answered_is_in_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_runs.write(tmp_path, 3, {1: Failure("t/a.py::a", "boom")})
    stored.take(tmp_path)
    step = questions._pattern

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        with store.opened(stored.path(tmp_path)) as other:
            runs = [run for (run,) in other.connection.execute("SELECT run FROM runs")]
            with other.writing() as connection:
                for run in runs:
                    projecting.forget(connection, run)
        return step(*args)

    monkeypatch.setattr(questions, "_pattern", late)
    with questions.open_store(tmp_path, refresh=False) as opened:
        assert questions.patterns(opened, Filter())
        assert questions.patterns(opened, Filter()) == ()
