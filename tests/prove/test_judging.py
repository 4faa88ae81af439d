"""What counts as a proof: the whole table, on reports as a check writes them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gates.model.canary import Planted
from gates.model.finding import finding
from gates.model.reason import Reason
from gates.model.rule import Severity
from gates.prove import clean, judging
from gates.prove.check import Ran
from gates.prove.judging import Judged, Outcome
from support import reports
from support.reports import LNT001, TYP001

PLANTED = Planted(path="src/a.py", line=3)
CORRUPT = Reason(code="evidence_corrupt", message="it is damaged", fix="gates check lint")


def ran(*gates: Any, code: int | None = 1, problem: str | None = None) -> Ran:
    return Ran(code=code, report=reports.report(*gates), problem=problem, seconds=0.1, cpu=None)


def lint(verdict: str = "failed", *findings: Any, **given: Any) -> Any:
    return reports.gate("lint", verdict, findings=findings, **given)


def at(line: int | None = 3, path: str | None = "src/a.py", rule: Any = LNT001, **given: Any) -> Any:
    changed = {name: given.pop(name) for name in ("severity", "waived_by", "baselined") if name in given}
    found = finding(rule, "planted", path=path, line=line, **given)
    return msgspec.structs.replace(found, **changed)


def planted(run: Ran, place: Planted = PLANTED, wanted: Outcome = "red") -> Judged:
    return judging.planted_run("lint", LNT001, place, run, wanted)


@pytest.mark.requirement("PRF-1")
@pytest.mark.parametrize(
    ("run", "seen"),
    [
        (ran(lint("failed", at())), "red at src/a.py:3"),
        (ran(lint("failed", at(2, end_line=5))), "red at src/a.py:2"),
        (ran(lint("failed", at(), at(9, rule=TYP001))), "red at src/a.py:3"),
    ],
)
def test_red_at_its_place_is_a_proof(run: Ran, seen: str) -> None:
    assert planted(run) == ("passed", seen)


def test_a_rule_about_the_whole_run_needs_no_place() -> None:
    assert planted(ran(lint("failed", at(None, None))), Planted(path=None)) == (
        "passed",
        "red, about the run as a whole",
    )


@pytest.mark.requirement("PRF-1")
@pytest.mark.parametrize(
    ("run", "seen"),
    [
        (ran(problem="gates crashed"), "gates crashed"),
        (ran(reports.gate("types")), "the report says nothing of lint"),
        (ran(lint("failed", at()), problem="exit code 4"), "exit code 4"),
        (ran(lint("failed", at(4))), "LNT001 was found elsewhere: "),
        (ran(lint("failed", at(None))), "LNT001 was found elsewhere: "),
        (ran(lint("failed", at(path="src/b.py"))), "LNT001 was found elsewhere: "),
        (ran(lint("failed", at(4), at(5), at(6))), " and 1 more"),
        (ran(lint("failed", at(rule=TYP001))), "it was red for another reason: "),
        (ran(lint("passed"), code=0), "without a finding of LNT001"),
        (ran(lint("undecided", reason=CORRUPT), code=3), "without a finding of LNT001"),
        (ran(lint("passed", at(waived_by="ada")), code=0), "it is waived"),
        (ran(lint("passed", at(baselined=True)), code=0), "it is in the baseline"),
        (ran(lint("passed", at(severity="note")), code=0), "its severity is note"),
        (ran(lint("failed", at()), code=0), "and yet "),
        (ran(lint("passed", at()), code=1), "and yet "),
        (ran(lint("failed", at()), reports.gate("tests", "failed")), "another gate was red as well: tests"),
    ],
)
def test_any_other_red_and_any_green_is_none(run: Ran, seen: str) -> None:
    judged = planted(run)
    assert judged.verdict == "failed"
    assert seen in judged.seen


@pytest.mark.parametrize(
    ("run", "verdict", "seen"),
    [
        (ran(lint("passed", at(severity="warning")), code=0), "passed", "warning at src/a.py:3"),
        (ran(lint("failed", at()), code=1), "failed", "blocks, and was to warn"),
        (ran(lint("undecided", at(severity="warning"), reason=CORRUPT), code=3), "failed", "with exit code 3"),
        (ran(lint("passed"), code=0), "failed", "without a finding of LNT001"),
    ],
)
def test_a_rule_that_only_warns_must_warn_and_leave_the_gate_green(run: Ran, verdict: str, seen: str) -> None:
    judged = planted(run, wanted="warned")
    assert judged.verdict == verdict
    assert seen in judged.seen


OPEN = lint("undecided", at(severity="warning"), reason=CORRUPT)


@pytest.mark.parametrize(
    ("run", "verdict", "seen"),
    [
        (ran(OPEN, code=3), "passed", "undecided (evidence_corrupt) at src/a.py:3"),
        (ran(OPEN, code=0), "failed", "and yet "),
        (ran(lint("undecided", at(severity="warning")), code=3), "failed", "and yet "),
        (ran(lint("passed", at(severity="warning")), code=0), "failed", "with exit code 0"),
        (ran(lint("failed", at()), code=1), "failed", "blocks, and was to leave the gate undecided"),
        (ran(lint("undecided", reason=CORRUPT), code=3), "failed", "without a finding of LNT001"),
    ],
)
def test_a_rule_that_undecides_must_leave_the_gate_undecided(run: Ran, verdict: str, seen: str) -> None:
    judged = planted(run, wanted="undecided")
    assert judged.verdict == verdict
    assert seen in judged.seen


@pytest.mark.parametrize(
    ("run", "verdict", "seen"),
    [
        (ran(lint("undecided", reason=CORRUPT), code=3), "passed", "undecided (evidence_corrupt)"),
        (ran(lint("undecided", reason=CORRUPT), code=0), "failed", "exit code 0"),
        (ran(lint("failed", at()), code=1), "failed", "exit code 1"),
        (ran(lint("passed"), code=0), "failed", "exit code 0"),
        (ran(), "failed", "the report says nothing of lint"),
        (ran(problem="it hung"), "failed", "it hung"),
    ],
)
def test_a_starved_gate_must_be_undecided(run: Ran, verdict: str, seen: str) -> None:
    judged = judging.starved_run("lint", run)
    assert judged.verdict == verdict
    assert seen in judged.seen


@pytest.mark.parametrize(
    ("place", "wanted", "text"),
    [
        (PLANTED, "red", "LNT001 at src/a.py:3, the gate failed and exit code 1"),
        (Planted(path="src/a.py"), "red", "LNT001 at src/a.py, the gate failed and exit code 1"),
        (Planted(path=None), "red", "LNT001, the gate failed and exit code 1"),
        (PLANTED, "warned", "a finding of LNT001 at src/a.py:3 that only warns, and the gate still passed"),
        (PLANTED, "undecided", "a finding of LNT001 at src/a.py:3, the gate undecided and exit code 3"),
    ],
)
def test_what_is_expected_is_said(place: Planted, wanted: Outcome, text: str) -> None:
    assert judging.expectation(LNT001, place, wanted) == text


@pytest.mark.parametrize(
    ("undecides", "level", "wanted"),
    [
        (False, "error", "red"),
        (True, "error", "red"),
        (False, "warning", "warned"),
        (False, "note", "warned"),
        (True, "warning", "undecided"),
        (True, "note", "undecided"),
    ],
)
def test_what_a_fault_must_come_to_goes_by_the_rule_and_its_severity(
    undecides: bool, level: Severity, wanted: Outcome
) -> None:
    assert judging.outcome(msgspec.structs.replace(LNT001, undecides=undecides), level) == wanted


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (ran(lint("passed"), code=0), None),
        (ran(lint("passed"), reports.gate("tests", "failed")), None),
        (ran(lint("passed"), problem="`gates check` reports exit code 0 and ended with 1"), "ended with 1"),
        (ran(lint("failed", at())), "it failed: LNT001 at src/a.py:3"),
        (ran(lint("undecided", reason=CORRUPT), code=3), "evidence_corrupt"),
        (ran(code=0), "says nothing of it"),
    ],
)
def test_the_clean_half_is_green_by_its_exit_code_too(run: Ran, why: str | None) -> None:
    reason = clean.judged("lint", run).reason
    if why is None:
        assert reason is None
    else:
        assert reason is not None
        assert (reason.code, why in reason.message) == ("not_green", True)
