"""Lanes of one suite: each green by itself, and every test run in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import Refusal, counted, encode
from gates.model.tested import TestsEvidence
from gates.testing import law
from support import suites
from support.projects import write_project

A, B, C = (f"tests/test_{name}.py::test_{name}" for name in "abc")
GATE = TestsGate()
STATES = ("passed", "failed", "skipped", "deselected", "lost")


def run(folder: Path, states: Mapping[str, str], *more: dict[str, Any], **first: Any) -> TestsEvidence:
    """One lane: what became of each test; `lost` was selected and has no outcome."""
    selected = [test for test, state in states.items() if state != "deselected"]
    deselected = [test for test, state in states.items() if state == "deselected"]
    between = []
    for test, state in states.items():
        if state == "skipped":
            between += suites.phases(test, None, setup="skipped")
        elif state in {"passed", "failed"}:
            between += suites.phases(test, state)
    status = 1 if "failed" in states.values() else 0 if selected else 5
    modules = first.pop("skipped_modules", [])
    recorded = suites.lines(
        selected,
        *between,
        *more,
        deselected=deselected,
        skipped_modules=modules,
        first=suites.begin(**first),
        status=status,
    )
    if "tree" in first:
        recorded[-1]["tree"] = first["tree"]
    return suites.evidence(recorded, folder)


def joined(lanes: Mapping[str, TestsEvidence]) -> TestsEvidence:
    found = GATE.join(lanes)
    assert isinstance(found, TestsEvidence), found
    return msgspec.json.decode(encode(found), type=TestsEvidence)


def refused(lanes: Mapping[str, TestsEvidence]) -> str:
    found = GATE.join(lanes)
    assert isinstance(found, Refusal)
    return f"{found.reason.code}: {found.reason.message}"


def decided(lanes: Mapping[str, TestsEvidence], **wished: Any) -> Decision:
    return GATE.decide(joined(lanes), TestsSettings(**wished), datetime(2026, 6, 1, tzinfo=UTC))


def found(decision: Decision) -> list[tuple[str, str | None]]:
    return [(one.rule, one.subject) for one in decision.findings]


def test_a_fast_and_a_slow_lane_are_the_whole_suite(tmp_path: Path) -> None:
    lanes = {
        "fast": run(tmp_path, {A: "passed", B: "passed", C: "deselected"}, markexpr="not slow"),
        "slow": run(tmp_path, {A: "deselected", B: "deselected", C: "passed"}, markexpr="slow"),
    }
    decision = decided(lanes)
    assert (verdict_of(decision), decision.denominator.count, found(decision)) == ("passed", 3, [])
    measures = {one.name: one.value for one in decision.measures}
    assert (measures["tests.passed"], measures["tests.nowhere"]) == (3, 0)
    assert (measures["tests.fast.passed"], measures["tests.slow.deselected"]) == (2, 2)
    assert decision.notes == (
        "lane fast (linux-x86_64, Python 3.12.1): 2 of 2 tests ran, 1 deselected",
        "lane slow (linux-x86_64, Python 3.12.1): 1 of 1 tests ran, 2 deselected",
    )
    assert law.breaches(GATE, joined(lanes), TestsSettings()) == []


def test_a_test_that_no_lane_ran_is_a_finding(tmp_path: Path) -> None:
    lanes = {
        "linux": run(tmp_path, {A: "passed", B: "skipped"}),
        "windows": run(tmp_path, {A: "passed", B: "deselected"}, markexpr="not slow"),
    }
    decision = decided(lanes)
    assert verdict_of(decision) == "failed"
    assert found(decision) == [("TST007", "-m 'not slow' (the command line)"), ("TST009", B)]
    nowhere = decision.findings[-1]
    assert nowhere.message == f"{B} ran in no lane: skipped (why) in linux, deselected in windows"
    assert nowhere.path == "tests/test_b.py"
    assert law.breaches(GATE, joined(lanes), TestsSettings()) == []


def test_a_test_that_only_one_lane_knows_must_run_there(tmp_path: Path) -> None:
    lanes = {"linux": run(tmp_path, {A: "passed"}), "windows": run(tmp_path, {A: "passed", B: "skipped"})}
    assert found(decided(lanes)) == [("TST009", B)]
    lanes["windows"] = run(tmp_path, {A: "passed", B: "passed"})
    assert verdict_of(decided(lanes)) == "passed"


def test_a_failure_in_one_lane_fails_and_says_where(tmp_path: Path) -> None:
    lanes = {
        "linux": run(tmp_path, {A: "passed", B: "failed"}),
        "windows": run(tmp_path, {A: "failed", B: "failed"}),
    }
    decision = decided(lanes)
    assert verdict_of(decision) == "failed"
    messages = {one.subject: one.message for one in decision.findings}
    assert messages == {A: f"{A} failed: why (in lane windows)", B: f"{B} failed: why"}
    assert {one.name: one.value for one in decision.measures}["tests.failed"] == 2


def test_a_lane_that_was_cut_short_is_undecided(tmp_path: Path) -> None:
    bad = suites.evidence(suites.lines([A], *suites.phases(A), status=2), tmp_path)
    decision = decided({"linux": run(tmp_path, {A: "passed"}), "windows": bad})
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.message.startswith("lane windows: pytest was interrupted")


def test_a_lane_in_which_nothing_ran_proves_nothing(tmp_path: Path) -> None:
    decision = decided({"linux": run(tmp_path, {A: "passed"}), "slow": run(tmp_path, {A: "deselected"})})
    assert decision.reason is not None
    assert decision.reason.message.startswith("lane slow: not one test ran")


def test_a_test_without_an_outcome_is_said_once(tmp_path: Path) -> None:
    lanes = {"linux": run(tmp_path, {A: "passed", B: "lost"}), "windows": run(tmp_path, {A: "passed", B: "deselected"})}
    assert [one for one in found(decided(lanes)) if one[1] == B] == [("TST004", B)]


def test_modules_may_be_skipped_in_one_lane_and_not_in_all(tmp_path: Path) -> None:
    skipped = [{"nodeid": "tests/test_b.py", "message": "no winreg"}]
    linux = run(tmp_path, {A: "passed"}, skipped_modules=skipped)
    assert found(decided({"linux": linux, "windows": run(tmp_path, {A: "passed", B: "passed"})})) == []
    decision = decided({"linux": linux, "macos": run(tmp_path, {A: "passed"}, skipped_modules=skipped)})
    assert found(decision) == [("TST008", "tests/test_b.py"), ("TST009", "tests/test_b.py")]
    assert "skipped (no winreg) in linux, skipped (no winreg) in macos" in decision.findings[1].message


def test_files_that_lf_passed_over_are_not_known_to_have_run(tmp_path: Path) -> None:
    lanes = {"linux": run(tmp_path, {A: "passed"}), "again": run(tmp_path, {A: "passed"}, last_failed=True)}
    assert [one[0] for one in found(decided(lanes))] == ["TST007"]


def test_named_packages_must_be_imported_in_one_lane(tmp_path: Path) -> None:
    lanes = {"linux": run(tmp_path, {A: "passed"}), "windows": run(tmp_path, {A: "passed"})}
    assert verdict_of(decided(lanes, packages=("sample",))) == "passed"
    reason = decided(lanes, packages=("sample", "other")).reason
    assert reason is not None
    assert "never imported other" in reason.message


def test_a_limit_of_warnings_holds_in_each_lane(tmp_path: Path) -> None:
    lanes = {
        "linux": run(tmp_path, {A: "passed"}, suites.warned(), suites.warned()),
        "windows": run(tmp_path, {A: "passed"}, suites.warned()),
    }
    assert verdict_of(decided(lanes, max_warnings=2)) == "passed"
    decision = decided(lanes, max_warnings=1)
    assert [one.message for one in decision.findings] == ["2 warnings, and 1 are allowed (in lane linux)"]
    (warnings,) = [one for one in decision.measures if one.name == "tests.warnings"]
    assert (warnings.value, warnings.limit) == (2, 1)


@pytest.mark.parametrize(("what", "said"), [("commit", "commits"), ("tree", "states of the project's files")])
def test_lanes_of_another_state(tmp_path: Path, what: str, said: str) -> None:
    lanes = {"linux": run(tmp_path, {A: "passed"}), "windows": run(tmp_path, {A: "passed"}, **{what: "other"})}
    assert refused(lanes) == f"evidence_foreign: the lanes linux and windows are of different {said}"


def test_what_is_no_whole_run_is_no_lane(tmp_path: Path) -> None:
    assert refused({}).startswith("evidence_missing")
    shard = run(tmp_path, {A: "passed"}, shard="1/2")
    assert refused({"linux": shard}) == "evidence_incomplete: the lane linux is no whole run of the suite"
    within = joined({"linux": run(tmp_path, {A: "passed"})})
    assert "no whole run" in refused({"all": within})


def test_each_shard_of_a_lane_says_what_it_ran(tmp_path: Path) -> None:
    shards = []
    for index, (held, other) in enumerate(((A, B), (B, A)), start=1):
        about = suites.begin(shard=f"{index}/2")
        recorded = suites.lines([held], *suites.phases(held), other_shards=[other], first=about)
        shards.append(suites.evidence(recorded, tmp_path))
    whole = GATE.merge(shards)
    assert isinstance(whole, TestsEvidence)
    alone = GATE.decide(whole, TestsSettings(), datetime(2026, 6, 1, tzinfo=UTC))
    assert alone.notes == ("shard 1/2: 1 of 1 tests ran", "shard 2/2: 1 of 1 tests ran")
    notes = decided({"linux": whole}).notes
    assert notes[1:] == ("lane linux, shard 1/2: 1 of 1 tests ran", "lane linux, shard 2/2: 1 of 1 tests ran")


def test_evidence_that_lost_its_lanes_does_not_pass(tmp_path: Path) -> None:
    whole = joined({"linux": run(tmp_path, {A: "passed"}), "windows": run(tmp_path, {A: "passed"})})
    bare = msgspec.structs.replace(whole, lanes=counted(()))
    decision = GATE.decide(bare, TestsSettings(), datetime(2026, 6, 1, tzinfo=UTC))
    assert verdict_of(decision) == "undecided"


STATE = st.sampled_from(STATES)
SUITE = st.fixed_dictionaries({A: STATE, B: STATE, C: STATE})


@settings(max_examples=60)
@given(suite=st.fixed_dictionaries({"linux": SUITE, "windows": SUITE}), data=st.data())
def test_what_a_lane_no_longer_ran_never_improves_the_verdict(
    tmp_path_factory: pytest.TempPathFactory, suite: dict[str, dict[str, str]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("lanes")
    before = decided({name: run(folder, states) for name, states in suite.items()})
    ran = [(name, test) for name, states in suite.items() for test, state in states.items() if state == "passed"]
    if not ran:
        assert verdict_of(before) != "passed"
        return
    name, test = data.draw(st.sampled_from(ran))
    less = {**suite, name: {**suite[name], test: data.draw(st.sampled_from(["skipped", "deselected", "lost"]))}}
    after = decided({name: run(folder, states) for name, states in less.items()})
    assert law.lawful(before, after)


@settings(max_examples=30)
@given(suite=st.fixed_dictionaries({"linux": SUITE, "windows": SUITE, "macos": SUITE}))
def test_a_pass_means_that_every_test_ran_and_none_failed(
    tmp_path_factory: pytest.TempPathFactory, suite: dict[str, dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("lanes")
    lanes = {name: run(folder, states) for name, states in suite.items()}
    decision = decided(lanes)
    states = [state for held in suite.values() for state in held.values()]
    everywhere = all(any(held[test] == "passed" for held in suite.values()) for test in (A, B, C))
    alive = all("passed" in held.values() for held in suite.values())
    green = everywhere and alive and not {"failed", "lost"} & set(states)
    assert (verdict_of(decision) == "passed") is green
    backwards = decided(dict(reversed(list(lanes.items()))))
    assert sorted(found(backwards), key=str) == sorted(found(decision), key=str)


def test_a_single_run_may_be_asked_to_run_all(tmp_path: Path) -> None:
    evidence = run(tmp_path, {A: "passed", B: "skipped", C: "deselected"})
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert verdict_of(GATE.decide(evidence, TestsSettings(), now)) == "passed"
    decision = GATE.decide(evidence, TestsSettings(run_all=True), now)
    nowhere = [one.message for one in decision.findings if one.rule == "TST009"]
    assert nowhere == [f"{B} did not run: skipped (why)", f"{C} did not run: deselected"]
    assert law.breaches(GATE, evidence, TestsSettings(run_all=True)) == []


def test_real_lanes(tmp_path: Path) -> None:
    suite = "import pytest\n\n\ndef test_fast():\n    pass\n\n\n@pytest.mark.slow\ndef test_slow():\n    pass\n"
    pyproject = '[tool.pytest.ini_options]\nmarkers = ["slow"]\n'
    root = write_project(tmp_path / "project", {"pyproject.toml": pyproject, "tests/test_many.py": suite})
    lanes = {}
    for name, wanted in (("fast", "not slow"), ("slow", "slow")):
        judged = suites.judged(root, tmp_path, environ={"PYTEST_ADDOPTS": f"-m '{wanted}'"})
        assert judged.rules == ["TST007"]
        assert judged.evidence is not None
        lanes[name] = judged.evidence
    decision = decided(lanes)
    assert (verdict_of(decision), decision.denominator.count, found(decision)) == ("passed", 2, [])
