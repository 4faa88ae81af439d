"""Shards of one suite, run apart and decided together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import Refusal
from gates.model.gate import Shard
from gates.model.tested import TestsEvidence
from gates.testing import law
from support import suites
from support.projects import write_project

TESTS = [f"tests/test_a.py::test_{number}" for number in range(6)]
GATE = TestsGate()


def decided(evidence: TestsEvidence) -> Decision:
    return GATE.decide(evidence, TestsSettings(), datetime(2026, 6, 1, tzinfo=UTC))


def shard(
    folder: Path, index: int, count: int, held: Sequence[str], outcome: str = "passed", **first: str
) -> TestsEvidence:
    others = [test for test in TESTS if test not in held]
    between = [line for test in held for line in suites.phases(test, outcome)]
    status = 5 if not held else int(outcome == "failed")
    about = suites.begin(shard=f"{index}/{count}", **first)
    recorded = suites.lines(list(held), *between, suites.warned(), other_shards=others, first=about, status=status)
    if "tree" in first:
        recorded[-1]["tree"] = first["tree"]
    return suites.evidence(recorded, folder)


def merged(parts: Sequence[TestsEvidence]) -> TestsEvidence:
    found = GATE.merge(parts)
    assert isinstance(found, TestsEvidence), found
    return found


def refused(parts: Sequence[TestsEvidence]) -> str:
    found = GATE.merge(parts)
    assert isinstance(found, Refusal)
    return f"{found.reason.code}: {found.reason.message}"


def test_all_shards_are_the_whole_suite(tmp_path: Path) -> None:
    whole = merged([shard(tmp_path, 2, 2, TESTS[3:]), shard(tmp_path, 1, 2, TESTS[:3])])
    decision = decided(whole)
    assert verdict_of(decision) == "passed"
    assert decision.denominator.count == 6
    assert list(whole.selected.items) == TESTS
    assert whole.warnings.items[0].times == 2
    assert law.breaches(GATE, whole, TestsSettings()) == []


def test_one_failed_shard_fails_all(tmp_path: Path) -> None:
    whole = merged([shard(tmp_path, 1, 2, TESTS[:3]), shard(tmp_path, 2, 2, TESTS[3:], "failed")])
    assert verdict_of(decided(whole)) == "failed"


def test_an_error_that_every_shard_collects_is_one(tmp_path: Path) -> None:
    error = {
        "event": "collect_error",
        "nodeid": "x.py",
        "path": "x.py",
        "line": 1,
        "message": "E   ImportError: no",
        "error": "",
        "stack": "",
    }
    first, second = TESTS[:3], TESTS[3:]
    parts = []
    for index, (held, others) in enumerate(((first, second), (second, first)), start=1):
        about = suites.begin(shard=f"{index}/2")
        between = [line for test in held for line in suites.phases(test)]
        recorded = suites.lines(list(held), *between, error, other_shards=others, first=about, status=1)
        parts.append(suites.evidence(recorded, tmp_path))
    decision = decided(merged(parts))
    assert [one.rule for one in decision.findings] == ["TST003"]
    assert decision.reason is None


def test_a_shard_without_tests_is_no_harm(tmp_path: Path) -> None:
    whole = merged([shard(tmp_path, 1, 2, TESTS), shard(tmp_path, 2, 2, [])])
    assert verdict_of(decided(whole)) == "passed"


@given(cut=st.lists(st.integers(1, 3), min_size=6, max_size=6), order=st.permutations([0, 1, 2]))
def test_any_cut_in_any_order_gives_the_same_evidence(
    tmp_path_factory: pytest.TempPathFactory, cut: list[int], order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    parts = [
        shard(folder, index, 3, [test for test, at in zip(TESTS, cut, strict=True) if at == index])
        for index in (1, 2, 3)
    ]
    assert merged([parts[at] for at in order]) == merged(parts)
    assert merged(parts).selected.count == 6
    for gone in range(3):
        assert isinstance(GATE.merge(parts[:gone] + parts[gone + 1 :]), Refusal)


def test_no_shards_at_all() -> None:
    assert refused([]).startswith("evidence_missing")


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    assert "shard 2/3 is missing" in refused([shard(tmp_path, 1, 3, TESTS[:2]), shard(tmp_path, 3, 3, TESTS[2:])])


def test_a_shard_that_is_there_twice(tmp_path: Path) -> None:
    parts = [shard(tmp_path, 1, 2, TESTS[:3]), shard(tmp_path, 2, 2, TESTS[3:])]
    assert "shard 1/2 is there more than once" in refused([*parts, parts[0]])


def test_shards_of_other_cuts(tmp_path: Path) -> None:
    assert "cut into 2 and 3 parts" in refused([shard(tmp_path, 1, 2, TESTS[:3]), shard(tmp_path, 2, 3, TESTS[3:])])


@pytest.mark.parametrize(("what", "said"), [("commit", "commits"), ("tree", "states of the project's files")])
def test_shards_of_another_state(tmp_path: Path, what: str, said: str) -> None:
    found = refused([shard(tmp_path, 1, 2, TESTS[:3]), shard(tmp_path, 2, 2, TESTS[3:], **{what: "other"})])
    assert found.startswith("evidence_foreign")
    assert said in found


def test_shards_of_another_environment_or_platform_belong_together(tmp_path: Path) -> None:
    other = {"environment": "e2", "platform": "win-amd64", "python": "3.13.0"}
    assert merged([shard(tmp_path, 1, 2, TESTS[:3]), shard(tmp_path, 2, 2, TESTS[3:], **other)]).parts.count == 2


def test_shards_that_were_cut_by_other_durations(tmp_path: Path) -> None:
    assert "run by two" in refused([shard(tmp_path, 1, 2, TESTS[:4]), shard(tmp_path, 2, 2, TESTS[3:])])
    assert "run by none" in refused([shard(tmp_path, 1, 2, TESTS[:2]), shard(tmp_path, 2, 2, TESTS[3:])])


def test_shards_that_collected_different_tests(tmp_path: Path) -> None:
    second = shard(tmp_path, 2, 2, TESTS[3:])
    fewer = msgspec.structs.replace(second, other_shards=type(second.other_shards)(2, second.other_shards.items[:2]))
    assert "collected different tests" in refused([shard(tmp_path, 1, 2, TESTS[:3]), fewer])


def test_a_whole_run_merges_with_itself_alone(tmp_path: Path) -> None:
    alone = shard(tmp_path, 1, 1, TESTS)
    assert merged([alone]) == alone


def test_real_shards(tmp_path: Path) -> None:
    suite = "import pytest\n\n\n@pytest.mark.parametrize('number', range(7))\ndef test_many(number):\n    pass\n"
    root = write_project(tmp_path / "project", {"pyproject.toml": "", "tests/test_many.py": suite})
    suites.judged(root, tmp_path)
    found = [suites.judged(root, tmp_path, shard=Shard(index=index, count=2)) for index in (1, 2)]
    parts = [one.evidence for one in found if one.evidence is not None]
    assert [one.verdict for one in found] == ["passed", "passed"]
    assert "--vltair-shard=2/2" in found[1].commands[0]
    assert any(word.startswith("--vltair-durations=") for word in found[1].commands[0])
    decision = decided(merged(parts))
    assert (verdict_of(decision), decision.denominator.count) == ("passed", 7)
