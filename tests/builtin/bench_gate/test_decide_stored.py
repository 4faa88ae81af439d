"""Decide: against the history, which knows how runs of the same code differ, or does not."""

from __future__ import annotations

import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import Kept, Past
from gates.builtin.bench.judging import drift
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from support import bench_evidence as made

PLAIN = made.settings()


def rules(decision: Decision) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in decision.findings]


def test_the_same_code_passes_and_a_slower_one_is_red() -> None:
    history = [made.kept(runs=8, drift=0.005)]
    assert verdict_of(decide(made.stored(made.alone(), history=history), PLAIN)) == "passed"
    slower = decide(made.stored(made.alone(change=20, weather=0), history=history), PLAIN)
    assert (verdict_of(slower), rules(slower)) == ("failed", [("BEN001", "error")])
    assert "limit 5 %: 1.00 ms in the history, 1.2" in slower.findings[0].message


def test_what_is_within_the_drift_of_runs_is_no_regression() -> None:
    """The same figure is a regression where runs agree, and nothing that anybody knows where they do not."""
    slower = made.alone(change=12)
    steady = made.stored(slower, history=[made.kept(runs=8, drift=0.002)])
    drifting = made.stored(slower, history=[made.kept(runs=8, drift=0.06)])
    assert verdict_of(decide(steady, PLAIN)) == "failed"
    decision = decide(drifting, PLAIN)
    assert (verdict_of(decision), rules(decision)) == ("undecided", [("BEN007", "warning")])
    assert decision.reason is not None
    assert "after 8 runs of the history" in decision.reason.message


def test_an_improvement_that_the_history_does_not_know_is_a_note() -> None:
    faster = decide(made.stored(made.alone(change=-20), history=[made.kept(runs=8, drift=0.005)]), PLAIN)
    assert (verdict_of(faster), rules(faster)) == ("passed", [("BEN002", "note")])
    assert "less (" in faster.findings[0].message
    assert "the history does not know" in faster.findings[0].message


def test_one_benchmark_of_many_has_a_wider_interval() -> None:
    pairs, kept = made.pairs(sides=("head",)), made.kept(runs=8)
    few, many = drift.estimate(pairs, kept, 1), drift.estimate(pairs, kept, 100)
    assert few is not None
    assert many is not None
    assert few.change == many.change
    assert many.high - many.low > few.high - few.low


def test_the_interval_is_that_of_one_more_run_and_not_of_the_mean() -> None:
    """The mean of ever more runs is known ever better, and the next one still drifts."""
    pairs = made.pairs(sides=("head",), weather=0, noise=0.001)
    few, many = (drift.estimate(pairs, made.kept(runs=runs, drift=0.02, seed=3), 1) for runs in (10, 20))
    assert few is not None
    assert many is not None
    assert many.high - many.low > 0.6 * (few.high - few.low)
    assert many.high - many.low > 2 * 0.02


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_too_few_runs_have_no_interval(runs: int) -> None:
    assert drift.estimate(made.pairs(sides=("head",)), made.kept(runs=runs), 1) is None


def test_only_the_newest_runs_count() -> None:
    old = made.kept(runs=30, drift=0.001)
    aged = [
        one if at < drift.MOST else Past(run=one.run, processes=counted([9.0]), median=9.0, p95=9.0)
        for at, one in enumerate(old.runs.items)
    ]
    evidence = made.stored(made.alone(), history=[Kept(id=old.id, runs=counted(aged), foreign=0, differs="")])
    assert verdict_of(decide(evidence, PLAIN)) == "passed"


@pytest.mark.parametrize(
    ("kept", "rule", "code", "said"),
    [
        (
            made.kept(runs=2),
            ("BEN007", "warning"),
            "evidence_missing",
            "the history has 2 runs of test_a on this machine, and 3 are needed to know how runs differ",
        ),
        (
            made.kept(runs=0, foreign=4),
            ("BEN009", "warning"),
            "evidence_foreign",
            "the history knows test_a only from elsewhere (4 runs): its processor is another one",
        ),
        (
            made.kept(runs=1, foreign=4),
            ("BEN007", "warning"),
            "evidence_missing",
            "the history has 1 run of test_a on this machine, and 3 are needed to know how runs differ",
        ),
    ],
)
def test_too_few_runs_and_foreign_ones_are_undecided(kept: Kept, rule: tuple[str, str], code: str, said: str) -> None:
    known = made.kept("test_b", runs=8)
    decision = decide(made.stored(made.alone(), made.alone("test_b"), history=[kept, known]), PLAIN)
    assert (verdict_of(decision), rules(decision)) == ("undecided", [rule])
    assert decision.findings[0].message == said
    assert decision.reason is not None
    assert (decision.reason.code, decision.reason.message) == (code, said)
    assert decision.denominator.count == 1


def test_several_of_them_are_counted() -> None:
    foreign = [made.kept(name, runs=0, foreign=1) for name in ("test_a", "test_b")]
    decision = decide(made.stored(made.alone(), made.alone("test_b"), history=foreign), PLAIN)
    assert decision.reason is not None
    assert decision.reason.message.endswith("; so it does 1 more")
    few = [made.kept(name, runs=1) for name in ("test_a", "test_b")]
    decision = decide(made.stored(made.alone(), made.alone("test_b"), history=few), PLAIN)
    assert decision.reason is not None
    assert decision.reason.message.endswith(" and 1 more")


def test_what_the_history_does_not_know_is_red_and_so_is_what_only_it_knows() -> None:
    decision = decide(made.stored(made.alone("test_new"), history=[made.kept("test_old")]), PLAIN)
    assert rules(decision) == [("BEN003", "error"), ("BEN006", "error")]
    assert [one.message for one in decision.findings] == [
        "test_old is in the history and is not there any more; test_new appeared, which may be it under a new name",
        "test_new has nothing to be compared with: the history does not know it",
    ]


def test_a_file_beside_base_is_compared_with_the_history() -> None:
    of_file = made.benchmark("parse", kind="file", many=1, sides=("head",), before=False, change=30)
    kept = made.kept(runs=8, drift=0.002)
    history = [Kept(id="parse", runs=kept.runs, foreign=0, differs="")]
    paired = made.evidence(made.benchmark("test_b"), of_file, history=counted(history))
    decision = decide(paired, PLAIN)
    assert (verdict_of(decision), rules(decision)) == ("failed", [("BEN001", "error")])
    assert decision.denominator.count == 2
