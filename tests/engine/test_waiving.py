from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gates.engine import waiving
from gates.model.account import WAIVER_EXPIRED
from gates.model.decision import Decision, verdict_of
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator
from gates.model.rule import Rule
from gates.model.waiver import Waiver
from support.sample_gates import Notes, made, registered

RULE = Rule(code="AUD001", name="known-vulnerability", summary="s", explanation="e", fix="f")
TODAY = date(2026, 6, 15)


def waiver(**given: Any) -> Waiver:
    facts = {"rule": "AUD001", "subject": "**", "reason": "r", "owner": "ada", "expires": date(2026, 12, 31)}
    return Waiver(**{**facts, **given})


def item(**given: Any) -> Finding:
    return finding(RULE, "m", **{"path": "src/pkg/a.py", "subject": "lib 1.0", "tool_rule": "audit:P-1", **given})


def decided(*findings: Finding) -> dict[str, Decision]:
    return {"audit": Decision(denominator=Denominator(count=3, unit="files"), findings=findings)}


@pytest.mark.parametrize("rule", ["AUD001", "known-vulnerability", "audit:P-1"])
def test_a_rule_is_named_by_its_code_its_name_or_the_tools_own(rule: str) -> None:
    assert waiving.matches(item(), waiver(rule=rule))


@pytest.mark.parametrize(
    ("subject", "matched"),
    [
        ("**", True),
        ("src/**", True),
        ("src/pkg/*.py", True),
        ("src/pkg/a.py", True),
        ("lib 1.0", True),
        ("lib *", True),
        (item().fingerprint, True),
        ("src/*.py", False),
        ("a.py", False),
        ("src/*", False),
        ("lib 1", False),
        (item().fingerprint[:12], False),
    ],
)
def test_a_subject_is_a_glob_on_path_or_subject_or_the_exact_fingerprint(subject: str, matched: bool) -> None:
    assert waiving.matches(item(), waiver(subject=subject)) is matched


def test_brackets_of_a_test_are_brackets() -> None:
    one = item(path="tests/test_a.py", subject="tests/test_a.py::test_x[1-2]")
    assert waiving.matches(one, waiver(subject="tests/test_a.py::test_x[1-2]"))
    assert not waiving.matches(one, waiver(subject="tests/test_a.py::test_x[0-9]"))


def test_another_rule_and_a_rule_about_waivers_are_not_excused() -> None:
    assert not waiving.matches(item(), waiver(rule="AUD002"))
    assert not waiving.matches(finding(WAIVER_EXPIRED, "m", path="a"), waiver(rule="POL008"))


def test_a_finding_without_path_and_subject_is_only_named_by_all() -> None:
    bare = item(path=None, subject=None)
    assert waiving.matches(bare, waiver())
    assert not waiving.matches(bare, waiver(subject="src/**"))


def test_a_waived_finding_says_by_whom_until_when_and_for_what() -> None:
    done = waiving.apply(decided(item()), [waiver(owner="platform", subject="src/**")], TODAY)
    (found,) = done.decisions["audit"].findings
    assert found.waived_by == "platform until 2026-12-31 [AUD001 src/**]"
    assert verdict_of(done.decisions["audit"]) == "passed"


@pytest.mark.requirement("EXC-1")
def test_it_applies_through_its_last_day_and_not_after_it() -> None:
    last = waiver(expires=TODAY)
    assert waiving.apply(decided(item()), [last], TODAY).decisions["audit"].findings[0].waived_by is not None
    over = waiving.apply(decided(item()), [last], date(2026, 6, 16))
    assert over.decisions["audit"].findings[0].waived_by is None
    assert over.matches == (1,), "what it excused is counted still"


def test_the_first_one_that_is_not_over_is_named_and_every_match_counts() -> None:
    waivers = [waiver(owner="old", expires=date(2026, 1, 1)), waiver(owner="ada"), waiver(owner="bob")]
    done = waiving.apply(decided(item(), item(line=3)), waivers, TODAY)
    assert {one.waived_by for one in done.decisions["audit"].findings} == {waivers[1].label}
    assert done.matches == (2, 2, 2)


@pytest.mark.parametrize(
    ("expires", "matched", "whole", "state"),
    [
        ("2026-06-14", 3, True, "expired"),
        ("2026-06-14", 0, True, "expired"),
        ("2026-06-15", 1, True, "expiring"),
        ("2026-06-29", 1, True, "expiring"),
        ("2026-06-29", 0, False, "expiring"),
        ("2026-06-29", 0, True, "unused"),
        ("2026-06-30", 1, False, "active"),
        ("2026-06-30", 0, True, "unused"),
        ("2026-06-30", 0, False, "not_judged"),
    ],
)
def test_what_becomes_of_a_waiver(expires: str, matched: int, whole: bool, state: str) -> None:
    held = waiver(expires=date.fromisoformat(expires))
    (found,) = waiving.reports([held], [matched], TODAY, lambda _: whole, lambda _: ("pyproject.toml", 9))
    assert (found.state, found.uses, found.path, found.line) == (state, matched, "pyproject.toml", 9)
    faults = [(one.rule, one.path, one.line) for one in waiving.faults([found])]
    expected = {"expired": "POL008", "unused": "POL009"}.get(state)
    assert faults == ([] if expected is None else [(expected, "pyproject.toml", 9)])


def test_the_gates_that_a_waiver_may_concern() -> None:
    gates = registered(Notes, made("other", tools=("ruff",)), made("shared", rules=Notes.rules))
    assert waiving.concerned(waiver(rule="XTD001"), gates) == ("notes", "shared")
    assert waiving.concerned(waiver(rule="todo-left"), gates) == ("notes", "shared")
    assert waiving.concerned(waiver(rule="ruff:F401"), gates) == ("other",)
    assert waiving.concerned(waiver(rule="elsewhere:X1"), gates) == ("notes", "other", "shared")
