"""Proved commands: `gates prove -- COMMAND` leaves its events as other proofs do, whatever the project has adopted."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from gates.errors import GitError
from gates.model.command_proof import CommandProof, CommandRun, Place, Trial
from gates.model.reason import Reason
from gates.project.facts import Project
from gates.record import events, telling
from gates.record.asked import questions
from support.command_projects import UNITTEST, prove, write
from support.commands import gates
from support.event_logs import TRACE, ended, logged, opened

CONFIGURATION = "c" * 64
pytestmark = pytest.mark.requirement("REC-1")


def test_a_proof_of_a_command_leaves_its_verdict_and_what_was_missed(tmp_path: Path) -> None:
    root = write(tmp_path)
    result = prove(root, *UNITTEST)
    (run,) = logged(root)
    start, gate, *findings, end = run
    assert isinstance(start, events.CommandStart)
    assert isinstance(gate, events.GateDecided)
    assert isinstance(end, events.CommandEnd)
    missed = [one["fault"] for one in result.report["trials"] if one["state"] == "missed"]
    assert missed
    assert (start.command, start.gates[0], start.gates[2:]) == ("prove", "--", UNITTEST[1:])
    assert gate.gate.startswith("-- ")
    assert gate.gate.endswith(shlex.join(UNITTEST[1:]))
    assert (gate.verdict, gate.denominator, gate.unit) == ("failed", len(result.report["trials"]), "faults")
    assert gate.findings == {"missed": len(missed)}
    assert [(one.rule, one.name) for one in findings if isinstance(one, events.FindingMade)] == [
        ("missed", name) for name in missed
    ]
    assert (end.status, end.verdict, end.exit_code) == ("failed", "failed", 1)


def test_a_clean_copy_that_is_not_green_is_undecided_in_the_record_too(tmp_path: Path) -> None:
    root = write(tmp_path)
    prove(root, sys.executable, "-c", "raise SystemExit(7)", options=("--rule", "lint-error", "--timeout", "30"))
    (run,) = logged(root)
    start, gate, end = run
    assert isinstance(start, events.CommandStart)
    assert isinstance(gate, events.GateDecided)
    assert isinstance(end, events.CommandEnd)
    assert start.gates[:5] == ("--rule", "lint-error", "--timeout", "30", "--")
    assert (gate.verdict, end.exit_code) == ("undecided", 3)
    assert gate.error is not None
    assert gate.error.type == "not_green"


def test_an_unknown_fault_ends_the_run_as_an_error(tmp_path: Path) -> None:
    root = write(tmp_path)
    assert prove(root, "true", options=("--rule", "no-such")).code == 2
    *_, end = logged(root)[0]
    assert isinstance(end, events.CommandEnd)
    assert (end.status, end.exit_code) == ("error", 2)


def test_what_shows_it_again_is_the_proof_and_not_a_check(tmp_path: Path) -> None:
    root = write(tmp_path, **{"sub__placeholder.txt": ""})
    words = ("-c", "print('a:b c')")
    result = gates("prove", "-q", "--project", "sub", "--rule", "lint-error", "--", sys.executable, *words, cwd=root)
    assert result.code == 1, result.err
    shown = gates("runs", "show", "last", cwd=root).out
    # A colon in the command is not taken for that between a member and its gate.
    assert "missed lint-error: an unused import" in shown
    (failed,) = gates("runs", "list", "--last-failed", "--output-format", "json", cwd=root).report["executions"]
    assert failed["kind"] == "gate"
    assert failed["subject"].startswith("sub:-- ")
    again = failed["reproduce"]
    assert again[:7] == ["gates", "prove", "--project", "sub", "--rule", "lint-error", "--"]
    assert again[8:] == list(words)


def test_the_order_of_the_words_makes_another_question_and_a_retry_does_not(tmp_path: Path) -> None:
    root = write(tmp_path)
    for words in (("-c", "pass", "a", "b"), ("-c", "pass", "a", "b"), ("-c", "pass", "b", "a")):
        prove(root, sys.executable, *words, options=("--rule", "lint-error"))
    first, second, other = (run[0] for run in logged(root))
    assert (second.trace_id, second.attempt) == (first.trace_id, 2)
    assert other.trace_id != first.trace_id


def test_settings_that_cannot_be_read_stop_the_record_and_not_the_proof(tmp_path: Path) -> None:
    root = write(tmp_path, **{"gates.toml": 'redact = "everything"\n'})
    result = prove(root, sys.executable, "-c", "pass", options=("--rule", "lint-error"))
    assert (result.code, result.report["verdict"]) == (1, "failed")
    assert result.err.startswith("gates: this run is not in the record: gates.toml:1: ")
    assert not (root / ".gates").exists()


def test_a_pattern_that_is_none_stops_the_record_and_not_the_proof(tmp_path: Path) -> None:
    root = write(tmp_path, **{"gates.toml": '[redact]\npatterns = ["("]\n'})
    result = prove(root, sys.executable, "-c", "pass", options=("--rule", "lint-error"))
    assert result.code == 1
    assert "this run is not in the record: " in result.err


def test_plugins_that_do_not_load_and_a_gate_that_is_not_there_have_no_part_in_it(tmp_path: Path) -> None:
    root = write(tmp_path, **{"gates.toml": 'plugins = ["no_such"]\nselect = ["no-such"]\n[nowhere]\nkey = 1\n'})
    result = prove(root, sys.executable, "-c", "pass", options=("--rule", "lint-error"))
    assert (result.code, result.err) == (1, "")
    assert len(logged(root)) == 1


def test_nothing_is_written_where_the_record_is_switched_off(tmp_path: Path) -> None:
    root = write(tmp_path, **{"gates.toml": "[record]\nenabled = false\n"})
    assert prove(root, sys.executable, "-c", "pass", options=("--rule", "lint-error")).code == 1
    assert not (root / ".gates").exists()


@pytest.mark.requirement("REC-7")
def test_words_of_a_command_are_written_without_secrets(tmp_path: Path) -> None:
    root = write(tmp_path, **{"gates.toml": '[redact]\npatterns = ["orange-[0-9]+"]\n'})
    words = ("-c", "pass", "s3cr3t-of-deploying", "ann@example.org", "orange-77")
    prove(
        root,
        sys.executable,
        *words,
        options=("--rule", "lint-error"),
        env={"DEPLOY_TOKEN": "s3cr3t-of-deploying"},
    )
    (log,) = (root / ".gates" / "events").glob("2*.jsonl")
    text = log.read_text("utf-8")
    assert "REDACTED" in text
    assert not [word for word in words[2:] if word in text]


def test_a_repository_that_git_does_not_answer_about_stops_the_record_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gates.cli import recording
    from gates.project import git

    def refused(_: Path) -> None:
        raise GitError("git says that somebody else owns it")

    monkeypatch.setattr(git, "find", refused)
    project = Project(root=write(tmp_path), name="sample")
    with recording.of_command("prove", project, ("--", "true"), dict(os.environ)) as journal:
        assert journal is None
    said = "gates: this run is not in the record: git says that somebody else owns it\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("command", "words", "gate", "expected"),
    [
        ("prove", ["lint"], "lint", ("gates", "prove", "lint")),
        ("prove", [], "types", ("gates", "prove", "types")),
        ("prove", ["--", "make", "a:b"], "-- make a:b", ("gates", "prove", "--", "make", "a:b")),
        ("diagnose", ["tests/test_a.py"], "determinism", ("gates", "diagnose", "tests/test_a.py")),
        ("check", ["lint"], "lint", ("gates", "check", "lint")),
    ],
)
def test_a_gate_is_asked_again_as_it_was(
    tmp_path: Path, command: str, words: list[str], gate: str, expected: tuple[str, ...]
) -> None:
    folder = tmp_path / ".gates" / "events"
    log = opened(folder, command=command, gates=words)
    told = telling.Told("gate", telling.bare(gate, "failed", CONFIGURATION), ".", gate)
    log.write("gate", told.fields | telling.span(log.run, TRACE, told))
    log.write("command_end", ended(status="failed", verdict="failed", exit_code=1))
    log.close()
    with questions.open_store(tmp_path) as store:
        (failed,) = questions.last_failed(store)
    assert failed.reproduce == expected


def test_a_line_of_the_wiring_is_the_place_of_what_was_missed() -> None:
    places = (
        Place(path=None, line=None, text="make", why="it is so"),
        Place(path="Makefile", line=3, text="-ruff check", why="a leading `-` loses it"),
    )
    trials = (
        Trial(fault="lint-error", title="an unused import", state="missed", message="green", places=places),
        Trial(fault="type-error", title="a wrong type", state="caught", message="exit code 2"),
        Trial(fault="uncovered", title="lines", state="not_tried", message="it does not fit"),
    )
    run = CommandRun(runs=4, clean_s=0.1, duration_s=1.5)
    proof = CommandProof(
        verdict="failed", exit_code=1, project="p", command=("make", "check it"), trials=trials, run=run
    )
    gate, finding = telling.tried(proof, ".", CONFIGURATION, str)
    assert (gate.gate, gate.fields["denominator"], gate.fields["duration_ms"]) == ("-- make 'check it'", 2, 1500)
    assert gate.fields["error"]["message"] == "lint-error"
    assert (finding.fields["path"], finding.fields["line"]) == ("Makefile", 3)
    assert finding.fields["message"] == "an unused import; it is so; a leading `-` loses it"


def test_the_reason_of_an_undecided_proof_is_its_error() -> None:
    reason = Reason(code="timeout", message="`make` did not end", fix="gates prove --timeout 9 -- make")
    (gate,) = telling.tried(
        CommandProof(verdict="undecided", exit_code=3, command=("make",), reason=reason), ".", CONFIGURATION, str
    )
    assert (gate.fields["error"]["type"], gate.fields["denominator"]) == ("timeout", 0)
