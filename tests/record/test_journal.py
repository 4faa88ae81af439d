"""Journal: each command leaves its events, decodable by the types that are shipped, and is never stopped by them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gates.model.measure import Measure
from gates.model.report import GateReport
from gates.record import events, telling
from pytest_vltair import personal
from support import healthy
from support.commands import environment, gates
from support.event_logs import logged


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return healthy.write(tmp_path / "project")


@pytest.mark.requirement("REC-1")
def test_a_check_leaves_its_start_its_gates_and_its_end(project: Path) -> None:
    result = gates("check", "lint", cwd=project)
    (run,) = logged(project)
    start, gate, *_, end = run
    assert isinstance(start, events.CommandStart)
    assert isinstance(gate, events.GateDecided)
    assert isinstance(end, events.CommandEnd)
    assert (start.command, start.gates, start.attempt, start.backfilled) == ("check", ("lint",), 1, False)
    assert (gate.gate, gate.verdict, gate.error) == ("lint", "passed", None)
    assert (project / ".gates" / "evidence" / f"{gate.outputs}.json").is_file()
    assert (end.status, end.exit_code) == ("passed", result.code)
    assert end.seq == len(run) - 1


def test_the_same_question_again_is_the_next_attempt_at_the_same_trace(project: Path) -> None:
    gates("check", "lint", cwd=project)
    gates("check", "lint", cwd=project)
    gates("check", "types", cwd=project)
    first, second, other = (run[0] for run in logged(project))
    assert isinstance(second, events.CommandStart)
    assert (second.trace_id, second.attempt, second.retry_of) == (first.trace_id, 2, first.span_id)
    assert other.trace_id != first.trace_id


def test_a_ci_says_which_attempt_it_is_and_two_of_its_runs_are_two_questions(project: Path) -> None:
    said = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "3"}
    gates("check", "lint", cwd=project, env=said)
    gates("check", "lint", cwd=project, env={**said, "GITHUB_RUN_ID": "8", "GITHUB_RUN_ATTEMPT": "1"})
    first, second = (run[0] for run in logged(project))
    assert isinstance(first, events.CommandStart)
    assert (first.attempt, first.runner.kind, second.attempt) == (3, "github", 1)
    assert first.trace_id != second.trace_id


@pytest.mark.requirement("REC-7")
def test_findings_are_written_with_their_gate_and_without_what_tells_of_a_person(project: Path) -> None:
    (project / "src" / "sample" / "bad.py").write_text('"""Bad."""\n\nimport os  # ann@example.org\n', "utf-8")
    gates("check", "lint", cwd=project)
    run = logged(project)[-1]
    found = [one for one in run if isinstance(one, events.FindingMade)]
    (gate,) = (one for one in run if isinstance(one, events.GateDecided) and one.gate == "lint")
    assert gate.verdict == "failed"
    assert gate.error is not None
    assert gate.findings == {"LNT001": len(found)}
    assert {one.span_id for one in found} == {gate.span_id}
    whole = (project / ".gates" / "events" / f"{run[0].run}.jsonl").read_text("utf-8")
    assert "@example.org" not in whole


def test_an_error_of_usage_ends_the_run_as_an_error(project: Path) -> None:
    result = gates("check", "lint", "--approve", "NONE", cwd=project)
    assert result.code == 2
    *_, end = logged(project)[-1]
    assert isinstance(end, events.CommandEnd)
    assert (end.status, end.exit_code) == ("error", 2)
    assert end.error is not None


@pytest.mark.requirement("REC-1")
def test_an_interrupted_run_says_so(project: Path) -> None:
    (project / "tests" / "test_slow.py").write_text("import time\n\n\ndef test_slow():\n    time.sleep(60)\n", "utf-8")
    if sys.platform == "win32":
        pytest.skip("SIGINT to a child is POSIX's")
    with subprocess.Popen(
        [sys.executable, "-m", "gates.cli.app", "check", "tests"],
        cwd=project,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "tests" in line)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=600)
    *_, end = logged(project)[-1]
    assert isinstance(end, events.CommandEnd)
    assert end.status == "interrupted"


def test_nothing_is_written_where_the_record_is_switched_off(project: Path) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[tool.gates.record]\nenabled = false\n", "utf-8")
    gates("check", "lint", cwd=project)
    assert not (project / ".gates" / "events").exists()


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_log_that_cannot_be_written_is_said_once_and_changes_nothing(
    project: Path, what: str, tmp_path: Path
) -> None:
    before = gates("check", "lint", cwd=project)
    folder = project / ".gates" / "events"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    if what == "file":
        folder.write_text("in the way", "utf-8")
    else:
        folder.symlink_to(tmp_path / "nowhere" / "at" / "all")
    after = gates("check", "lint", cwd=project)
    assert (after.code, after.out.splitlines()[-1]) == (before.code, before.out.splitlines()[-1])
    assert after.err.count("this run is not in the record: .gates/events: ") == 1


@pytest.mark.requirement("REC-4")
def test_a_clock_that_was_set_back_is_said_and_the_log_goes_on(project: Path) -> None:
    gates("check", "lint", cwd=project)
    heads = project / ".gates" / "events" / "heads.jsonl"
    (line,) = heads.read_text("utf-8").splitlines()
    heads.write_text(line.replace('"at":"2', '"at":"3') + "\n", "utf-8")
    result = gates("check", "lint", cwd=project)
    assert "behind the last run of the record" in result.err
    assert len(logged(project)) == 2


@pytest.mark.requirement("REC-1")
def test_a_proof_leaves_its_rules(project: Path) -> None:
    gates("prove", "lint", "--fast", cwd=project)
    start, gate, *_, end = logged(project)[-1]
    assert isinstance(start, events.CommandStart)
    assert isinstance(gate, events.GateDecided)
    assert isinstance(end, events.CommandEnd)
    assert (start.command, gate.gate, gate.unit, end.verdict) == ("prove", "lint", "proofs", gate.verdict)


def test_every_event_is_canonical(project: Path) -> None:
    gates("check", "lint", cwd=project)
    folder = project / ".gates" / "events"
    for path in folder.glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            value: Any = json.loads(line)
            assert json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == line


def test_two_checks_at_once_leave_two_logs(project: Path) -> None:
    command = [sys.executable, "-m", "gates.cli.app", "check", "lint", "--no-cache"]
    running = [
        subprocess.Popen(command, cwd=project, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert {one.wait(120) for one in running} == {0}
    assert len(logged(project)) == 3
    assert not list((project / ".gates" / "events" / "open").iterdir())


@pytest.mark.requirement("REC-7")
def test_the_names_of_branches_and_jobs_tell_of_no_person(project: Path) -> None:
    said = {"GITLAB_CI": "true", "CI_COMMIT_REF_NAME": "ann@example.org/fix", "CI_JOB_NAME": "for bob@example.org"}
    gates("check", "lint", cwd=project, env=said)
    (run,) = logged(project)
    assert isinstance(run[0], events.CommandStart)
    assert run[0].runner.job == "for <email>"
    whole = (project / ".gates" / "events" / f"{run[0].run}.jsonl").read_text("utf-8")
    assert "@example.org" not in whole


def test_a_last_head_with_a_time_that_is_none_stops_no_record(project: Path) -> None:
    gates("check", "lint", cwd=project)
    heads = project / ".gates" / "events" / "heads.jsonl"
    heads.write_bytes(heads.read_bytes().replace(b'"at":"2', b'"at":"X'))
    result = gates("check", "lint", cwd=project)
    assert "not in the record" not in result.err
    assert len(heads.read_bytes().splitlines()) == 2


def test_what_is_no_number_is_no_measure_of_the_log() -> None:
    measures = (
        Measure(name="coverage.total", value=float("nan"), unit="percent"),
        Measure(name="mean[ann@example.org]", value=2.0, unit="s", limit=float("inf"), limit_from="/home/ann/x.toml:1"),
    )
    report = GateReport(
        name="bench",
        verdict="passed",
        reason=None,
        denominator=None,
        findings=(),
        measures=measures,
        evidence=None,
        tools={},
        commands=(),
    )
    told = [one.fields for one in telling.judged(report, None, "c" * 64, personal.scrub) if one.event == "measure"]
    assert [(one["name"], one["limit"], one["limit_from"]) for one in told] == [("mean[<email>]", None, "~/x.toml:1")]
