"""What a run allows to be decided; pure, so every case is made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.suite.options import ARGS, PytestOptions, Word
from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted, encode
from gates.model.finding import Finding
from gates.model.tested import NOT_MEASURED, Coverage, TestsEvidence
from gates.testing import law
from support import suites

A, B, C = (f"tests/test_a.py::test_{name}" for name in "abc")
NOW = datetime(2026, 6, 1, tzinfo=UTC)

Maker = Callable[..., TestsEvidence]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    def made(selected: list[str], *between: dict[str, Any], **wished: Any) -> TestsEvidence:
        about = {
            name: wished.pop(name) for name in ("ended_with", "options", "coverage", "complaints") if name in wished
        }
        return suites.evidence(suites.lines(selected, *between, **wished), tmp_path, **about)

    return made


def decided(evidence: TestsEvidence, **settings: Any) -> Decision:
    return TestsGate().decide(evidence, TestsSettings(**settings), NOW)


def rules(decision: Decision) -> list[str]:
    return [one.rule for one in decision.findings]


def only(decision: Decision) -> Finding:
    assert len(decision.findings) == 1
    return decision.findings[0]


def code(decision: Decision) -> str | None:
    return None if decision.reason is None else decision.reason.code


def test_all_passed(make: Maker) -> None:
    decision = decided(make([A, B], *suites.phases(A), *suites.phases(B)))
    assert verdict_of(decision) == "passed"
    assert str(decision.denominator) == "2 tests"
    assert decision.findings == ()


def test_a_failed_test_is_a_finding_at_its_line(make: Maker) -> None:
    decision = decided(make([A, B], *suites.phases(A), *suites.phases(B, "failed"), status=1))
    assert verdict_of(decision) == "failed"
    found = only(decision)
    assert (found.rule, found.path, found.line, found.subject) == ("TST001", "tests/test_a.py", 3, B)
    assert found.message == f"{B} failed: why"


def test_a_failed_setup_is_an_error(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A, None, setup="failed"), status=1))
    assert rules(decision) == ["TST002"]


def test_a_test_that_fails_and_errors_has_both_findings(make: Maker) -> None:
    both = suites.phases(A, "failed")
    both[2] = both[2] | {"outcome": "failed", "message": "E       RuntimeError: late\nmore"}
    decision = decided(make([A], *both, status=1))
    assert rules(decision) == ["TST001", "TST002"]
    assert decision.findings[1].message == f"{A} errored in teardown: RuntimeError: late"
    assert decision.denominator.count == 1


@pytest.mark.requirement("GAT-2")
def test_a_test_that_passed_only_on_a_rerun_never_passed(make: Maker) -> None:
    evidence = make([A, B], *suites.phases(A, "rerun"), *suites.phases(A), *suites.phases(B), status=0)
    decision = decided(evidence)
    found = only(decision)
    assert (found.rule, found.path, found.line, found.subject) == ("TST001", "tests/test_a.py", 3, A)
    assert found.message == f"{A} failed, and passed only when it was run again: why"
    assert decision.reason is None  # so that two waivers let it through
    assert decision.denominator.count == 2
    assert {one.name: one.value for one in decision.measures}["tests.flaky"] == 1


def test_a_test_that_failed_on_every_try_is_one_failure(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A, "rerun"), *suites.phases(A, "failed"), status=1))
    assert rules(decision) == ["TST001"]


def test_a_repeated_test_is_as_bad_as_its_worst_run(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A, "failed"), *suites.phases(A), status=0))
    assert verdict_of(decision) == "failed"


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (suites.phases(A, None, setup="skipped"), "skipped"),
        (suites.phases(A, "skipped"), "skipped"),
        (suites.phases(A, "skipped", wasxfail=True), "xfailed"),
        (suites.phases(A, "passed", wasxfail=True), "xpassed"),
        ([*suites.phases(A)[:1], *suites.phases(A, "skipped")[1:2], *suites.phases(A)[1:]], "passed"),
    ],
)
def test_outcomes(make: Maker, lines: list[dict[str, Any]], outcome: str) -> None:
    assert make([A], *lines).results.items[0].outcome == outcome


def test_skipped_tests_are_not_in_the_denominator(make: Maker) -> None:
    decision = decided(make([A, B], *suites.phases(A), *suites.phases(B, None, setup="skipped")))
    assert decision.denominator.count == 1


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        (([A], *suites.phases(A, None, setup="skipped")), "1 were skipped"),
        (([],), "pytest collected none"),
    ],
)
def test_nothing_ran(make: Maker, evidence: tuple[Any, ...], says: str) -> None:
    decision = decided(make(*evidence))
    assert code(decision) == "nothing_examined"
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert says in decision.reason.message


def test_everything_deselected_examined_nothing(make: Maker) -> None:
    decision = decided(make([], deselected=[A], status=5))
    assert code(decision) == "nothing_examined"


@pytest.mark.requirement("GAT-2")
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_test_without_all_its_phases_is_unaccounted(make: Maker, missing: int) -> None:
    lines = suites.phases(A)
    del lines[missing]
    decision = decided(make([A, B], *lines, *suites.phases(B)))
    found = only(decision)
    assert (found.rule, found.path, found.subject) == ("TST004", "tests/test_a.py", A)


def test_what_stops_a_run_is_named_with_the_tests_it_left(make: Maker) -> None:
    options = PytestOptions(words=(Word(text="-x", place=ARGS),), ini={}, file=None)
    evidence = make([A, B, C], *suites.phases(A, "failed"), status=1, first=suites.begin(maxfail=1), options=options)
    decision = decided(evidence)
    assert rules(decision) == ["TST001", "TST007"]
    assert decision.findings[1].message == "-x (args of [tool.gates.tests]) ended the run before 2 of 3 tests"
    assert decision.findings[1].severity == "warning"


def test_a_limit_on_failures_does_not_explain_a_lost_test_of_a_good_run(make: Maker) -> None:
    decision = decided(make([A, B], *suites.phases(A), first=suites.begin(maxfail=1)))
    assert rules(decision) == ["TST004"]


def test_deselected_tests_are_a_warning_that_names_the_options(make: Maker) -> None:
    words = (Word(text="-k", place="addopts in pytest.ini"), Word(text="a", place="addopts in pytest.ini"))
    options = PytestOptions(words=(*words, Word(text="-mslow", place=ARGS)), ini={}, file=None)
    first = suites.begin(keyword="a", markexpr="slow")
    evidence = make([A], *suites.phases(A), deselected=[B, C], first=first, options=options)
    decision = decided(evidence)
    assert verdict_of(decision) == "passed"
    assert only(decision).message == (
        "-k 'a' (addopts in pytest.ini) and -m 'slow' (args of [tool.gates.tests]) took out 2 of 3 tests"
    )


def test_requirements_that_were_chosen_are_named_as_what_left_tests_out(make: Maker) -> None:
    options = PytestOptions(words=(Word(text="--requirement=CE-7", place=ARGS),), ini={}, file=None)
    decision = decided(make([A], *suites.phases(A), deselected=[B], options=options))
    assert only(decision).message == "--requirement CE-7 (args of [tool.gates.tests]) took out 1 of 2 tests"


def test_deselected_by_no_option_is_laid_on_a_plugin(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A), deselected=[B]))
    assert "a conftest.py or plugin took out 1 of 2 tests" in only(decision).message


def test_last_failed_is_named_even_where_pytest_counts_nothing(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A), first=suites.begin(last_failed=True)))
    assert "--lf" in only(decision).message


def test_collection_error(make: Maker) -> None:
    error = {
        "event": "collect_error",
        "nodeid": "tests/test_b.py",
        "path": "tests/test_b.py",
        "line": 2,
        "message": "ImportError while importing\nE   ModuleNotFoundError: No module named 'sample'\n",
        "error": "ModuleNotFoundError",
        "stack": "0123456789abcdef",
    }
    decision = decided(make([], error, status=2))
    found = only(decision)
    assert (found.rule, found.path, found.line) == ("TST003", "tests/test_b.py", 2)
    assert found.message == (
        "tests/test_b.py cannot be collected: ModuleNotFoundError: No module named 'sample'; "
        "the project's sample is not installed in the judged environment, nor on pytest's `pythonpath`"
    )
    assert verdict_of(decision) == "failed"


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("/home/ada/sample/src/sample/till.py", " (till.py, line 3)"),
        ("C:\\sample\\src\\sample\\__init__.py", " (sample/__init__.py, line 3)"),
        ("/home/ada/sample/tests/test_b.py", ""),
    ],
)
def test_a_module_that_cannot_be_parsed_is_named_where_it_is_not_the_test_file(
    make: Maker, place: str, shown: str
) -> None:
    message = (
        f'tests/test_b.py:2: in <module>\nE     File "{place}", line 3\nE       def (\nE   SyntaxError: invalid syntax'
    )
    error = {
        "event": "collect_error",
        "nodeid": "tests/test_b.py",
        "path": "tests/test_b.py",
        "line": 2,
        "error": "",
        "stack": "",
    }
    found = only(decided(make([], {**error, "message": message}, status=2)))
    assert found.message == f"tests/test_b.py cannot be collected: SyntaxError: invalid syntax{shown}"


@pytest.mark.parametrize(
    ("nearest", "hint"), [("testpaths", "did you mean 'testpaths'?"), ("", "no plugin that is installed here")]
)
def test_an_option_that_pytest_does_not_know_is_undecided(make: Maker, nearest: str, hint: str) -> None:
    first = suites.begin(unknown_options={"testpath": nearest})
    decision = decided(make([A], *suites.phases(A), first=first))
    assert verdict_of(decision) == "undecided"
    assert code(decision) == "tool_config_invalid"
    assert decision.reason is not None
    assert hint in decision.reason.message
    assert decision.reason.fix == "edit the command line"


def test_a_module_that_was_skipped_is_named(make: Maker) -> None:
    skipped = [{"nodeid": "tests/test_b.py", "message": "Skipped: could not import 'b'"}]
    decision = decided(make([A], *suites.phases(A), skipped_modules=skipped))
    assert verdict_of(decision) == "passed"
    found = only(decision)
    assert (found.rule, found.path, found.severity) == ("TST008", "tests/test_b.py", "note")
    assert "could not import 'b'" in found.message
    alone = decided(make([], skipped_modules=skipped, status=5))
    assert alone.reason is not None
    assert "1 modules were skipped as a whole" in alone.reason.message


def test_a_crashed_worker_is_found_at_the_test_that_it_ran(make: Maker) -> None:
    crashes = [
        {"event": "crash", "worker": "gw0", "message": "Not properly terminated"},
        {"event": "crash", "worker": "gw0", "message": f"worker 'gw0' crashed while running '{A}'"},
    ]
    decision = decided(make([A, B], *crashes, *suites.phases(B), status=1))
    found = only(decision)
    assert (found.rule, found.path, found.subject) == ("TST005", "tests/test_a.py", A)


def test_a_worker_that_crashes_between_tests_is_found_too(make: Maker) -> None:
    crash = {"event": "crash", "worker": "gw0", "message": "Not properly terminated"}
    assert rules(decided(make([A], crash, *suites.phases(A), status=1))) == ["TST005"]


@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_crash_of_pytest_itself_is_undecided(make: Maker, status: int) -> None:
    crash = {"event": "crash", "worker": None, "message": "ValueError: inside"}
    decision = decided(make([A], *suites.phases(A), crash, status=status))
    assert verdict_of(decision) == "undecided"
    assert code(decision) == "tool_crashed"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (1, "tool_crashed"),
        (2, "interrupted"),
        (3, "tool_crashed"),
        (4, "tool_config_invalid"),
        (5, "evidence_corrupt"),
        (6, "evidence_corrupt"),
        (7, "tool_crashed"),
        (-11, "tool_crashed"),
    ],
)
def test_a_status_that_contradicts_good_tests_is_undecided(make: Maker, status: int, expected: str) -> None:
    decision = decided(make([A], *suites.phases(A), status=status))
    assert verdict_of(decision) == "undecided"
    assert code(decision) == expected


def test_a_good_status_over_failed_tests_is_still_failed(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A, "failed"), status=0))
    assert verdict_of(decision) == "failed"
    assert code(decision) == "evidence_corrupt"


def test_a_process_that_ends_otherwise_than_recorded_is_undecided(make: Maker) -> None:
    assert code(decided(make([A], *suites.phases(A), ended_with=1))) == "evidence_corrupt"


@pytest.mark.parametrize("status", [0, 1])
def test_what_pytest_cov_complains_of_is_passed_on(make: Maker, status: int) -> None:
    complaint = "FAIL Required test coverage of 91% not reached. Total coverage: 90.64%"
    decision = decided(make([A], *suites.phases(A), status=status, complaints=(complaint,)))
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert complaint in decision.reason.message


def test_a_tree_that_changed_meanwhile_is_stale(make: Maker) -> None:
    assert code(decided(make([A], *suites.phases(A), tree="tree-2"))) == "evidence_stale"


@pytest.mark.parametrize(
    ("file", "where", "shown"),
    [
        ("src/sample/__init__.py", "tree", "src/sample/__init__.py"),
        ("/project/lib/sample.py", "tree", "lib/sample.py"),
        (".venv/lib/python3.12/site-packages/sample/__init__.py", "installed", "site-packages/sample/__init__.py"),
        ("/usr/lib/python3/dist-packages/sample.py", "installed", "site-packages/sample.py"),
        ("/elsewhere/sample.py", "elsewhere", "<elsewhere>/sample.py"),
        ("../other/sample.py", "elsewhere", "<elsewhere>/sample.py"),
    ],
)
def test_where_a_package_was_imported_from(tmp_path: Path, file: str, where: str, shown: str) -> None:
    recorded = suites.lines([A], *suites.phases(A))
    recorded[-2]["files"] = {"sample": file, "other": "/elsewhere/other.py"}
    evidence = suites.evidence(recorded, tmp_path)
    (imported,) = evidence.imported.items
    assert (imported.where, imported.file) == (where, shown)
    decision = decided(evidence)
    assert code(decision) == (None if where == "tree" else "tested_installed_copy")
    assert decision.reason is None or decision.reason.fix.endswith(" -m pip install --editable .")
    assert verdict_of(decided(evidence, allow_installed=True)) == "passed"


def test_a_package_that_is_named_must_be_imported(make: Maker) -> None:
    evidence = make([A], *suites.phases(A))
    assert verdict_of(decided(evidence, packages=("sample",))) == "passed"
    assert code(decided(evidence, packages=("sample", "missing"))) == "evidence_incomplete"


def measured(**changed: Any) -> Coverage:
    whole = {"demanded": True, "version": "7.17.3", "data": "d", "files": 2, "executed": 1, "combined": 1}
    return msgspec.structs.replace(NOT_MEASURED, **(whole | changed))


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        (measured(), None),
        (measured(executed=0), "evidence_missing"),
        (measured(unreadable=1), "evidence_corrupt"),
        (NOT_MEASURED, None),
    ],
)
def test_coverage_that_was_asked_for_must_be_there(make: Maker, coverage: Coverage, expected: str | None) -> None:
    assert code(decided(make([A], *suites.phases(A), coverage=coverage))) == expected


def test_warnings_without_a_limit_are_counted(make: Maker) -> None:
    evidence = make([A], *suites.phases(A), suites.warned(), suites.warned(), suites.warned("new"))
    decision = decided(evidence)
    assert verdict_of(decision) == "passed"
    assert {one.name: one.value for one in decision.measures}["tests.warnings"] == 3
    assert TestsGate().today(evidence) == {"max-warnings": 3}


def test_no_warnings_allowed_makes_each_different_one_a_finding(make: Maker) -> None:
    evidence = make([A], *suites.phases(A), suites.warned(), suites.warned(), suites.warned("new", 9))
    decision = decided(evidence, max_warnings=0)
    assert rules(decision) == ["TST006", "TST006"]
    assert decision.findings[0].message == "DeprecationWarning: old (2 times)"
    assert (decision.findings[1].path, decision.findings[1].line) == ("tests/test_a.py", 9)


@pytest.mark.parametrize(("limit", "found"), [(1, ["TST006"]), (2, []), (3, [])])
def test_a_limit_on_warnings(make: Maker, limit: int, found: list[str]) -> None:
    decision = decided(make([A], *suites.phases(A), suites.warned(), suites.warned("new")), max_warnings=limit)
    assert rules(decision) == found
    measure = next(one for one in decision.measures if one.name == "tests.warnings")
    assert (measure.limit, measure.limit_from, measure.direction) == (limit, "setting:max-warnings", "max")


def test_pytests_own_limit_on_warnings(make: Maker) -> None:
    decision = decided(make([A], *suites.phases(A), suites.warned(), status=6))
    assert rules(decision) == ["TST006"]


OUTCOMES = st.sampled_from(["passed", "failed", "skipped", "lost", "error", "xfailed"])


def recorded(outcomes: list[str], status: int, warnings: int, deselected: int, tree: str) -> list[dict[str, Any]]:
    tests = [f"tests/test_a.py::test_{number}" for number in range(len(outcomes))]
    made = {
        "lost": lambda test: suites.phases(test)[:2],
        "error": lambda test: suites.phases(test, None, setup="failed"),
        "xfailed": lambda test: suites.phases(test, "skipped", wasxfail=True),
    }
    found = [
        line
        for test, outcome in zip(tests, outcomes, strict=True)
        for line in made.get(outcome, lambda test, as_it_is=outcome: suites.phases(test, as_it_is))(test)
    ]
    noise = [suites.warned(f"number {number}") for number in range(warnings)]
    return suites.lines(tests, *found, *noise, status=status, deselected=["d"] * deselected, tree=tree)


@pytest.mark.requirement("VRD-3")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    outcomes=st.lists(OUTCOMES, max_size=4),
    status=st.sampled_from([0, 0, 0, 1, 2, 5, 6]),
    warnings=st.integers(0, 2),
    deselected=st.integers(0, 1),
    tree=st.sampled_from(["tree-1", "tree-2"]),
    limit=st.sampled_from([None, 0, 1]),
    ended_with=st.sampled_from([None, 0, 1]),
)
def test_the_law(
    tmp_path: Path,
    outcomes: list[str],
    status: int,
    warnings: int,
    deselected: int,
    tree: str,
    limit: int | None,
    ended_with: int | None,
) -> None:
    lines = recorded(outcomes, status, warnings, deselected, tree)
    evidence = suites.evidence(lines, tmp_path, ended_with=ended_with)
    assert law.breaches(TestsGate(), evidence, TestsSettings(max_warnings=limit)) == []


@pytest.mark.parametrize(
    "evidence",
    [
        {"coverage": measured(executed=0)},
        {"coverage": measured(unreadable=1)},
        {"coverage": measured()},
        {"complaints": ("FAIL Required test coverage of 91% not reached.",)},
        {"ended_with": 3},
    ],
)
def test_the_law_where_a_run_says_more(make: Maker, evidence: dict[str, Any]) -> None:
    assert law.breaches(TestsGate(), make([A], *suites.phases(A), **evidence), TestsSettings()) == []


COUNTED = ("parts", "selected", "results", "collection_errors", "warnings", "crashes")


@pytest.mark.parametrize("name", COUNTED)
def test_a_list_that_was_shortened_together_with_its_count_does_not_pass(tmp_path: Path, name: str) -> None:
    lines = suites.lines(
        [A, B],
        {"event": "crash", "worker": "gw0", "message": "y"},
        {"event": "collect_error", "nodeid": "n", "path": None, "line": None, "message": "m", "error": "", "stack": ""},
        *suites.phases(A),
        *suites.phases(B),
        suites.warned(),
        status=1,
    )
    evidence = suites.evidence(lines, tmp_path)
    held = getattr(evidence, name)
    shorter = msgspec.structs.replace(evidence, **{name: counted(held.items[1:])})
    assert held.count > 0
    assert code(decided(shorter)) in {"evidence_corrupt", "evidence_incomplete"}


def test_a_shard_that_was_taken_out_with_its_count_does_not_pass(make: Maker) -> None:
    evidence = make([A], *suites.phases(A))
    part = evidence.parts.items[0]
    halves = [msgspec.structs.replace(part, index=index, count=3) for index in (1, 3)]
    found = decided(msgspec.structs.replace(evidence, parts=counted(halves)))
    assert code(found) == "evidence_incomplete"


def test_an_outcome_that_its_phases_deny_does_not_pass(make: Maker) -> None:
    evidence = make([A, B], *suites.phases(A), *suites.phases(B, "failed"), status=1)
    good, bad = evidence.results.items
    outcomes = msgspec.structs.replace(evidence.parts.items[0].outcomes, passed=2, failed=0)
    part = msgspec.structs.replace(evidence.parts.items[0], outcomes=outcomes, exit_status=0, ended_with=0)
    forged = msgspec.structs.replace(
        evidence,
        results=counted([good, msgspec.structs.replace(bad, outcome="passed")]),
        parts=counted([part]),
    )
    assert verdict_of(decided(forged)) == "failed"
    assert code(decided(forged)) == "evidence_corrupt"


@pytest.mark.parametrize(("outcome", "rule"), [("failed", "TST001"), ("error", "TST002")])
def test_a_bad_outcome_is_a_finding_even_without_its_phases(make: Maker, outcome: str, rule: str) -> None:
    lines = suites.phases(A, "failed") if outcome == "failed" else suites.phases(A, None, setup="failed")
    evidence = make([A], *lines, status=1)
    bare = msgspec.structs.replace(evidence.results.items[0], failures=counted(()))
    assert rules(decided(msgspec.structs.replace(evidence, results=counted([bare])))) == [rule]


def test_the_law_of_crashes_imports_and_collections(tmp_path: Path) -> None:
    lines = suites.lines(
        [A],
        {"event": "crash", "worker": None, "message": "x"},
        {"event": "crash", "worker": "gw0", "message": "y"},
        {"event": "collect_error", "nodeid": "n", "path": None, "line": None, "message": "m", "error": "", "stack": ""},
        *suites.phases(A),
        status=1,
    )
    lines[-2]["files"] = {"sample": "/elsewhere/sample.py"}
    evidence = suites.evidence(lines, tmp_path)
    for settings_ in (TestsSettings(), TestsSettings(allow_installed=True), TestsSettings(packages=("sample",))):
        assert law.breaches(TestsGate(), evidence, settings_) == []


def test_evidence_survives_being_written(make: Maker) -> None:
    evidence = make([A, B], *suites.phases(A, "failed"), *suites.phases(B), suites.warned(), status=1)
    assert msgspec.json.decode(encode(evidence), type=TestsEvidence) == evidence
