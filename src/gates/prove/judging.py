"""Judging: whether what a check said is what the planted fault had to bring about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from gates.errors import FAILED, UNDECIDED
from gates.model.canary import Planted
from gates.model.decision import Verdict
from gates.model.finding import Finding
from gates.model.report import GateReport
from gates.model.rule import Rule, Severity
from gates.prove.check import Ran
from gates.prove.clean import said, shown

Outcome: TypeAlias = Literal["red", "warned", "undecided"]
"""What a planted fault must do to its gate: turn it red, leave it green with a warning, or leave it undecided."""


class Judged(NamedTuple):
    """Passed or failed, and one sentence on what was seen."""

    verdict: Verdict
    seen: str


def outcome(rule: Rule, level: Severity) -> Outcome:
    """What a fault must come to where findings of the rule have the severity `level`."""
    if level == "error":
        return "red"
    return "undecided" if rule.undecides else "warned"


def expectation(rule: Rule, planted: Planted, wanted: Outcome) -> str:
    """What a check of the planted copy has to say, as a clause."""
    where = place(planted)
    at = f" at {where}" if where else ""
    if wanted == "warned":
        return f"a finding of {rule.code}{at} that only warns, and the gate still passed"
    if wanted == "undecided":
        return f"a finding of {rule.code}{at}, the gate undecided and exit code {UNDECIDED}"
    return f"{rule.code}{at}, the gate failed and exit code 1"


def place(planted: Planted) -> str:
    """`path:line` as far as the canary names it."""
    if planted.path is None:
        return ""
    return planted.path if planted.line is None else f"{planted.path}:{planted.line}"


def planted_run(gate: str, rule: Rule, planted: Planted, ran: Ran, wanted: Outcome) -> Judged:
    """Whether one plant did to just this gate what is wanted, with this rule at this place, through the exit code."""
    report = ran.gate(gate)
    if report is None or ran.problem is not None:
        return Judged("failed", ran.problem or f"the report says nothing of {gate}")
    found = [one for one in report.findings if one.rule == rule.code and _is_at(one, planted)]
    if not found:
        return Judged("failed", _instead(report, rule))
    if wanted == "red":
        return _blocked(report, found, ran)
    return _warned(report, found[0], ran) if wanted == "warned" else _left_open(report, found[0], ran)


def starved_run(gate: str, ran: Ran) -> Judged:
    """Whether a gate without what it needs was undecided, through the exit code."""
    report = ran.gate(gate)
    if report is None or ran.problem is not None:
        return Judged("failed", ran.problem or f"the report says nothing of {gate}")
    if report.verdict == "undecided" and report.reason is not None and ran.code == UNDECIDED:
        return Judged("passed", f"undecided ({report.reason.code})")
    return Judged("failed", f"{said(report)} with exit code {ran.code}")


def _blocked(report: GateReport, found: Sequence[Finding], ran: Ran) -> Judged:
    blocking = next((one for one in found if one.blocks), None)
    if blocking is None:
        return Judged("failed", f"{shown(found[0])} does not count: {_excuse(found[0])}")
    if report.verdict != "failed" or ran.code != FAILED:
        return Judged("failed", f"{shown(blocking)}, and yet {said(report)} with exit code {ran.code}")
    others = _others_failed(ran, report.name)
    if others:
        return Judged("failed", f"{shown(blocking)}, and another gate was red as well: {others}")
    return Judged("passed", _shown("red", blocking))


def _warned(report: GateReport, found: Finding, ran: Ran) -> Judged:
    if found.blocks:
        return Judged("failed", f"{shown(found)} blocks, and was to warn")
    if report.verdict != "passed":
        return Judged("failed", f"{shown(found)}, and {said(report)} with exit code {ran.code}")
    return Judged("passed", _shown(found.severity, found))


def _left_open(report: GateReport, found: Finding, ran: Ran) -> Judged:
    if found.blocks:
        return Judged("failed", f"{shown(found)} blocks, and was to leave the gate undecided")
    if report.verdict != "undecided" or report.reason is None or ran.code != UNDECIDED:
        return Judged("failed", f"{shown(found)}, and yet {said(report)} with exit code {ran.code}")
    return Judged("passed", _shown(f"undecided ({report.reason.code})", found))


def _shown(colour: str, found: Finding) -> str:
    where = place(Planted(path=found.path, line=found.line))
    return f"{colour} at {where}" if where else f"{colour}, about the run as a whole"


def _is_at(found: Finding, planted: Planted) -> bool:
    if planted.path is not None and found.path != planted.path:
        return False
    if planted.line is None:
        return True
    return found.line is not None and found.line <= planted.line <= (found.end_line or found.line)


def _instead(report: GateReport, rule: Rule) -> str:
    """What a report without the expected finding says."""
    same: Sequence[Finding] = [one for one in report.findings if one.rule == rule.code]
    if same:
        return f"{rule.code} was found elsewhere: {_few(same)}"
    if report.verdict == "failed":
        return f"it was red for another reason: {_few([one for one in report.findings if one.blocks])}"
    return f"{said(report)}, without a finding of {rule.code}"


def _few(found: Sequence[Finding]) -> str:
    more = f" and {len(found) - 2:,} more" if len(found) > 2 else ""
    return ", ".join(shown(one) for one in found[:2]) + more


def _excuse(found: Finding) -> str:
    if found.waived_by is not None:
        return "it is waived"
    return "it is in the baseline" if found.baselined else f"its severity is {found.severity}"


def _others_failed(ran: Ran, gate: str) -> str:
    reports = () if ran.report is None else ran.report.gates
    return ", ".join(f"{one.name}, as {said(one)}" for one in reports if one.name != gate and one.verdict == "failed")
