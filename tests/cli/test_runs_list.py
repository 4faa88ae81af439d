"""`gates runs list`: each question to a record of six runs, what it filters by, and a record that cannot answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gates.record.asked import schemas
from pytest_vltair import identity
from support import event_logs, many_runs, stored
from support.commands import Result, gates
from support.many_runs import Failure

OK, GONE = "tests/test_it.py::test_ok", "tests/test_it.py::test_gone"
EVIL = Failure("tests/test_it.py::test_c[\x1b[31m]", "\x1b[2Jboom\n::error::x" + "n" * 5000, "ValueError", "a" * 16)
FAILING = {1: Failure(OK, "assert 1 == 2"), 2: Failure(GONE, "AssertionError: assert 3 == 4"), 5: EVIL}
TRACE = identity.trace("sample", "check", "0")
QUESTIONS: dict[str, Sequence[str]] = {
    "runs": (),
    "trace": ("--trace", TRACE),
    "last_failed": ("--last-failed",),
    "patterns": ("--patterns",),
    "flaky": ("--flaky",),
    "slowest": ("--slowest",),
}


def project(root: Path) -> Path:
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    return root


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with six runs a minute apart, of which three failed."""
    root = project(tmp_path_factory.mktemp("record") / "sample")
    many_runs.write(root, 6, FAILING)
    return root


def listed(root: Path, *words: str) -> Result:
    return gates("runs", "list", *words, cwd=root)


def answer(done: Result) -> Any:
    """The JSON that was printed, as the shipped schema has it."""
    found = json.loads(done.out)
    Draft202012Validator(schemas.answer()).validate(found)
    return found


RUNS = """
run       when (UTC)        command  commit        verdict  red gates     failed  took
00000005  2026-10-01 00:05  check    0000000 main  failed   tests failed     1/2  5 ms
00000004  2026-10-01 00:04  check    0000000 main  passed                    0/1  5 ms
00000003  2026-10-01 00:03  check    0000000 main  passed                    0/1  5 ms
00000002  2026-10-01 00:02  check    0000000 main  failed   tests failed     1/2  5 ms
00000001  2026-10-01 00:01  check    0000000 main  failed   tests failed     1/1  5 ms
00000000  2026-10-01 00:00  check    0000000 main  passed                    0/1  5 ms
"""
ONE_TRACE = f"""
run check
trace {TRACE}, 1 attempt

attempt  when (UTC)           run       status  took  span
      1  2026-10-01 00:00:00  00000000  passed  5 ms  {identity.run_span("20261001T000000Z-00000000")}
"""
LAST_FAILED = r"""
test tests/test_it.py::test_c[\x1b[31m]  failed  (run 00000005 2026-10-01 00:00)
  ValueError: \x1b[2Jboom
  shows it: python -m pytest 'tests/test_it.py::test_c[\x1b[31m]'
test tests/test_it.py::test_gone  failed  (run 00000002 2026-10-01 00:00)
  AssertionError: assert 3 == 4
  shows it: python -m pytest tests/test_it.py::test_gone
gate tests  failed  (run 00000005 2026-10-01 00:05)
  TST001: 1 test failed
  shows it: gates check tests
"""
FLAKY = """
rate  flips  same files  reruns  failed  last (UTC)              test
67 %    2/3           2       1     1/4  2026-10-01 00:05  sure  tests/test_it.py::test_ok
sure: the outcome moved though no file had changed. gates diagnose TEST finds the cause
"""
SLOWEST = r"""
median  most  last  runs  test
  3 ms  3 ms  3 ms     1  tests/test_it.py::test_c[\x1b[31m]
  3 ms  3 ms  3 ms     1  tests/test_it.py::test_gone
  3 ms  3 ms  3 ms     4  tests/test_it.py::test_ok
"""
GOLDEN = {"runs": RUNS, "trace": ONE_TRACE, "last_failed": LAST_FAILED, "flaky": FLAKY, "slowest": SLOWEST}


@pytest.mark.parametrize("question", GOLDEN)
def test_each_question_is_answered(record: Path, question: str) -> None:
    done = listed(record, *QUESTIONS[question])
    assert (done.code, done.err) == (0, "")
    assert done.out == GOLDEN[question].removeprefix("\n")


def test_failures_that_look_alike_are_one_pattern(record: Path) -> None:
    done = listed(record, "--patterns")
    first, gate, last = done.out.split("\n\n")
    assert (done.code, first.splitlines()[1:4]) == (
        0,
        ["  3 times in 2 runs, first 2026-10-01 00:01, last 2026-10-01 00:02", f"  {GONE}", f"  {OK}"],
    )
    assert first.endswith(f"  shows it: python -m pytest {GONE}")
    assert gate.splitlines()[0] == f"{'f' * 16}  TST001: 1 test failed"
    assert last.splitlines()[:2] == [
        f"{'a' * 16}  ValueError: \\x1b[2Jboom",
        "  once in 1 run, at 2026-10-01 00:05",
    ]
    (one,) = answer(listed(record, "--patterns", "--since", "2026-10-01T00:03", "--limit", "1", *JSON))["patterns"]
    assert one["stack_hash"] == "a" * 16, "patterns are those of the runs that the filter lets through"


