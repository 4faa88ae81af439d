"""The words that formats share."""

from __future__ import annotations

from typing import Any

import pytest

from gates.model.finding import Finding
from gates.model.measure import Measure
from gates.model.report import ProjectFacts
from gates.render import summary
from support import reports


def item(**given: Any) -> Finding:
    return Finding(**{"rule": "COV004", "name": "changed-lines-missed", "message": "m", "fingerprint": "0", **given})


@pytest.mark.parametrize(
    ("given", "column", "text"),
    [
        ({}, False, ""),
        ({"path": ""}, False, ""),
        ({"path": "a.py"}, False, "a.py"),
        ({"path": "a.py", "line": 3, "column": 4}, False, "a.py:3"),
        ({"path": "a.py", "line": 3, "column": 4}, True, "a.py:3:4"),
        ({"path": "a.py", "line": 3}, True, "a.py:3"),
        ({"path": "a.py", "line": 3, "end_line": 3}, False, "a.py:3"),
        ({"path": "a.py", "line": 3, "end_line": 9}, False, "a.py:3-9"),
    ],
)
def test_place(given: dict[str, Any], column: bool, text: str) -> None:
    assert summary.place(item(**given), column=column) == text


def test_a_tools_own_rule_is_named() -> None:
    ours, theirs = item(), item(tool_rule="ruff:F401")
    assert (summary.rule_id(ours), summary.rule_title(ours)) == ("COV004", "COV004 changed-lines-missed")
    assert (summary.rule_id(theirs), summary.rule_title(theirs)) == ("ruff:F401", "COV004 ruff:F401")
    assert (summary.rule_short(ours), summary.rule_short(theirs)) == ("COV004", "F401")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (3725.0, "62 min 05 s"), (float("nan"), ""), (None, "")],
)
def test_duration(seconds: float | None, text: str) -> None:
    durations = {} if seconds is None else {"lint": seconds}
    assert summary.duration(reports.gate("lint"), reports.run(durations_s=durations)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (83.2, "83.2"),
        (1200.0, "1,200"),
        (0.12345, "0.1235"),
        (-0.00001, "0"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (100.0, "100"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert summary.number(value) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "n: 1 s"),
        ({"limit": 2}, "n: 1 s, limit 2"),
        ({"limit": 2, "direction": "max", "limit_from": "default"}, "n: 1 s, at most 2 (default)"),
        ({"limit_from": "default"}, "n: 1 s"),
    ],
)
def test_measure(given: dict[str, Any], text: str) -> None:
    assert summary.measure(Measure(name="n", value=1, unit="s", **given)) == text


def test_counts_tell_apart_what_does_not_block() -> None:
    findings = (
        item(),
        item(severity="warning"),
        item(severity="warning"),
        item(severity="note"),
        item(waived_by="x", baselined=True),
        item(baselined=True, severity="warning"),
    )
    gate = reports.gate("lint", "failed", findings=findings)
    assert summary.counts(gate) == "2 warnings, 1 note, 1 waived, 1 baselined"
    assert summary.blocking(gate) == [findings[0]]


def test_findings_that_block_come_first() -> None:
    findings = (item(severity="note"), item(path="b"), item(waived_by="x"), item(path="a"))
    gate = reports.gate("lint", "failed", findings=findings)
    assert summary.open_findings(gate) == [findings[1], findings[3], findings[0]]


def test_scope_and_commit() -> None:
    facts = ProjectFacts(name="p", commit="3f2c1ab9d", dirty=True, scope={"base": "0123456789", "a": "b"})
    report = reports.report(project=facts)
    assert summary.commit(report) == "3f2c1ab (dirty)"
    assert summary.scope(report) == "a b, base 0123456"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"verdict": "passed", "exit_code": 3}, "undecided: exit code 3"),
        ({"verdict": "failed", "exit_code": 0}, "failed: exit code 0"),
        ({"verdict": "passed", "exit_code": 0}, "passed: 1 gate"),
    ],
)
def test_verdict_says_passed_only_of_a_run_that_did(given: dict[str, Any], text: str) -> None:
    assert summary.verdict_line(reports.report(reports.gate("lint"), **given)) == text


def test_verdict_without_a_next_step() -> None:
    report = reports.report(reports.gate("lint", "undecided"))
    assert summary.verdict_line(report) == "undecided: lint"


def test_clip_says_how_much_is_gone() -> None:
    assert summary.clip("abc", 3) == "abc"
    assert summary.clip("abcdef", 3) == "abc… (+ 3 characters)"


def test_what_is_to_be_pasted_runs_nothing_else() -> None:
    found = item(tool_rule="own:x; rm -rf ~")
    assert summary.explain(found) == "gates explain 'own:x; rm -rf ~'"
    gate = reports.gate("own", "failed", findings=(found,))
    assert summary.verdict_line(reports.report(gate)).endswith("Next: gates explain 'own:x; rm -rf ~'")
