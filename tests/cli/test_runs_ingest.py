"""`gates runs ingest` and `gates runs reconcile`: what they print, and their exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gates.cli import runs_asking, runs_reconcile
from gates.record.stored.errors import StoreError
from support import event_logs, stored
from support.commands import Result, gates
from support.unprivileged import public_folder, unprivileged


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    return made


def runs(root: Path, *words: str) -> Result:
    return gates("runs", *words, cwd=root)


@pytest.mark.parametrize("command", ["ingest", "reconcile"])
def test_where_nothing_was_recorded_there_is_nothing_to_do(root: Path, command: str) -> None:
    done = runs(root, command)
    assert (done.code, done.err) == (5, "")
    assert done.out.startswith("there are no event")
    said = runs(root, command, "--output-format", "json")
    assert (said.code, said.report["verdict"]) == (5, "undecided")
    assert not (root / ".gates").exists()


def test_events_are_taken_in_once(root: Path) -> None:
    event_logs.history(root / ".gates" / "events")
    done = runs(root, "ingest")
    assert done.code == 0, done
    assert done.out == ("12 events inserted, 0 skipped, 0 parse errors, 0 conflicts; 3 files read, 0 unchanged\n")
    said = runs(root, "ingest", "--output-format", "json")
    assert said.code == 0
    assert (said.report["schema_version"], said.report["verdict"], said.report["carried"]) == (1, "passed", 0)
    assert (said.report["ingested"]["inserted"], said.report["ingested"]["unchanged"]) == (0, 3)


def test_a_folder_from_elsewhere_makes_a_state_that_git_ignores(root: Path, tmp_path: Path) -> None:
    event_logs.history(tmp_path / "artifact" / "events")
    assert runs(root, "ingest", str(tmp_path / "artifact")).code == 0
    assert (root / ".gates" / ".gitignore").read_text() == "*\n"
    assert stored.rows(root, "SELECT count(*) FROM runs") == [(3,)]
    wrong = runs(root, "ingest", str(tmp_path / "nowhere"))
    assert wrong.code == 2
    assert "there is no file or directory" in wrong.err


def test_bad_lines_are_red_and_in_the_quarantine(root: Path) -> None:
    (path,) = event_logs.history(root / ".gates" / "events", runs=1)
    path.write_bytes(path.read_bytes() + b"noise\n")
    done = runs(root, "ingest")
    assert done.code == 1
    assert "in .gates/quarantine.jsonl: 1 line, with the reason of each" in done.out
    assert ", 1 parse error, 0 conflicts; 1 file read, 0 unchanged" in done.out
    assert (root / ".gates" / "quarantine.jsonl").exists()


def test_lines_that_a_question_put_into_the_quarantine_are_red_in_every_ingest_after_it(root: Path) -> None:
    path, *_ = event_logs.history(root / ".gates" / "events")
    path.write_bytes(path.read_bytes().replace(b'"value":', b'"value":1'))
    assert runs(root, "list").code == 0
    for _ in range(2):
        done = runs(root, "ingest")
        assert done.code == 1
        assert "0 parse errors, 0 conflicts; 0 files read, 3 unchanged\n" in done.out
        assert (
            "in .gates/quarantine.jsonl since before: 2 lines of unchanged files; `gates runs verify` says" in done.out
        )
    said = runs(root, "ingest", "--output-format", "json")
    assert (said.code, said.report["verdict"], said.report["ingested"]["quarantined"]) == (1, "failed", 2)
    path.touch()
    assert runs(root, "ingest").code == 1, "though its time is another one"


def test_lines_that_are_no_events_are_red_when_the_store_is_compared(root: Path) -> None:
    path, *_ = event_logs.history(root / ".gates" / "events")
    path.write_bytes(path.read_bytes().replace(b'"value":', b'"value":1'))
    done = runs(root, "reconcile")
    assert done.code == 1
    assert done.out.startswith("2 lines of event files here cannot be compared; `gates runs ingest` says why\n")
    assert done.out.endswith("\nno drift: 3 runs with 10 events\n")
    said = runs(root, "reconcile", "--output-format", "json")
    assert (said.code, said.report["verdict"], said.report["found"]["bad_lines"]) == (1, "failed", 2)
    assert runs(root, "reconcile", "--repair").code == 1
    for other in (root / ".gates" / "events").glob("*.jsonl"):
        other.write_bytes(b"noise\n")
    (root / ".gates" / "record.sqlite").unlink()
    nothing = runs(root, "reconcile")
    assert (nothing.code, nothing.out.splitlines()[1]) == (1, "there are no events to compare")


def test_a_conflict_is_red_and_says_which_one_stays(root: Path, tmp_path: Path) -> None:
    path, *_ = event_logs.history(root / ".gates" / "events")
    assert runs(root, "ingest").code == 0
    other = tmp_path / path.name
    shutil.copy(path, other)
    event_logs.rechained(other, 3, status="lost")
    done = runs(root, "ingest", str(other))
    assert done.code == 1
    assert "3 skipped, 0 parse errors, 1 conflict;" in done.out
    assert "the one that was there stays; --rebuild reads the event files here first\n" in done.out
    assert stored.rows(root, "SELECT DISTINCT status FROM runs") == [("passed",)]


def test_where_no_event_is_in_what_was_named_there_is_nothing_to_take_in(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    for _ in range(2):
        done = runs(root, "ingest", str(tmp_path / "empty.jsonl"))
        assert (done.code, done.err) == (5, "")
        assert done.out == "there are no events in what was read; `gates check` leaves some in .gates/events\n"
    said = runs(root, "ingest", str(tmp_path / "empty.jsonl"), "--output-format", "json")
    assert (said.code, said.report["verdict"], said.report["reason"]["code"]) == (5, "undecided", "nothing_examined")
    event_logs.history(root / ".gates" / "events")
    assert runs(root, "ingest", str(root / ".gates" / "events" / "heads.jsonl")).code == 5
    assert runs(root, "ingest").code == 0
    assert runs(root, "ingest", "--rebuild", str(tmp_path / "empty.jsonl")).code == 0


def test_a_run_that_was_retired_here_is_said_to_be_passed_over(root: Path, tmp_path: Path) -> None:
    event_logs.history(root / ".gates" / "events", runs=2)
    shutil.copytree(root / ".gates", tmp_path / "other")
    assert runs(root, "retire", "--older-than", "30").code == 0
    done = runs(root, "ingest", str(tmp_path / "other"))
    assert done.code == 0
    assert "passed over: 2 files with runs that were retired here\n" in done.out


def test_another_schema_is_undecided(root: Path) -> None:
    (path,) = event_logs.history(root / ".gates" / "events", runs=1)
    event_logs.rechained(path, 0, schema_version=7)
    done = runs(root, "ingest")
    assert done.code == 3
    assert f"undecided: {path.name} has schema version 7" in done.out
    compared = runs(root, "reconcile")
    assert compared.code == 1
    assert compared.out.startswith("4 lines of event files here cannot be compared; `gates runs ingest` says why\n")


def test_drift_is_named_and_repaired(root: Path) -> None:
    event_logs.history(root / ".gates" / "events")
    assert runs(root, "ingest").code == 0
    assert runs(root, "reconcile").out == "no drift: 3 runs with 12 events\n"
    run = stored.rows(root, "SELECT run FROM runs WHERE id = 2")[0][0]
    stored.change(root, "UPDATE runs SET status = 'failed' WHERE id = 2")
    drifted = runs(root, "reconcile")
    assert drifted.code == 1
    assert drifted.out == (
        f"runs.status of {run}: stored failed, from the log passed\n"
        "1 drift in 3 runs with 12 events; `gates runs reconcile --repair` makes the store anew\n"
    )
    said = runs(root, "reconcile", "--output-format", "json")
    assert (said.code, said.report["verdict"], said.report["repaired"]) == (1, "failed", False)
    (drift,) = said.report["found"]["drifts"]
    assert drift == {"table": "runs", "key": run, "field": "status", "stored": "failed", "log": "passed"}
    assert runs(root, "reconcile", "--repair").code == 0
    assert runs(root, "reconcile").code == 0


def test_a_damaged_store_is_undecided_until_it_is_made_anew(root: Path) -> None:
    event_logs.history(root / ".gates" / "events")
    (root / ".gates" / "record.sqlite").write_bytes(b"no database at all " * 500)
    for command in ("ingest", "reconcile"):
        done = runs(root, command)
        assert done.code == 3
        assert done.out.startswith("undecided: the store .gates/record.sqlite is damaged")
        assert done.err == ""
    anew = runs(root, "ingest", "--rebuild")
    assert anew.code == 0
    assert "it is at .gates/record.sqlite.damaged now" in anew.out
    assert "it may have had more from files that are not here" in anew.out
    assert runs(root, "reconcile").code == 0


def test_what_only_the_old_store_has_is_carried_over(root: Path, tmp_path: Path) -> None:
    event_logs.history(root / ".gates" / "events")
    event_logs.history(tmp_path / "artifact" / "events", runs=1)
    assert runs(root, "ingest", ".", str(tmp_path / "artifact")).code == 0
    shutil.rmtree(tmp_path / "artifact")
    anew = runs(root, "ingest", "--rebuild")
    assert anew.code == 0
    assert "carried over: 4 events that only the old store had\n" in anew.out
    assert ", 4 of these events from files that are not here\n" in runs(root, "reconcile").out


def test_drift_that_no_file_accounts_for_is_not_said_to_be_repaired(root: Path) -> None:
    event_logs.history(root / ".gates" / "events")
    assert runs(root, "ingest").code == 0
    path = min((root / ".gates" / "events").glob("2*.jsonl"))
    path.unlink()
    stored.change(root, "DELETE FROM files WHERE name = ?", path.name)
    done = runs(root, "reconcile", "--repair")
    assert done.code == 1
    assert done.out.endswith("; no file here accounts for it\n")


@pytest.mark.unprivileged
def test_a_store_that_cannot_be_written_says_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"directory": "", "output_format": "text", "repair": False}
    with public_folder() as place:
        given["directory"] = str(place)
        (place / "pyproject.toml").write_text('[project]\nname = "sample"\n')
        event_logs.history(place / ".gates" / "events")
        assert runs(place, "ingest").code == 0
        assert (runs_asking.asked(given, "run", name="last"), runs_reconcile.reconciled(place, given)) == (0, 0)
        stored.change(place, "DELETE FROM files WHERE name = (SELECT max(name) FROM files)")
        capsys.readouterr()
        sealed = [place / ".gates", *(place / ".gates").rglob("*")]
        for path in sealed:
            path.chmod(0o555 if path.is_dir() else 0o444)
        with unprivileged():
            assert runs_asking.asked(given, "run", name="last") == 0
            assert runs_asking.asked({**given, "output_format": "json"}, "run", name="last") == 0
            with pytest.raises(StoreError, match="cannot be written, and lacks newer runs"):
                runs_reconcile.reconciled(place, given)
        for path in sealed:
            path.chmod(0o755 if path.is_dir() else 0o644)
    said = capsys.readouterr()
    missing = "1 newer run is not in this answer: record.sqlite cannot be written"
    assert said.err == f"gates: {missing}\n" * 2
    assert json.loads(said.out.splitlines()[-1])["notes"] == [missing]