JSON = ("--output-format", "json")


@pytest.mark.parametrize("question", QUESTIONS)
def test_for_programs(record: Path, question: str) -> None:
    done = listed(record, *QUESTIONS[question], *JSON)
    found = answer(done)
    assert (done.code, found["question"], found["verdict"], found["reason"]) == (0, question, "passed", None)
    (held,) = [value for name, value in found.items() if isinstance(value, list) and name != "notes"]
    assert held


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--status", "passed"), "430"),
        (("--since", "2026-10-01T00:04:00Z"), "54"),
        (("--since", "2026-10-01T02:04:00+02:00"), "54"),
        (("--gate", "tests", "--status", "failed", "--limit", "2"), "52"),
        (("--gate", "t*s"), "543210"),
        (("--test", GONE), "2"),
        (("--test", "*::test_[cg]*"), ""),
        (("--test", "*::test_g?ne"), "2"),
        (("--requirement", "REQ-1", "--limit", "1"), "5"),
        (("--commit", f"{3:040x}"), "3"),
        (("--branch", "main", "--command", "check"), "543210"),
        (("--branch", "other"), ""),
        (("--since", "1h"), ""),
        (("--requirement", "REQ-2"), ""),
    ],
)
def test_filters(record: Path, words: Sequence[str], found: str) -> None:
    done = listed(record, *words, *JSON)
    assert "".join(one["run"][-1] for one in answer(done)["runs"]) == found
    assert done.code == (0 if found else 5)


def test_what_the_limit_cuts_off_is_said(record: Path) -> None:
    done = listed(record, "--limit", "2")
    assert done.out.splitlines()[-1] == "and more before these 2 (--limit)"
    assert "more" not in listed(record, "--limit", "6").out
    assert answer(listed(record, "--limit", "2", *JSON))["more"] is True
    assert listed(record, "--last-failed", "--limit", "1").out.splitlines()[-1] == "and more than these 1 (--limit)"


