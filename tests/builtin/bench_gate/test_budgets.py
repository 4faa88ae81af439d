"""Budgets: durations, the interval over processes, and what straddles."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import Benchmark, Kept
from gates.builtin.bench.judging import budgets, words
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from support import bench_evidence as made


def decided(*benchmarks: Benchmark, **budget: str) -> tuple[str, Decision]:
    decision = decide(made.evidence(*benchmarks), made.settings(budget=[{"glob": "test_*", **budget}]))
    return verdict_of(decision), decision


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3 ms", 3e-3), (" 2.5us ", 2.5e-6), ("2.5 µs", 2.5e-6), ("700ns", 7e-7), ("1 s", 1.0), ("0.25s", 0.25)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert budgets.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["3", "ms", "-3 ms", "3 min", "3,5 ms", "1e3 s", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        budgets.seconds(text)
    with pytest.raises(msgspec.ValidationError):
        made.settings(budget=[{"glob": "*", "p50": text}])


@settings(deadline=None, max_examples=50)
@given(st.floats(1e-9, 999))
def test_a_duration_that_is_written_reads_as_the_same(seconds: float) -> None:
    assert budgets.seconds(words.duration(seconds)) == pytest.approx(seconds, rel=0.006)


def test_within_its_budget_it_passes_and_says_the_limit() -> None:
    verdict, decision = decided(made.benchmark(), p50="1.2 ms", p95="1.3 ms")
    assert (verdict, decision.findings) == ("passed", ())
    measures = {one.name: one for one in decision.measures}
    for name, limit in (("p50", 1.2), ("p95", 1.3)):
        held = measures[f"bench.test_a.{name}"]
        assert held.limit == pytest.approx(limit)
        assert held.value == pytest.approx(1.05, abs=0.06)
        assert (held.unit, held.limit_from) == ("ms", f"setting:budget[0].{name}")


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"p50": "0.9 ms"}, "the median call of test_a takes 999 µs (990 µs to "),
        ({"p95": "1 ms"}, "the 95th of 100 calls of test_a "),
    ],
)
def test_over_its_budget_it_is_red_whatever_base_took(budget: dict[str, str], said: str) -> None:
    verdict, decision = decided(made.benchmark(), **budget)
    assert verdict == "failed"
    (found,) = decision.findings
    assert (found.rule, found.severity) == ("BEN008", "error")
    assert found.message.startswith(said)
    assert found.message.endswith(f"budget {words.duration(budgets.seconds(next(iter(budget.values()))))}")


def test_a_budget_inside_of_the_interval_is_undecided() -> None:
    verdict, decision = decided(made.benchmark(noise=0.02), p50="1 ms")
    assert (verdict, [one.rule for one in decision.findings]) == ("undecided", ["BEN007"])
    assert decision.reason is not None
    assert decision.reason.code == "too_noisy"
    assert decision.reason.message.endswith("budget 1.00 ms: the limit is inside of what is known")


def test_one_process_says_nothing_of_processes() -> None:
    one = made.benchmark("parse", kind="file", many=1, sides=("head",), before=False)
    kept = made.kept(runs=8)
    history = [Kept(id="parse", runs=kept.runs, foreign=0, differs="")]
    decision = decide(made.stored(one, history=history), made.settings(budget=[{"glob": "parse", "p50": "9 s"}]))
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.code == "evidence_incomplete"
    assert "a single process says nothing" in decision.reason.message


def test_what_base_cannot_run_keeps_to_its_budget_all_the_same() -> None:
    problems = made.problem("errored", "base", "control")
    new = made.benchmark("test_new", sides=("head",), before=False, problems=problems)
    verdict, decision = decided(new, p50="0.5 ms")
    assert verdict == "failed"
    assert [one.rule for one in decision.findings] == ["BEN006", "BEN008"]
    verdict, decision = decided(new, p50="5 ms")
    assert (verdict, str(decision.denominator)) == ("passed", "1 benchmark")


def test_what_head_cannot_run_has_no_figures_for_a_budget() -> None:
    broken = made.benchmark("test_x", problems=made.problem("crashed", "head"))
    _, decision = decided(made.benchmark(), broken, p50="0.5 ms")
    assert [one.rule for one in decision.findings] == ["BEN005", "BEN008"]


@pytest.mark.parametrize("table", ["budget", "limits"])
def test_a_glob_that_names_none_is_undecided(table: str) -> None:
    given: dict[str, Any] = {"p50": "9 s"} if table == "budget" else {"limit": 50}
    settings = made.settings(**{table: [{"glob": "test_z*", **given}]})
    decision = decide(made.evidence(made.benchmark()), settings)
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.message == "the glob 'test_z*' names none of the 1 benchmark"
    assert decision.reason.fix == f"mend or remove its table [[tool.gates.bench.{table}]]"


def test_a_budget_of_nothing_is_passed_over() -> None:
    verdict, _ = decided(made.benchmark(), p50="0 ms")
    assert verdict == "failed"


def test_processes_of_other_sides_do_not_count() -> None:
    half = [*made.pairs(many=8), made.timed(99, base=[1.0], control=[1.0])]
    evidence = made.evidence(made.benchmark(held=half), planned=8)
    (check,) = budgets.checks(evidence.benchmarks.items, made.settings(budget=[{"glob": "*", "p50": "2 ms"}]))
    assert check.found is not None
    assert check.found.pairs == 8
    assert counted(half).count == 9
