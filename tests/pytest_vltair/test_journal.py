"""Plain runs in the record: `vltair_record = true` leaves events and a recorded run, and never changes a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from gates.model import recorded_run
from gates.record import events
from gates.record.asked import questions
from pytest_vltair import identity
from support.recordings import PLAIN, WITH_XDIST

SUITE = "def test_passes(): ...\ndef test_fails():\n    assert 'ann@example.com' == ''\n"


class Plain:
    """Runs pytest as a user does, outside of any gate."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".gates"

    def __call__(self, *args: str, plugins: tuple[str, ...] = PLAIN, token: str | None = None) -> tuple[int, str]:
        dropped = ("VLTAIR_CHILD_TOKEN", "CI", "GITHUB_ACTIONS", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER")
        around = {name: value for name, value in os.environ.items() if name not in dropped}
        if token is not None:
            around["VLTAIR_CHILD_TOKEN"] = token
        argv = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *plugins, *args]
        done = subprocess.run(argv, cwd=self.root, env=around, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stderr

    def logs(self) -> list[list[events.AnyEvent]]:
        found = sorted((self.state / "events").glob("*-*.jsonl"), key=lambda one: one.stat().st_mtime_ns)
        return [[events.decode(line) for line in one.read_bytes().splitlines()] for one in found]

    def recording(self, digest: str) -> list[recorded_run.RecordLine]:
        data = (self.state / "recordings" / f"{digest}.jsonl").read_bytes()
        return [msgspec.json.decode(line, type=recorded_run.RecordLine) for line in data.splitlines()]


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "sample"\n[tool.pytest.ini_options]\nvltair_record = true\n'
    )
    (root / "test_a.py").write_text(SUITE)
    return Plain(root)


def test_a_run_leaves_its_events_and_what_its_tests_did(plain: Plain) -> None:
    code, said = plain()
    assert (code, said) == (1, "")
    ((start, tests, end),) = plain.logs()
    assert isinstance(start, events.CommandStart)
    assert isinstance(tests, events.TestsRecorded)
    assert isinstance(end, events.CommandEnd)
    assert (start.command, start.gates, start.project.name, start.attempt) == ("pytest", ("tests",), "sample", 1)
    assert (end.status, end.verdict, end.exit_code) == ("failed", "failed", 1)
    assert tests.trace_id == identity.gate_trace(start.trace_id, ".", "tests")
    assert tests.span_id == identity.gate_span(start.run, ".", "tests")
    lines = plain.recording(tests.recording)
    assert isinstance(lines[0], recorded_run.Begin)
    assert isinstance(lines[-1], recorded_run.End)
    failed = [one for one in lines if isinstance(one, recorded_run.Phase) and one.outcome == "failed"]
    assert [one.nodeid for one in failed] == ["test_a.py::test_fails"]
    assert "<email>" in failed[0].message
    assert (plain.state / ".gitignore").read_text() == "*\n"
    assert not list((plain.state / "events" / "open").iterdir())


def test_the_same_run_again_is_the_next_attempt(plain: Plain) -> None:
    plain()
    plain()
    plain("-k", "passes")
    first, second, other = (log[0] for log in plain.logs())
    assert isinstance(second, events.CommandStart)
    assert (second.trace_id, second.attempt, second.retry_of) == (first.trace_id, 2, first.span_id)
    assert other.trace_id != first.trace_id


def test_workers_leave_nothing_of_their_own(plain: Plain) -> None:
    pytest.importorskip("xdist")
    assert plain("-n2", plugins=WITH_XDIST)[0] == 1
    ((_, tests, _),) = plain.logs()
    assert isinstance(tests, events.TestsRecorded)
    phases = [one for one in plain.recording(tests.recording) if isinstance(one, recorded_run.Phase)]
    assert {one.nodeid for one in phases} == {"test_a.py::test_passes", "test_a.py::test_fails"}
    assert all(one.stack for one in phases if one.outcome == "failed")