def test_no_run_matches(record: Path) -> None:
    done = listed(record, "--branch", "o\x1bther", "--gate", "lint")
    said = "no recorded run matches --gate lint, --branch o\\x1bther; `gates runs list` shows them all\n"
    assert (done.code, done.out) == (5, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flaky", "--slowest"), "--flaky and --slowest are two questions: ask one at a time"),
        (("--flaky", "--gate", "x"), "--flaky does not read --gate; --patterns does"),
        (("--trace", TRACE, "--limit", "3"), "--trace does not read --limit; --last-failed and --patterns and"),
        (("--runs", "3"), "a list of runs does not read --runs; --flaky and --slowest do"),
        (("--branch", ""), "--branch is given without a value"),
        (("--since", "yesterday"), "'yesterday' is no moment: write it as 2h, 3d, 2026-12-31"),
        (("--since", "999999w"), "'999999w' is no moment"),
        (("--status", "red"), "'red' is not one of 'passed', 'failed', 'undecided'"),
        (("--trace", "abc"), "'abc' is no trace: it is 32 hexadecimal digits"),
        (("--trace", "0" * 32), f"no execution in the record has the trace {'0' * 32}"),
        (("--project", "nowhere"), "there is no directory 'nowhere'"),
    ],
)
def test_usage_errors(record: Path, words: Sequence[str], said: str) -> None:
    done = listed(record, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_empty_record_is_neither_good_nor_bad(tmp_path: Path, question: str) -> None:
    root = project(tmp_path / "empty")
    done = listed(root, *QUESTIONS[question])
    said = "no run is recorded here; `gates check` records one, unless [tool.gates.record] says `enabled = false`\n"
    assert (done.code, done.out, done.err) == (5, said, "")
    found = answer(listed(root, *QUESTIONS[question], *JSON))
    assert (found["verdict"], found["reason"]["code"]) == ("undecided", "nothing_examined")
    assert [path.name for path in root.iterdir()] == ["pyproject.toml"], "to ask leaves nothing"


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_damaged_store_is_undecided_and_stays(tmp_path: Path, question: str) -> None:
    root = project(tmp_path / "damaged")
    many_runs.write(root, 1)
    store = root / ".gates" / "record.sqlite"
    store.write_bytes(b"not a database, and long enough to be taken for one" * 20)
    done = listed(root, *QUESTIONS[question])
    assert done.code == 3
    assert done.out.startswith("undecided: the store .gates/record.sqlite is damaged: `gates runs ingest --rebuild`")
    found = answer(listed(root, *QUESTIONS[question], *JSON))
    assert (found["verdict"], found["reason"]["code"]) == ("undecided", "unreadable")
    assert store.read_bytes().startswith(b"not a database")


def test_nothing_failed_and_what_ran_once_cannot_have_moved(tmp_path: Path) -> None:
    root = project(tmp_path / "well")
    many_runs.write(root, 3)  # the second and the third run took the tests of the first from the cache
    said = {word: listed(root, word) for word in ("--last-failed", "--patterns", "--flaky")}
    assert {word: (done.code, done.out) for word, done in said.items()} == {
        "--last-failed": (0, "nothing failed when it ran last\n"),
        "--patterns": (0, "nothing failed in these runs\n"),
        "--flaky": (5, "no test ran in two of the recorded runs, so nobody knows whether one is flaky\n"),
    }


def test_what_always_fails_is_not_flaky(tmp_path: Path) -> None:
    root = project(tmp_path / "red")
    many_runs.write(root, 2, {at: Failure(GONE, f"assert {at} == 2") for at in range(2)})
    done = listed(root, "--flaky")
    assert (done.code, done.out) == (0, "no test's outcome moved in 2 runs\n")
    assert answer(listed(root, "--flaky", *JSON))["tests"] == []


def test_runs_without_tests_say_nothing_of_tests(tmp_path: Path) -> None:
    root = project(tmp_path / "bare")
    event_logs.history(root / ".gates" / "events")
    for word in ("--flaky", "--slowest"):
        done = listed(root, word)
        assert (done.code, done.out) == (5, "no recorded run has tests; `gates check tests` records one\n")


def test_names_of_which_the_record_lacks_a_part_are_found_as_they_were(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    stem = "tests/test_it.py::test_ip"
    many_runs.write(root, 2, {1: Failure(f"{stem}[<ip>]", "boom")}, branch="for/<email>")
    asked = ("--test", f"{stem}[10.1.2.3]", "--branch", "for/ann@example.org")
    assert [line[:8] for line in listed(root, *asked).out.splitlines()[1:]] == ["00000001"]
    assert listed(root, "--test", f"{stem}[ten]").code == 5


def test_a_test_of_a_member_is_found_by_the_name_that_pytest_gives_it_from_the_root(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    many_runs.write(root, 2, {1: Failure("packages/b:tests/test_b.py::test_x[a/b]", "boom")})
    for named in ("packages/b/tests/test_b.py::test_x[a/b]", "packages/b:tests/test_b.py::test_x[a/b]"):
        assert [line[:8] for line in listed(root, "--test", named).out.splitlines()[1:]] == ["00000001"]
    assert listed(root, "--test", "b/tests/test_b.py::test_x[a/b]").code == 5


def test_a_gate_of_a_member_is_found_by_its_own_name(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    many_runs.write(root, 2)
    assert listed(root).code == 0
    stored.change(root, "UPDATE subjects SET name = 'packages/b:tests' WHERE kind = 'gate' AND name = 'tests'")
    found = {named: listed(root, "--gate", named).code for named in ("tests", "packages/b:tests", "b:tests", "ests")}
    assert found == {"tests": 0, "packages/b:tests": 0, "b:tests": 5, "ests": 5}


def test_tests_that_are_not_here_are_not_said_to_be_none(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    many_runs.write(root, 3)
    shutil.rmtree(root / ".gates" / "recordings")
    for words in (("--flaky",), ("--slowest",), ("--test", OK)):
        done = listed(root, *words)
        assert done.code == 5
        assert "the recordings with the tests of 3 runs are not here: ingest .gates/recordings" in done.out


def test_a_message_of_several_lines_is_shown_by_the_one_that_says_most(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    said = (
        "file /src/test_it.py, line 24\n  def test_a(benchmark):\nE       fixture 'benchmark' not found\n> available: x"
    )
    many_runs.write(root, 1, {0: Failure(OK, said, "FixtureLookupError")})
    for words in ("--last-failed", "--patterns"):
        assert "  FixtureLookupError: fixture 'benchmark' not found" in "  " + listed(root, words).out


def test_a_test_is_over_with_its_failure_once_its_gate_passes_from_the_cache(tmp_path: Path) -> None:
    root = project(tmp_path / "sample")
    (root / "pyproject.toml").write_text('[project]\nname = "sample"\n\n[tool.gates]\nselect = ["tests"]\n')
    file = root / "test_it.py"
    file.write_text("def test_a(): assert True\n")
    assert gates("check", cwd=root).code == 0
    good = file.read_bytes()
    file.write_text("def test_a(): assert False\n\n\ndef test_b(): assert False\n")
    assert gates("check", cwd=root).code == 1
    assert "test_it.py::test_a" in listed(root, "--last-failed").out
    file.write_bytes(good)
    assert gates("check", cwd=root).code == 0
    assert listed(root, "--last-failed").out == "nothing failed when it ran last\n"
