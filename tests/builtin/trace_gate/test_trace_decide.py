"""Decide: each rule fires for what it is about, at its place, with the severity that the item's status asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gates.builtin.trace.consistency import sealed
from gates.builtin.trace.decide import decide
from gates.builtin.trace.facts import Item, State, Status, TraceEvidence
from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.rules import RULES
from gates.builtin.trace.settings import Level, TraceSettings
from gates.model.decision import verdict_of
from gates.model.evidence import counted, encode
from gates.testing import law
from support import trace_evidence as made

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLAIN = TraceSettings()
TEST = "tests/test_ab.py::test_one"
OTHER = "tests/test_ab.py::test_two"
DONE: dict[str, Any] = {"status": "done", "status_line": 5}


def said(evidence: TraceEvidence, held: TraceSettings = PLAIN) -> list[tuple[str, str, int | None, str | None]]:
    """Rule, severity, line and subject of each finding."""
    decision = decide(evidence, held, NOON)
    return [(one.rule, one.severity, one.line, one.subject) for one in decision.findings]


def named(**more: Any) -> Item:
    return made.item(validation=[made.command(f"pytest {TEST}", 7, tests=[TEST])], **more)


def missing(**more: Any) -> Item:
    return made.item(validation=[made.command("pytest x", 7, state="missing", missing=[("x", TEST)])], **more)


@pytest.mark.requirement("TRA-5")
@pytest.mark.parametrize(
    ("evidence", "findings"),
    [
        (made.evidence(named(**DONE), tests=[made.ran(TEST)]), []),
        (made.evidence(made.item(**DONE), tests=[made.ran(TEST, "passed", "AB-1")]), []),
        (made.evidence(made.item()), [("TRC001", "note", 1, "AB-1")]),
        (made.evidence(made.item(status="in-progress")), [("TRC001", "error", 1, "AB-1")]),
        (made.evidence(made.item(status_raw="")), [("TRC001", "error", 1, "AB-1")]),
        (made.evidence(made.item(status="cancelled")), []),
        (made.evidence(made.item(**DONE)), [("TRC004", "error", 5, "AB-1")]),
        (made.evidence(made.item(validation=[made.command("ruff .", state="not-a-test")], **DONE)),
         [("TRC004", "error", 5, "AB-1")]),
        (made.evidence(missing()), [("TRC003", "warning", 7, "AB-1")]),
        (made.evidence(missing(**DONE)), [("TRC003", "error", 7, "AB-1"), ("TRC004", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "skipped")]), [("TRC005", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "xfailed")]), [("TRC005", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "xpassed")]), [("TRC005", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "skipped"), made.ran(OTHER, "passed", "AB-1")]),
         [("TRC005", "warning", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, None)]), [("TRC004", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, changed=True)]), [("TRC006", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST)], evidenced=[made.evidenced(stale="it is old")]),
         [("TRC006", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST)], outdated=[("AB-1", "the gate tests")]),
         [("TRC006", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST)], outdated=[("AB-1", "a.xml"), ("AB-2", "the gate tests")]),
         []),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "failed")], outdated=[("AB-1", "the gate tests")]),
         [("TRC007", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "failed")]), [("TRC007", "error", 5, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST, "flaky")]), [("TRC007", "error", 5, "AB-1")]),
        (made.evidence(named(), tests=[made.ran(TEST, "error")]), [("TRC007", "warning", 1, "AB-1")]),
        (made.evidence(named(**DONE), tests=[made.ran(TEST), made.ran(OTHER, "failed", "AB-1")]),
         [("TRC007", "error", 5, "AB-1")]),
        (made.evidence(named(), tests=[made.ran(TEST, "passed", "AB-2")]), [("TRC002", "error", 3, "AB-2")]),
        (made.evidence(named(), tests=[made.ran(TEST, "passed", "AB-2", by="docstring")]),
         [("TRC002", "warning", 3, "AB-2")]),
        (made.evidence(named(), tests=[made.ran(TEST)], code=[made.annotated("AB-9", line=4)]),
         [("TRC002", "error", 4, "AB-9")]),
        (made.evidence(named(links=[made.link("depends", "ZZ-1", 8), made.link("mentions", "ZZ-2")]),
                       tests=[made.ran(TEST)]), [("TRC002", "warning", 8, "ZZ-1")]),
        (made.evidence(named(files=[made.file("a.py", 6, exists=False)], **DONE), tests=[made.ran(TEST)]),
         [("TRC011", "error", 6, "AB-1")]),
        (made.evidence(named(files=[made.file("a.py", 6, exists=False, planned=True)]), tests=[made.ran(TEST)]),
         [("TRC011", "note", 6, "AB-1")]),
        (made.evidence(named(files=[made.file("a.py", 6, exists=None)], **DONE), tests=[made.ran(TEST)]), []),
        (made.evidence(named(dates=[("2026-01-04", 9)]), tests=[made.ran(TEST)]), [("TRC014", "warning", 9, "AB-1")]),
        (made.evidence(named(), tests=[made.ran(TEST)], remarks=[made.remark("TRC008", 4, subject="AB-1")]),
         [("TRC008", "error", 4, "AB-1")]),
        (made.evidence(named(), tests=[made.ran(TEST)], remarks=[made.remark("TRC999", 4)]),
         [("TRC016", "warning", 4, made.TRACKER)]),
    ],
)  # fmt: skip
def test_each_rule(evidence: TraceEvidence, findings: list[tuple[str, str, int, str]]) -> None:
    assert said(evidence) == findings
    assert verdict_of(decide(evidence, PLAIN, NOON)) == (
        "failed" if any(severity == "error" for _, severity, _, _ in findings) else "passed"
    )


def test_messages_offer_the_nearest() -> None:
    evidence = made.evidence(missing(), tests=[made.ran(TEST, "passed", "AB-11")])
    first, second = (one.message for one in decide(evidence, PLAIN, NOON).findings)
    assert first == f"AB-1 names x, which pytest does not collect: write it, or correct the name; the nearest is {TEST}"
    assert second == f"{TEST} names AB-11 (marker), which no document has; did you mean AB-1?"


@pytest.mark.parametrize(
    ("text", "future"),
    [
        ("2026-01-02", False),  # it has begun in the Pacific
        ("2026-01-03", True),
        ("2026-01-01T12:00:01Z", True),
        ("2026-01-01 11:00+00:00", False),
        ("2026-01-01 13:30+02:00", False),
        ("2026-01-02 01:00", False),
        ("2026-01-02 03:00", True),
        ("on 2027-05-01 at noon", True),
        ("2026-13-45", False),
        ("soon", False),
    ],
)
def test_dates_that_have_not_begun_anywhere(text: str, future: bool) -> None:
    evidence = made.evidence(named(dates=[(text, 9)]), tests=[made.ran(TEST)])
    assert [rule for rule, *_ in said(evidence)] == (["TRC014"] if future else [])


def at(moment: datetime | str, **more: Any) -> TraceEvidence:
    text = moment if isinstance(moment, str) else moment.isoformat()
    source = made.evidenced("junit.xml", at=text)
    return made.evidence(named(**DONE), tests=[made.ran(TEST, source="junit.xml", **more)], evidenced=[source])


@pytest.mark.requirement("TRA-6")
@pytest.mark.parametrize(
    ("evidence", "most", "rules"),
    [
        (at(NOON - timedelta(hours=1)), 7200.0, []),
        (at(NOON - timedelta(hours=3)), 7200.0, ["TRC006"]),
        (at(NOON - timedelta(days=999)), None, []),
        (at(NOON + timedelta(hours=1)), None, ["TRC006"]),
        (at("2026-01-02T01:00:00"), None, []),
        (at(""), None, []),
        (at(""), 7200.0, ["TRC006"]),
        (at("yesterday"), 7200.0, ["TRC006"]),
    ],
)
def test_evidence_has_an_age(evidence: TraceEvidence, most: float | None, rules: list[str]) -> None:
    assert [rule for rule, *_ in said(evidence, TraceSettings(max_evidence_age=most))] == rules


def test_the_run_of_this_check_has_none() -> None:
    evidence = made.evidence(named(**DONE), tests=[made.ran(TEST)])
    assert said(evidence, TraceSettings(max_evidence_age=1.0)) == []


LEVELS = TraceSettings(
    levels=(
        Level(name="spec", documents=("spec.md",), needs=("contract", "task")),
        Level(name="contract", documents=("contracts.md",), needs=("code",)),
        Level(name="task", documents=("tasks.md",)),
    )
)


@pytest.mark.requirement("TRA-10")
def test_levels_need_what_is_below_them() -> None:
    spec = made.item("SP-1", level="spec", status="partial")
    assert [one[:2] for one in said(made.evidence(spec), LEVELS)] == [("TRC001", "error")] * 2
    contract = made.item("CO-1", level="contract", status="partial", links=[made.link("parent", "SP-1")])
    task = made.item(
        "TA-1",
        level="task",
        status="partial",
        links=[made.link("parent", "SP-1")],
        validation=[made.command(TEST, tests=[TEST])],
    )
    evidence = made.evidence(spec, contract, task, tests=[made.ran(TEST)], code=[made.annotated("CO-1")])
    assert said(evidence, LEVELS) == []
    assert [one[3] for one in said(made.evidence(spec, contract, task, tests=[made.ran(TEST)]), LEVELS)] == ["CO-1"]


@pytest.mark.requirement("TRA-10")
def test_a_contract_may_be_a_file() -> None:
    spec = made.item("SP-1", level="spec", status="partial", links=[made.link("contract", "api.yaml")])
    messages = [one.message for one in decide(made.evidence(spec), LEVELS, NOON).findings]
    assert messages == ["SP-1 has no item of the level task (what SP-1 is about): name it in one: `Implements: SP-1`"]


@pytest.mark.parametrize(("token", "rules"), [("api.yaml", ["TRC001"]), ("other.yaml", ["TRC015", "TRC001", "TRC001"])])
def test_a_file_without_items_is_of_its_level_where_an_item_names_it(token: str, rules: list[str]) -> None:
    levels = (
        Level(name="spec", documents=("s.md",), needs=("schema",)),
        Level(name="schema", documents=("*.yaml",)),
    )
    spec = made.item("SP-1", level="spec", status="partial", files=[made.file(token)])
    other = made.item("SP-2", level="spec", status="partial")
    evidence = made.evidence(spec, other)
    contract = replace(evidence.documents.items[0], path="api.yaml", level="schema", found=counted(()))
    evidence = sealed(replace(evidence, documents=counted([*evidence.documents.items, contract])))
    assert [one.rule for one in decide(evidence, TraceSettings(levels=levels), NOON).findings] == rules


def test_done_may_ask_for_code() -> None:
    held = TraceSettings(done=("test", "code"))
    evidence = made.evidence(named(**DONE), tests=[made.ran(TEST)])
    assert said(evidence, held) == [("TRC004", "error", 5, "AB-1")]
    assert said(made.evidence(named(**DONE), tests=[made.ran(TEST)], executed=[made.executed("AB-1")]), held) == []


def test_documents_without_items_and_too_few_of_them() -> None:
    evidence = made.evidence(named(), tests=[made.ran(TEST)])
    empty = replace(evidence.documents.items[0], path="docs/none.md", found=counted(()))
    with_empty = sealed(replace(evidence, documents=counted([*evidence.documents.items, empty])))
    assert said(with_empty) == [("TRC015", "error", 1, "docs/none.md")]
    assert said(evidence, TraceSettings(least=2)) == [("TRC015", "error", None, "least")]
    assert said(evidence, TraceSettings(least=1)) == []


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (made.evidence(), "nothing_examined"),
        (made.evidence(named(), tests=[made.ran(TEST)], collected=False, uncollected="no pytest"), "evidence_missing"),
        (replace(made.evidence(named(), tests=[made.ran(TEST)]), seal=""), "evidence_corrupt"),
        (replace(made.evidence(named(), tests=[made.ran(TEST)]), notes=counted(["x"])), "evidence_corrupt"),
    ],
)
def test_what_allows_no_pass(evidence: TraceEvidence, code: str) -> None:
    decision = decide(evidence, PLAIN, NOON)
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.code == code


def test_of_documents_without_items_it_is_said_what_is_read() -> None:
    document = made.evidence(named()).documents.items[0]
    empty = sealed(replace(made.evidence(), documents=counted([replace(document, found=counted(()))])))
    reason = decide(empty, PLAIN, NOON).reason
    assert reason is not None
    assert "checkboxes" in reason.message
    assert "gates trace" not in reason.fix


def test_unknown_tests_are_no_finding_against_what_claims_them() -> None:
    item = made.item(validation=[made.command(TEST, state=None, missing=[(TEST, "")])], **DONE)
    assert said(made.evidence(item, collected=False, uncollected="no pytest")) == []
    assert said(made.evidence(item)) == [("TRC004", "error", 5, "AB-1")]


def test_items_without_a_need_of_tests_need_no_collection() -> None:
    held = TraceSettings(levels=(Level(name="task", documents=("*.md",), needs=()),), done=())
    decision = decide(made.evidence(made.item(), collected=False, uncollected="no pytest"), held, NOON)
    assert (verdict_of(decision), decision.denominator.count) == ("passed", 1)


CASES = {
    "passed": (made.evidence(named(**DONE), tests=[made.ran(TEST)]), PLAIN),
    "by a mark": (made.evidence(made.item(**DONE), tests=[made.ran(TEST, "passed", "AB-1")]), PLAIN),
    "failed": (made.evidence(named(**DONE), tests=[made.ran(TEST, "failed")]), PLAIN),
    "missing": (made.evidence(missing(**DONE)), PLAIN),
    "unknown": (made.evidence(named(), tests=[made.ran(TEST, "passed", "ZZ-1")]), PLAIN),
    "stale": (at(NOON - timedelta(hours=3)), TraceSettings(max_evidence_age=60.0)),
    "dangling": (made.evidence(named(files=[made.file("a.py", exists=False)], **DONE), tests=[made.ran(TEST)]), PLAIN),
    "remarks": (made.evidence(named(), tests=[made.ran(TEST)], remarks=[made.remark("TRC010")]), PLAIN),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_losing_evidence_never_makes_it_better(name: str) -> None:
    evidence, held = CASES[name]
    assert law.breaches(TraceGate(), evidence, held) == []


STATUSES: st.SearchStrategy[Status | None] = st.sampled_from(
    ["open", "partial", "in-progress", "done", "blocked", "cancelled", None]
)
OUTCOMES = st.sampled_from(["passed", "failed", "error", "flaky", "skipped", "xfailed", "xpassed", None])
STATES: st.SearchStrategy[State | None] = st.sampled_from(["resolved", "missing", "not-a-test", "prose", None])


@st.composite
def anything(draw: st.DrawFn) -> TraceEvidence:
    """Evidence that may be whole, and may be odd."""
    tests = [made.ran(f"t.py::test_{at}", draw(OUTCOMES), f"AB-{draw(st.integers(0, 4))}") for at in range(3)]
    items = [
        made.item(
            f"AB-{number}",
            status=draw(STATUSES),
            line=number + 1,
            validation=[
                made.command("x", state=draw(STATES), tests=draw(st.lists(st.sampled_from(["t.py::test_0", "y"]))))
            ],
            dates=[(draw(st.text(max_size=12)), 1)],
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return made.evidence(*items, tests=tests, collected=draw(st.booleans()))


@settings(deadline=None, max_examples=60)
@given(anything())
def test_it_decides_whatever_there_is_and_always_the_same(evidence: TraceEvidence) -> None:
    first = decide(evidence, PLAIN, NOON)
    assert encode(first) == encode(decide(evidence, PLAIN, NOON))
    known = {rule.code for rule in RULES}
    assert {one.rule for one in first.findings} <= known
    assert first.denominator.count == evidence.items.count


@pytest.mark.requirement("TRA-5")
@settings(deadline=None, max_examples=60)
@given(anything(), st.data())
def test_a_worse_outcome_never_makes_it_better(evidence: TraceEvidence, data: st.DataObject) -> None:
    held = list(evidence.tests.items)
    at = data.draw(st.integers(0, len(held) - 1))
    held[at] = replace(held[at], outcome=data.draw(st.sampled_from(["failed", "skipped", None])))
    worse = sealed(replace(evidence, tests=counted(held)))
    if verdict_of(decide(evidence, PLAIN, NOON)) != "passed" and evidence.tests.items[at].outcome == "passed":
        assert verdict_of(decide(worse, PLAIN, NOON)) != "passed"


def test_rules_are_told_apart() -> None:
    codes: Sequence[str] = [rule.code for rule in RULES]
    assert codes == [f"TRC{number:03}" for number in range(1, 17)]
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(one.summary.endswith(".") and one.explanation and one.fix for one in RULES)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AB-2, AB-1", "requirement('AB-2', 'AB-1')"),
        ("['AB-1']", "requirement('AB-1')"),
        ("AB-11", "did you mean AB-1?"),
        ("QQ-77", "add the document that has it"),
    ],
)
def test_what_to_do_about_an_id_that_is_none_is_said(name: str, words: str) -> None:
    evidence = made.evidence(made.item("AB-1"), made.item("AB-2"), tests=[made.ran(TEST, "passed", name)])
    (message,) = [one.message for one in decide(evidence, TraceSettings(), NOON).findings if one.rule == "TRC002"]
    assert words in message


@pytest.mark.parametrize(
    ("item", "tests", "words"),
    [
        (made.item(**DONE), [], '@pytest.mark.requirement("AB-1")'),
        (made.item(**DONE, validation=[made.command("pytest")]), [], "runs all tests or none"),
        (made.item(**DONE, validation=[made.command("ruff", state="not-a-test")]), [], "names no test: mark"),
        (named(**DONE), [made.ran(TEST, None)], "have it run"),
        (named(**DONE), [replace(made.ran(TEST, "failed"), source="a.xml")], "failed in a.xml, and AB-1 is done"),
        (named(**DONE), [replace(made.ran(TEST, "skipped"), source="a.xml")], "was skipped in a.xml"),
    ],
)
def test_what_is_wrong_where_and_what_to_do_is_said(item: Item, tests: Sequence[Any], words: str) -> None:
    (message,) = [one.message for one in decide(made.evidence(item, tests=tests), TraceSettings(), NOON).findings]
    assert words in message
    assert message.endswith("set the item back") or "mend what it shows" in message
