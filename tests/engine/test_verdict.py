"""Many gates to one verdict and one exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.config.settings import SeverityOverride
from gates.engine.verdict import overall, settle
from gates.model.decision import Decision, Verdict, verdict_of
from gates.model.finding import finding
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.report import GateReport
from gates.model.rule import Rule
from gates.testing.law import allowed
from support import reports
from support.sample_gates import TODO, Notes, made
from support.sessions import judged, verdicts

RULE = Rule(code="XAA001", name="wrong", summary="s", explanation="e", fix="f")
REASON = Reason(code="timeout", message="too long", fix="wait")
VERDICTS = st.sampled_from(["passed", "failed", "undecided"])


def gate(verdict: Verdict, name: str = "x") -> GateReport:
    return reports.gate(name, verdict, denominator=None, evidence=None)


@pytest.mark.requirement("VRD-2")
@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], ("undecided", 5)),
        (["passed"], ("passed", 0)),
        (["passed", "failed"], ("failed", 1)),
        (["passed", "undecided"], ("undecided", 3)),
        (["failed", "undecided"], ("failed", 1)),
    ],
)
def test_exit_codes(verdicts: list[Verdict], expected: tuple[Verdict, int]) -> None:
    assert overall([gate(one) for one in verdicts]) == expected


@pytest.mark.requirement("VRD-3")
@given(st.lists(VERDICTS, min_size=1, max_size=6), st.data())
def test_a_gate_that_becomes_undecided_never_improves_the_run(verdicts: list[Verdict], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(verdicts) - 1))
    lost: list[Verdict] = [*verdicts[:index], "undecided", *verdicts[index + 1 :]]
    before, after = overall([gate(one) for one in verdicts]), overall([gate(one) for one in lost])
    assert allowed(before[0], after[0], same=False)
    assert (after[1] == 0) <= (before[1] == 0)


@pytest.mark.requirement("VRD-1")
@given(st.lists(VERDICTS, max_size=6))
def test_only_a_pass_is_exit_zero(verdicts: list[Verdict]) -> None:
    verdict, code = overall([gate(one) for one in verdicts])
    assert (code == 0) == (verdict == "passed") == (bool(verdicts) and set(verdicts) == {"passed"})


def test_an_allowed_undecided_gate_does_not_block() -> None:
    assert overall([gate("passed", "a"), gate("undecided", "b")], ["b"]) == ("passed", 0)


@pytest.mark.requirement("VRD-4")
def test_allowing_every_gate_to_be_undecided_decides_nothing() -> None:
    assert overall([gate("undecided", "a"), gate("undecided", "b")], ["a", "b"]) == ("undecided", 3)


@pytest.mark.requirement("VRD-4")
def test_a_failed_gate_cannot_be_allowed() -> None:
    assert overall([gate("failed", "a"), gate("passed", "b")], ["a"]) == ("failed", 1)


def decision(count: int = 1, findings: int = 0, reason: Reason | None = None) -> Decision:
    return Decision(
        denominator=Denominator(count=count, unit="files"),
        findings=tuple(finding(RULE, "wrong", path=f"src/{n}.py", line=n) for n in reversed(range(findings))),
        reason=reason,
    )


@pytest.mark.requirement("VRD-1")
def test_nothing_examined_is_undecided_with_a_reason() -> None:
    settled = settle(decision(count=0), ())
    assert verdict_of(settled) == "undecided"
    assert settled.reason is not None
    assert settled.reason.code == "nothing_examined"
    assert "no files" in settled.reason.message


def test_findings_win_over_a_reason() -> None:
    assert verdict_of(decision(findings=1, reason=REASON)) == "failed"


def test_findings_are_sorted_by_place() -> None:
    assert [one.line for one in settle(decision(findings=3), ()).findings] == [0, 1, 2]


@pytest.mark.parametrize("named", ["XAA001", "wrong"])
@pytest.mark.parametrize(
    ("level", "verdict", "left"), [("warning", "passed", 1), ("note", "passed", 1), ("off", "passed", 0)]
)
def test_a_severity_is_set_by_code_or_name(named: str, level: str, verdict: Verdict, left: int) -> None:
    override = msgspec.convert({"rule": named, "level": level}, SeverityOverride)
    settled = settle(decision(findings=1), (override,))
    assert (verdict_of(settled), len(settled.findings)) == (verdict, left)


def test_a_severity_is_set_by_glob_and_the_last_one_wins() -> None:
    overrides = tuple(
        msgspec.convert({"rule": "wrong", "level": level, "path": path}, SeverityOverride)
        for level, path in (("off", "**"), ("error", "src/1.py"))
    )
    settled = settle(decision(findings=3), overrides)
    assert [one.path for one in settled.findings] == ["src/1.py"]
    assert verdict_of(settled) == "failed"


@pytest.mark.requirement("VRD-2")
@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passed"], ("undecided", 5)),
        (["failed"], ("failed", 1)),
        (["undecided"], ("undecided", 3)),
    ],
)
def test_gates_that_are_judged_in_every_run_are_no_judgement(
    verdicts: list[Verdict], expected: tuple[Verdict, int]
) -> None:
    assert overall([gate(one, "watch") for one in verdicts], attendant={"watch"}) == expected
    assert overall([gate("passed"), gate("passed", "watch")], attendant={"watch"}) == ("passed", 0)


def test_findings_of_rules_in_preview_are_left_out_unless_asked_for() -> None:
    found = Decision(denominator=Denominator(count=1, unit="files"), findings=(finding(RULE, "wrong"),))
    assert verdict_of(settle(found, (), frozenset({"XAA001"}))) == "passed"
    assert verdict_of(settle(found, (), frozenset({"XAA002"}))) == "failed"


def test_a_rule_in_preview_judges_once_the_configuration_asks_for_it(tmp_path: Path) -> None:
    rule = msgspec.structs.replace(TODO, code="XPRE001", name="soon", preview=True)

    def decide(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
        decision = Notes.decide(self, evidence, settings, now)
        return msgspec.structs.replace(decision, findings=(finding(rule, "a TODO", path="a.txt"),))

    gate = made("early", rules=(rule,), decide=decide)
    (tmp_path / "a.txt").write_text("TODO\n", "utf-8")
    assert verdicts(judged(tmp_path, gate)) == {"early": "passed"}
    for asked in ("true", '["XPRE001"]', '["soon"]'):
        (tmp_path / "gates.toml").write_text(f"preview = {asked}\n", "utf-8")
        assert verdicts(judged(tmp_path, gate)) == {"early": "failed"}
