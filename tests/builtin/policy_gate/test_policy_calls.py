"""Lines that call gates: which judge, which stand for one that is gone, and which cannot make anything red."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from gates.builtin.policy import calls
from gates.builtin.policy.decide import decide
from gates.builtin.policy.facts import Call, Element
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from support.changes import NO_WIRES, base_state, evidence

CI, HOOKS = ".github/workflows/ci.yml", ".pre-commit-config.yaml"


def call(text: str, path: str = CI, *, defused: str = "", tool: str = "gates", line: int = 9) -> Call:
    return Call(path=path, line=line, tool=tool, text=text, defused=defused, within="job")


def decided(before: Sequence[Call], now: Sequence[Call]) -> Decision:
    wires = [replace(NO_WIRES, calls=counted(held)) for held in (before, now)]
    return decide(evidence(base=base_state(wires=wires[0]), wires=wires[1]))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("run: gates check", "run: uv run gates check"),
        ("run: gates check", "gates check --output-file sarif=a.sarif -q --no-cache"),
        ("run: gates check lint", "run: gates check"),
        ("run: gates check --select lint", "gates check"),
        ("python -m gates check", "gates check"),
        ("uses: a/pytest-vltair@v1", "uses: a/pytest-vltair@v2"),
        ("gates check && gates prove --fast", "gates check && gates prove --fast"),
    ],
)
def test_a_line_that_judges_as_much_stands_for_the_old_one(before: str, now: str) -> None:
    assert decided([call(before)], [call(now, path=".github/workflows/new.yml")]).findings == ()


@pytest.mark.parametrize(
    "now",
    [
        "gates check lint",
        "gates check --ignore tests",
        "gates check --ignore=tests",
        "gates check --allow-undecided tests",
        "gates check --as-of 2020-01-01",
        "gates check --approve 'POL001:*'",
        "gates check --base HEAD",
        "gates check --project docs",
        "gates list",
        "gates check --plan",
        "echo gates",
    ],
)
def test_a_line_that_judges_less_does_not(now: str) -> None:
    (found,) = decided([call("gates check")], [call(now)]).findings
    assert (found.rule, found.severity) == ("POL007", "error")
    assert f"the base has `gates check` at {CI}:9" in found.message


def test_a_hook_is_no_pipeline() -> None:
    (found,) = decided([call("gates check"), call("gates check", HOOKS)], [call("gates check", HOOKS)]).findings
    assert found.subject == f"{CI}: gates check"
    assert decided([call("gates check", HOOKS)], [call("gates check")]).findings == ()


def test_a_line_that_is_gone_is_found_without_a_place() -> None:
    (found,) = decided([call("gates check")], []).findings
    assert (found.path, found.line) == (None, None)
    assert "nothing here judges as much" in found.message


def test_a_defused_line_is_found_whether_the_base_has_it_or_not() -> None:
    held = call("gates check || true", defused="`|| true`")
    for before in ([], [held], [call("gates check")]):
        (found,) = decided(before, [held]).findings
        assert (found.rule, found.path, found.line) == ("POL007", CI, 9)
        assert found.message.startswith("`gates check || true` cannot make anything red: `|| true`; to let it through:")


@pytest.mark.parametrize(
    "text", ["gates list || true", "gates explain X", "gates --version || :", "gates init || true"]
)
def test_what_does_not_judge_may_be_defused(text: str) -> None:
    assert decided([], [call(text, defused="`|| true`")]).findings == ()


def test_other_tools_are_only_compared() -> None:
    sound, lost = call("ruff check", tool="ruff"), call("ruff check || true", tool="ruff", defused="`|| true`")
    assert [item.rule for item in decided([sound], [lost]).findings] == ["POL007"]
    assert decided([lost], [lost]).findings == ()
    assert decided([], [lost]).findings == ()
    assert decided([sound], []).findings == ()


def test_a_file_that_cannot_be_read_is_undecided() -> None:
    wires = replace(NO_WIRES, unreadable=counted([Element(text="it is not YAML", place=CI)]))
    decision = decide(evidence(wires=wires))
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert (decision.reason.code, CI in decision.reason.message) == ("unreadable", True)
    assert decision.reason.fix == "gates check policy"


def test_a_variable_that_makes_gates_judge_less_is_found_where_it_is_new() -> None:
    wires = replace(NO_WIRES, calls=counted([call("gates check")]))
    now = replace(wires, variables=counted([Element(text="GATES_SELECT: lint", place=f"{CI}:4")]))
    (found,) = decide(evidence(base=base_state(wires=wires), wires=now)).findings
    assert (found.rule, found.path, found.line) == ("POL007", CI, 4)
    assert decide(evidence(base=base_state(wires=now), wires=now)).findings == ()


def test_the_project_that_is_judged_is_part_of_the_line() -> None:
    assert calls.judging(call("gates check --project a")) != calls.judging(call("gates check --project b"))


@pytest.mark.parametrize(
    ("before", "now", "enough"),
    [
        ("gates check", "gates check --package a", False),
        ("gates check --package a", "gates check", True),
        ("gates check --package a", "gates check -p b --package=a", True),
        ("gates check --package a --package b", "gates check --package a", False),
        ("gates check --package a", "gates check --package b", False),
        ("gates check lint tests", "gates check lint", False),
        ("gates check lint", "gates check -q tests lint", True),
    ],
)
def test_as_many_projects_and_gates_must_be_named(before: str, now: str, enough: bool) -> None:
    assert (decided([call(before)], [call(now)]).findings == ()) == enough
