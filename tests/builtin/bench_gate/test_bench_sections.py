"""Sections of the gate: changes with their intervals, the most urgent first, and figures that are held to a limit."""

from __future__ import annotations

from gates.builtin.bench.sections import sections
from gates.model.section import Intervals, Mark, Section, Table
from support.bench_evidence import benchmark, evidence, problem, settings


def made(*benchmarks: object, **given: object) -> dict[str, Section]:
    return {one.title: one for one in sections(evidence(*benchmarks), settings(**given))}  # type: ignore[arg-type]


def test_changes_have_their_intervals_and_the_worst_is_the_first() -> None:
    held = made(benchmark("test_same"), benchmark("test_slow", change=40.0), benchmark("test_fast", change=-30.0))
    intervals = held["Benchmarks"]
    assert isinstance(intervals, Intervals)
    assert [(one.name.partition("::")[2], one.word, one.standing) for one in intervals.rows] == [
        ("test_slow", "regressed", "failed"),
        ("test_fast", "improved", "passed"),
        ("test_same", "no change", "none"),
    ]
    slow = intervals.rows[0]
    assert 35 < slow.low < slow.value < slow.high < 45
    assert slow.limit == 5.0
    assert "base 1f2e3d4c5b6a" in intervals.lead


def test_budgets_and_what_has_no_figures_are_tables() -> None:
    crashed = benchmark("test_gone", problems=problem("crashed", "head"), held=())
    held = made(benchmark("test_a"), crashed, budget=[{"glob": "tests/*", "p50": "1 us"}])
    budgets, missing = held["Budgets and costs"], held["Not compared"]
    assert isinstance(budgets, Table)
    assert isinstance(missing, Table)
    assert budgets.rows[0][-1] == Mark("over", "failed")
    assert budgets.rows[0][3] == "1.00 µs"
    assert [row[0] for row in missing.rows] == ["tests/test_bench.py::test_gone"]


def test_nothing_measured_is_said() -> None:
    intervals = made()["Benchmarks"]
    assert isinstance(intervals, Intervals)
    assert not intervals.rows
    assert intervals.lead