@pytest.mark.parametrize(
    ("args", "token"),
    [
        (("-o", "vltair_record=false"), None),
        (("--vltair-record=elsewhere.jsonl",), None),
        (("--collect-only",), None),
        (("--setup-plan",), None),
        ((), "some"),
    ],
)
def test_where_nothing_is_to_be_recorded_nothing_is_written(
    plain: Plain, args: tuple[str, ...], token: str | None
) -> None:
    plain(*args, token=token)
    assert not plain.state.exists()


def test_a_status_that_is_not_pytests_own_is_a_failure(plain: Plain) -> None:
    (plain.root / "conftest.py").write_text("def pytest_sessionfinish(session): session.exitstatus = 17\n")
    assert plain()[0] == 17
    end = plain.logs()[0][-1]
    assert isinstance(end, events.CommandEnd)
    assert (end.status, end.exit_code) == ("failed", 17)


def test_no_tests_are_no_success(plain: Plain) -> None:
    assert plain("-k", "nothing")[0] == 5
    end = plain.logs()[0][-1]
    assert isinstance(end, events.CommandEnd)
    assert (end.status, end.verdict) == ("undecided", "undecided")


def test_a_run_that_was_killed_is_closed_by_the_next_one(plain: Plain) -> None:
    (plain.root / "test_a.py").write_text("import os, signal\ndef test_a(): os.kill(os.getpid(), 9)\n")
    assert plain()[0] != 0
    (plain.root / "test_a.py").write_text("def test_a(): ...\n")
    assert plain()[0] == 0
    ends = [log[-1] for log in plain.logs()]
    assert sorted(one.status for one in ends if isinstance(one, events.CommandEnd)) == ["lost", "passed"]


def test_a_child_that_a_test_forked_adds_nothing(plain: Plain) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    (plain.root / "test_a.py").write_text("import os\ndef test_a():\n    os.fork()\ndef test_b(): ...\n")
    assert plain()[0] == 0
    for _ in range(100):
        if len(plain.logs()) == 1:
            break
    ((_, tests, _),) = plain.logs()
    assert isinstance(tests, events.TestsRecorded)
    assert len([one for one in plain.recording(tests.recording) if isinstance(one, recorded_run.Phase)]) == 6


def test_a_link_in_the_place_of_the_folder_is_said_and_changes_nothing(plain: Plain, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    plain.state.symlink_to(elsewhere)
    code, said = plain()
    assert code == 1
    assert said == "vltair: this run is not in the record: .gates: it is a link to elsewhere\n"
    assert not list(elsewhere.iterdir())


def test_a_file_in_the_place_of_the_recordings_is_said_and_the_end_is_written(plain: Plain) -> None:
    plain.state.mkdir()
    (plain.state / "recordings").write_text("mine")
    code, said = plain("-k", "passes")
    assert code == 0
    assert said.startswith("vltair: this run is not in the record: .gates: ")
    assert said.count("\n") == 1
    start, end = plain.logs()[0]
    assert isinstance(start, events.CommandStart)
    assert isinstance(end, events.CommandEnd)
    assert end.status == "passed"


def test_a_value_that_is_neither_yes_nor_no_is_a_usage_error(plain: Plain) -> None:
    code, said = plain("-o", "vltair_record=perhaps")
    assert code == 4
    assert "perhaps" in said
    assert "Traceback" not in said


def test_nothing_is_imported_where_it_is_not_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_a(): assert not {'pytest_vltair.journal', 'pytest_vltair.eventlog',"
        " 'pytest_vltair.personal', 'pytest_vltair.keeping'} & set(sys.modules)\n"
    )
    assert pytester.runpytest_subprocess(*PLAIN).ret == 0


def test_a_module_that_cannot_be_imported_is_a_failure_and_no_interruption(plain: Plain) -> None:
    (plain.root / "test_b.py").write_text("import nothing_of_this_name\n")
    assert plain()[0] == pytest.ExitCode.INTERRUPTED
    ((_, tests, end),) = plain.logs()
    assert isinstance(tests, events.TestsRecorded)
    assert isinstance(end, events.CommandEnd)
    assert (end.status, end.verdict, end.exit_code) == ("failed", "failed", 2)
    with questions.open_store(plain.root) as opened:
        assert [one.subject for one in questions.last_failed(opened)] == ["test_b.py"]
