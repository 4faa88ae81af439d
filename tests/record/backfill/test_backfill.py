"""Backfill: what files of other tools tell of a run, read as they are written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model import outcomes, recorded_run
from gates.model.recorded_run import CollectError, Phase
from gates.record.backfill import junit, pytest_json, report_json, runs
from gates.record.backfill.runs import Past, UnreadableError
from support.recordings import PLAIN

SUITE = """
import pytest
class TestX:
    def test_ok(self): ...
    def test_bad(self): assert [1, 2] == [1, 3]
@pytest.fixture
def broken(): raise RuntimeError("no")
@pytest.fixture
def leaking():
    yield
    raise ValueError("down")
def test_error(broken): ...
def test_down(leaking): ...
def test_both(leaking): assert 0
def test_skipped(): pytest.skip("later")
@pytest.mark.xfail(reason="bug 12")
def test_expected(): assert 0
@pytest.mark.parametrize("value", ["a b", "x::y"])
def test_each(value): ...
"""
FOUND = {
    "tests/test_a.py::TestX::test_ok": "passed",
    "tests/test_a.py::TestX::test_bad": "failed",
    "tests/test_a.py::test_error": "error",
    "tests/test_a.py::test_down": "error",
    "tests/test_a.py::test_both": "failed",
    "tests/test_a.py::test_skipped": "skipped",
    "tests/test_a.py::test_expected": "xfailed",
    "tests/test_a.py::test_each[a b]": "passed",
    "tests/test_a.py::test_each[x::y]": "passed",
}
HEAD = '<testsuite name="s" timestamp="2024-03-01T12:00:00">'


def of_junit(cases: str, head: str = HEAD) -> Past:
    return junit.read(f"{head}{cases}</testsuite>".encode(), None)


def phases(past: Past) -> list[Phase]:
    return [one for one in past.lines if isinstance(one, Phase)]


def found(past: Past) -> dict[str, str | None]:
    """How each test ended."""
    told: dict[str, list[Phase]] = {}
    for one in phases(past):
        told.setdefault(one.nodeid, []).append(one)
    return {test: outcomes.of(held) for test, held in told.items()}


def raised(past: Past) -> dict[str, tuple[str, str]]:
    return {one.nodeid: (one.error, one.message.partition("\n")[0]) for one in phases(past) if one.outcome == "failed"}


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_what_pytest_writes_comes_to_the_same_names_and_outcomes(tmp_path: Path, family: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(SUITE)
    (tmp_path / "tests" / "test_b.py").write_text("import nothing_such\n")
    argv = [sys.executable, "-P", "-m", "pytest", "-q", *PLAIN, "--junitxml=j.xml", "-o", f"junit_family={family}"]
    subprocess.run([*argv, "--continue-on-collection-errors"], cwd=tmp_path, check=False, capture_output=True)
    past = junit.read((tmp_path / "j.xml").read_bytes(), None)
    assert found(past) == FOUND
    assert (past.command, past.status, past.verdict, past.tests) == ("pytest", "failed", "failed", len(FOUND))
    told = raised(past)
    assert told["tests/test_a.py::TestX::test_bad"] == ("AssertionError", "assert [1, 2] == [1, 3]")
    assert told["tests/test_a.py::test_error"] == ("RuntimeError", "RuntimeError: no")
    assert {one.error for one in past.lines if isinstance(one, CollectError)} == {"ModuleNotFoundError"}
    assert abs((past.started - datetime.now(UTC)).total_seconds()) < 24 * 3600


def test_an_attempt_before_the_last_one_is_a_rerun() -> None:
    past = of_junit(
        '<testcase classname="a.B" name="flaky"><flakyFailure type="E" message="m">\tat a.B.c(B.java:3)</flakyFailure>'
        '</testcase><testcase classname="a.B" name="bad"><failure type="E" message="m1"/>'
        '<rerunFailure type="E" message="m2"/><rerunError type="F" message="m3"/></testcase>'
    )
    assert found(past) == {"a.B::flaky": "flaky", "a.B::bad": "failed"}
    calls = [(one.nodeid, one.outcome, one.message) for one in phases(past) if one.when == "call"]
    assert calls == [
        ("a.B::flaky", "rerun", "m"),
        ("a.B::flaky", "passed", ""),
        ("a.B::bad", "rerun", "m1"),
        ("a.B::bad", "rerun", "m2"),
        ("a.B::bad", "failed", "m3"),
    ]


def test_a_name_that_comes_again_is_an_attempt_after_a_failure_and_else_another_test() -> None:
    case, bad = '<testcase classname="a" name="b"/>', '<testcase classname="a" name="b"><failure type="E"/></testcase>'
    assert found(of_junit(bad + case)) == {"a::b": "flaky"}
    assert found(of_junit(bad + bad)) == {"a::b": "failed"}
    assert found(of_junit(case + case + bad)) == {"a::b": "passed", "a::b#2": "passed", "a::b#3": "failed"}


def test_suites_are_nested_named_by_namespaces_and_give_the_earliest_time() -> None:
    past = junit.read(
        b'<testsuites xmlns="urn:x"><testsuite timestamp="2024-03-01T14:00:00+02:00" time="1,000.5"><properties/>'
        b'<testsuite timestamp="2024-03-01T13:00:00Z"><testcase classname="c" name="n" time="0.25"/></testsuite>'
        b"</testsuite></testsuites>",
        None,
    )
    assert past.started == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert past.duration_ms == 1_000_500
    assert [one.duration for one in phases(past)] == [0.0, 0.25, 0.0]


def test_a_suite_without_a_duration_has_those_within_it_and_none_counts_twice() -> None:
    case = '<testcase classname="c" name="n"/>'
    inner = f'<testsuite timestamp="2024-03-01T13:00:00Z" time="4">{case}</testsuite>'
    for around in ("<testsuites>", '<testsuites><testsuite time="4">', "<testsuites><testsuite>"):
        ends = "</testsuite></testsuites>" if around.count("<") == 2 else "</testsuites>"
        assert junit.read(f"{around}{inner}{ends}".encode(), None).duration_ms == 4_000


def test_an_error_of_which_pytest_cut_the_message_is_one_of_its_phase() -> None:
    """As pytest 9.2 writes it: the quotation has no end."""
    message = "failed on setup with &quot;file test_a.py, line 1&#10;E  fixture 'x' not found&#10;[+4 more lines]"
    past = junit.read(
        f"""<testsuites><testsuite name="pytest" timestamp="2024-03-01T13:00:00Z"><testcase classname="test_a" name="a">
        <error message="{message}">all of it</error></testcase></testsuite></testsuites>""".encode(),
        None,
    )
    assert found(past) == {"test_a.py::a": "error"}
    assert [(one.when, one.message[:6]) for one in phases(past) if one.outcome == "failed"] == [("setup", "file t")]


def test_a_time_that_is_yet_to_come_is_refused() -> None:
    """It would be the newest run for good."""
    with pytest.raises(UnreadableError, match=r"it began on 2099-03-01, which is yet to come: its clock was wrong"):
        junit.read(b'<testsuite timestamp="2099-03-01T12:00:00"><testcase name="a"/></testsuite>', None)


def test_a_time_without_a_zone_is_utc_and_without_any_it_must_be_given() -> None:
    assert of_junit("<testcase name='a'/>").started == datetime(2024, 3, 1, 12, tzinfo=UTC)
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    data = b"<testsuite><testcase name='a'/></testsuite>"
    assert junit.read(data, moment).started == moment
    with pytest.raises(UnreadableError, match="--at"):
        junit.read(data, None)


def test_failures_that_are_counted_and_not_shown_pass_nothing() -> None:
    with pytest.raises(UnreadableError, match="counts 2 failures and errors and shows none"):
        of_junit("<testcase name='a'/>", '<testsuite timestamp="2024-03-01T12:00:00" failures="1" errors="1">')


def test_a_file_without_tests_passes_nothing() -> None:
    assert of_junit("").verdict == "undecided"


def test_the_same_failure_has_the_same_hash_over_files() -> None:
    def stacks(text: str) -> list[str]:
        past = of_junit(f'<testcase name="a"><failure type="E">{text}</failure></testcase>')
        return [one.stack for one in phases(past) if one.stack]

    first = stacks("\tat a.B.c(B.java:3)\n\tat a.B.d(B.java:4)")
    assert first == stacks("\tat a.B.c(B.java:13)\n\tat a.B.d(B.java:7)")
    assert first != stacks("\tat a.B.other(B.java:3)")
    assert stacks("timed out after 31 ms") == stacks("timed out after 7 ms") != stacks("refused")


@pytest.mark.parametrize(
    ("data", "line", "foreign"),
    [
        (b"<testsuite>\n<testcase>", 2, False),
        (b"<coverage/>", None, True),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuite>&a;</testsuite>', None, False),
        (b'<?xml version="1.0" encoding="nonsense"?><testsuite/>', 1, False),
        (b"<", 1, False),
    ],
)
def test_what_is_no_junit_is_refused_with_its_line(data: bytes, line: int | None, foreign: bool) -> None:
    with pytest.raises(UnreadableError) as refused:
        junit.read(data, None)
    assert (refused.value.line, refused.value.foreign) == (line, foreign)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(UnreadableError):
        junit.read(data, None)
    with suppress(UnreadableError):
        pytest_json.read(data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.sampled_from(
                ["", "<failure/>", "<error/>", "<skipped/>", "<flakyError/>", "<system-out>x</system-out>"]
            ),
        ),
        max_size=6,
    )
)
def test_every_case_is_told_and_counts_agree(cases: list[tuple[str, str]]) -> None:
    past = of_junit("".join(f'<testcase classname="c" name="{name}">{said}</testcase>' for name, said in cases))
    (end,) = (one for one in past.lines if isinstance(one, recorded_run.End))
    assert end.phases == len(phases(past))
    assert end.selected == past.tests == len(found(past))
    assert None not in found(past).values()
    bad = {"<failure/>", "<error/>"}
    if not any(said in bad for _, said in cases):
        assert past.tests == len(cases)
        assert past.verdict == ("passed" if cases else "undecided")


def stage(outcome: str = "passed", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "duration": 0.5, **more}


def document(**changed: Any) -> dict[str, Any]:
    """A file as pytest-json-report writes it."""
    frame = {"path": "tests/test_a.py", "lineno": 4, "message": "AssertionError"}
    crash = {"path": "/home/ann/p/tests/test_a.py", "lineno": 4, "message": "assert 1 == 2\n +  where"}
    text = "    def test_bad():\n>       assert 1 == 2\nE       assert 1 == 2\n\ntests/test_a.py:4: AssertionError"
    bad = stage("failed", crash=crash, traceback=[frame], longrepr=text)
    skip = stage("skipped", longrepr="('/home/ann/p/tests/test_a.py', 8, 'Skipped: later')")
    good = {"setup": stage(), "call": stage(), "teardown": stage()}
    named: Mapping[str, dict[str, Any]] = {
        "test_good": {"outcome": "passed", **good},
        "test_bad": {"outcome": "failed", **good, "call": bad},
        "test_skip": {"outcome": "skipped", **good, "call": skip},
        "test_expected": {"outcome": "xfailed", **good, "call": {**bad, "outcome": "skipped"}},
        "test_error": {"outcome": "error", "setup": bad, "teardown": stage()},
    }
    tests = [
        {"nodeid": f"tests/test_a.py::{name}", "lineno": 2, "keywords": [], **said} for name, said in named.items()
    ]
    text = "tests/test_b.py:1: in <module>\nE   ModuleNotFoundError: No module named 'x'"
    return {
        "created": 1_709_294_401.5,
        "duration": 1.5,
        "exitcode": 1,
        "root": "/home/ann/p",
        "environment": {"Python": "3.12.1"},
        "summary": {"total": 5},
        "collectors": [{"nodeid": "tests/test_b.py", "outcome": "failed", "result": [], "longrepr": text}],
        "tests": tests,
        **changed,
    }


def test_a_file_of_pytest_json_report() -> None:
    past = pytest_json.read(json.dumps(document()).encode())
    assert {test.partition("::")[2]: outcome for test, outcome in found(past).items()} == {
        "test_good": "passed",
        "test_bad": "failed",
        "test_skip": "skipped",
        "test_expected": "xfailed",
        "test_error": "error",
    }
    assert past.started == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert (past.duration_ms, past.exit_code, past.status, past.python) == (1_500, 1, "failed", "3.12.1")
    bad = next(one for one in phases(past) if one.outcome == "failed")
    assert (bad.error, bad.line, bad.message) == ("AssertionError", 4, "assert 1 == 2\n +  where")
    assert next(one for one in phases(past) if one.outcome == "skipped").message == "Skipped: later"
    assert [one.error for one in past.lines if isinstance(one, CollectError)] == ["ModuleNotFoundError"]


def test_the_same_failure_has_the_same_hash_in_both_kinds_of_file() -> None:
    text = document()["tests"][1]["call"]["longrepr"].replace(">", "&gt;")
    failure = f'<failure message="assert 1 == 2">{text}</failure>'
    case = f'<testcase classname="tests.test_a" name="test_bad">{failure}</testcase>'
    one = of_junit(case, '<testsuite name="pytest" timestamp="2024-03-01T12:00:00">')
    other = pytest_json.read(json.dumps(document()).encode())
    assert {(phase.nodeid, phase.error, phase.stack) for phase in phases(one) if phase.stack} <= {
        (phase.nodeid, phase.error, phase.stack) for phase in phases(other)
    }


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        (0, "passed", "passed"),
        (2, "interrupted", "undecided"),
        (3, "error", "undecided"),
        (5, "undecided", "undecided"),
    ],
)
def test_the_exit_code_of_pytest_says_how_it_ended(code: int, status: str, verdict: str) -> None:
    past = pytest_json.read(json.dumps(document(exitcode=code)).encode())
    assert (past.status, past.verdict, past.exit_code) == (status, verdict, code)


def test_a_report_without_a_test_passes_nothing() -> None:
    past = pytest_json.read(json.dumps(document(exitcode=0, tests=[], collectors=[])).encode())
    assert (past.status, past.verdict) == ("undecided", "undecided")


@pytest.mark.parametrize(
    "changed", [{"created": "now"}, {"created": 1e300}, {"tests": {}}, {"exitcode": None}, {"tests": [{"outcome": 1}]}]
)
def test_what_pytest_json_report_would_not_write_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match=r"^it is not as pytest-json-report writes it: ."):
        pytest_json.read(json.dumps(document(**changed)).encode())


def test_a_report_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"^it is not as `gates check --output-format json` prints it: ."):
        report_json.read(b'{"schema_version": 1, "gates": [], "run": {}}', str)


@given(st.one_of(st.none(), st.text(max_size=8), st.floats(), st.integers()))
def test_a_duration_is_a_number_that_can_be_written(value: Any) -> None:
    assert 0 <= runs.seconds(value) < 1e9
