"""Deciding over what mypy said: agreement of lines, summary and exit code, findings, and the law."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.types.facts import Fault, Problem, Run, TypesEvidence
from gates.builtin.types.gate import TypesGate
from gates.builtin.types.settings import TypesSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.testing import law

GATE = TypesGate()
FAULT = Fault(path="pyproject.toml", line=3, message="Unrecognized option: stirct = True")


def problem(code: str | None = "arg-type", path: str = "a.py", line: int | None = 4, *hints: str) -> Problem:
    return Problem(code=code, message="wrong", hints=counted(hints), path=path, line=line, column=None, source="f(1)")


def run(*problems: Problem, **changed: Any) -> Run:
    checked = changed.pop("checked", 12)
    muted = changed.pop("muted", 0)
    values: dict[str, Any] = {
        "what": "the configured targets",
        "code": 1 if problems else 0,
        "summary": "errors" if problems else "success",
        "errors": len(problems),
        "checked": checked,
        "judged": checked - muted,
        "muted": muted,
        "problems": counted(problems),
        **changed,
    }
    return Run(**values)


def evidence(*runs: Run, faults: tuple[Fault, ...] = ()) -> TypesEvidence:
    return TypesEvidence(
        mypy="2.4.1", configuration="pyproject.toml", tests="added", runs=counted(runs), faults=counted(faults)
    )


def decided(*runs: Run, faults: tuple[Fault, ...] = ()) -> Decision:
    return GATE.decide(evidence(*runs, faults=faults), TypesSettings(), law.NOON)


def test_clean_project_passes_over_the_files_of_all_runs() -> None:
    decision = decided(run(checked=12), run(checked=30))
    assert verdict_of(decision) == "passed"
    assert str(decision.denominator) == "42 files"


def test_error_becomes_a_finding_under_our_rule_with_mypys_code_and_its_notes() -> None:
    (item,) = decided(run(problem("override", "a.py", 4, "This violates a principle"))).findings
    assert (item.rule, item.tool_rule, item.path, item.line) == ("TYP001", "mypy:override", "a.py", 4)
    assert item.message == "wrong\nThis violates a principle"


def test_error_that_two_runs_come_upon_is_told_once() -> None:
    assert len(decided(run(problem()), run(problem(), problem(line=9))).findings) == 2


def test_first_error_that_only_the_added_tests_have_says_so_and_how_to_leave_them_out() -> None:
    decision = decided(run(problem()), run(problem(), problem(line=9), problem(path="b.py"), what="tests"))
    hinted = [(item.path, item.line) for item in decision.findings if "`tests = false`" in item.message.split("\n")[0]]
    assert hinted == [("a.py", 9)]
    assert len(decision.findings) == 3


def test_blocking_error_is_the_second_rule_and_counts_no_file() -> None:
    decision = decided(run(problem("syntax"), code=2, summary="blocked", checked=0))
    assert [(item.rule, item.tool_rule) for item in decision.findings] == [("TYP002", None)]
    assert (verdict_of(decision), decision.denominator.count) == ("failed", 0)


def test_setting_that_mypy_could_not_use_is_undecided_and_named() -> None:
    decision = decided(run(), faults=(FAULT, FAULT))
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.code == "tool_config_invalid"
    assert "pyproject.toml:3" in decision.reason.message
    assert "stirct" in decision.reason.message
    assert "(and 1 more)" in decision.reason.message


def test_setting_that_mypy_could_not_use_does_not_hide_an_error() -> None:
    assert verdict_of(decided(run(problem()), faults=(FAULT,))) == "failed"


def test_contradictions_are_undecided() -> None:
    cases = [
        run(code=1),
        run(code=2),
        run(problem(), code=0),
        run(problem(), summary="success"),
        run(summary="errors", code=1),
        run(errors=1),
        run(problem(), errors=2),
        run(judged=11),
        run(checked=0),
        run(problem("syntax"), code=2, summary="blocked", checked=3),
    ]
    for case in cases:
        decision = decided(case)
        assert verdict_of(decision) == "undecided", case
        assert decision.reason is not None
        assert decision.reason.code == "unparsable_output", case


def test_no_run_and_only_muted_files_are_undecided() -> None:
    for decision in (decided(), decided(run(muted=12))):
        assert verdict_of(decision) == "undecided"
        assert decision.reason is not None
        assert decision.reason.code == "nothing_examined"


def test_muted_files_do_not_count() -> None:
    decision = decided(run(checked=12, muted=5))
    assert decision.denominator.count == 7
    assert [(item.name, item.value) for item in decision.measures] == [("types.muted", 5)]


problems = st.builds(problem, st.sampled_from([None, "arg-type"]), st.just("a.py"), st.none() | st.integers(1, 3))
runs = st.builds(
    Run,
    what=st.just("tests"),
    code=st.integers(0, 2),
    summary=st.sampled_from(["success", "errors", "blocked"]),
    errors=st.integers(0, 2),
    checked=st.integers(0, 2),
    judged=st.integers(0, 2),
    muted=st.integers(0, 2),
    problems=st.lists(problems, max_size=2).map(counted),
)
sound = st.builds(run, checked=st.integers(1, 3)) | st.builds(run, problems, checked=st.integers(1, 3))


@pytest.mark.requirement("VRD-3")
@given(st.lists(runs | sound, max_size=2), st.lists(st.just(FAULT), max_size=1))
def test_losing_information_never_improves_the_verdict(several: list[Run], faults: list[Fault]) -> None:
    assert law.breaches(GATE, evidence(*several, faults=tuple(faults)), TypesSettings()) == []


@given(st.lists(runs | sound, max_size=3))
def test_pass_means_every_run_succeeded_over_some_files(several: list[Run]) -> None:
    if verdict_of(decided(*several)) == "passed":
        assert several
        assert all((one.code, one.summary, one.problems.count) == (0, "success", 0) for one in several)
        assert sum(one.checked - one.muted for one in several) > 0
