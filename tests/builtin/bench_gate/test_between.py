"""Between: one benchmark against another of the same run, process by process."""

from __future__ import annotations

import math

import msgspec
import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import Benchmark
from gates.builtin.bench.judging import between
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from support import bench_evidence as made


def decided(*benchmarks: Benchmark, most: float = 10, names: tuple[str, str] = ("test_on", "test_off")) -> Decision:
    limit = {"benchmark": names[0], "against": names[1], "at-most": most}
    return decide(made.evidence(*benchmarks), made.settings(between=[limit]))


def cost(percent: float, noise: float = 0.0) -> tuple[Benchmark, Benchmark]:
    """`test_off`, and `test_on` which takes longer; processes differ by a half from one another, each for both."""
    plain = made.pairs(noise=0, weather=0)
    slow = [1 + number / 16 for number in range(len(plain))]
    held = {"test_off": 1.0, "test_on": 1 + percent / 100}
    found = []
    for name, factor in held.items():
        ripple = [math.exp(noise * math.sin(7.3 * number + len(name))) for number in range(len(plain))]
        times = [made.pairs(noise=0, weather=0, time=1e-3)[0].head.items[0] * one for one in slow]
        pairs = [
            made.timed(at, base=[time], head=[time * factor * ripple[at]], control=[time])
            for at, time in enumerate(times)
        ]
        found.append(made.benchmark(name, held=pairs, limit=100))
    return found[0], found[1]


def test_what_both_processes_share_is_no_noise() -> None:
    """Processes differ by a half, and each has both: the cost is known exactly."""
    decision = decided(*cost(8))
    assert verdict_of(decision) == "passed"
    (measure,) = [one for one in decision.measures if one.name == "bench.test_on.over.test_off"]
    assert measure.value == pytest.approx(8)
    assert (measure.limit, measure.limit_from) == (10, "setting:between[0].at-most")


def test_a_cost_over_its_limit_is_red() -> None:
    decision = decided(*cost(12))
    assert verdict_of(decision) == "failed"
    (found,) = decision.findings
    assert (found.rule, found.subject) == ("BEN008", "tests/test_bench.py::test_on")
    assert found.message == "test_on takes 12.0 % longer than test_off (12.0 % to 12.0 %), at most 10 % longer"


def test_a_cost_below_nothing_is_within_its_limit() -> None:
    decision = decided(*cost(-20))
    assert verdict_of(decision) == "passed"


def test_a_limit_inside_of_the_interval_is_undecided() -> None:
    decision = decided(*cost(10, noise=0.05))
    assert (verdict_of(decision), [one.rule for one in decision.findings]) == ("undecided", ["BEN007"])
    assert decision.reason is not None
    assert decision.reason.code == "too_noisy"
    assert decision.reason.message.endswith("at most 10 % longer: the limit is inside of what is known")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("test_zero", "test_off"), "'test_zero' names no benchmark, and a cost is between two"),
        (("test_on", "test_*"), "'test_*' names 2 benchmarks, and a cost is between two"),
        (("test_on", "test_on"), "'test_on' and 'test_on' name one benchmark"),
    ],
)
def test_names_must_name_two_benchmarks(names: tuple[str, str], said: str) -> None:
    decision = decided(*cost(0), names=names)
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert (decision.reason.code, decision.reason.message) == ("nothing_examined", said)


@pytest.mark.parametrize(
    "name", ["test_on", "tests/test_bench.py::test_on", "tests/*::test_on", "test_o?n", "test_on*"]
)
def test_a_benchmark_is_named_by_its_id_its_name_or_a_glob(name: str) -> None:
    held = cost(0)
    found = between.named(name, held)
    assert [one.id for one in found] == ([] if "?" in name else ["tests/test_bench.py::test_on"])


def test_a_name_without_its_class_is_enough_and_brackets_are_themselves() -> None:
    held = [made.benchmark("TestA::test_x[a-b]", held=[]), made.benchmark("test_y", held=[])]
    assert between.named("test_x[a-b]", held) == held[:1]
    assert between.named("TestA::test_x[a-b]", held) == held[:1]
    assert between.named("test_x[ab]", held) == []


def test_without_figures_of_one_of_them_nothing_is_decided() -> None:
    off, on = cost(0)
    broken = msgspec.structs.replace(on, problems=counted(made.problem("errored", "head")))
    decision = decided(off, broken)
    assert verdict_of(decision) == "failed"
    assert decision.reason is not None
    assert decision.reason.message == "tests/test_bench.py::test_on has no figures of head"


def test_what_never_ran_together_cannot_be_compared() -> None:
    off, on = cost(0)
    elsewhere = [msgspec.structs.replace(one, pair=one.pair + 50) for one in on.pairs.items]
    decision = decided(off, msgspec.structs.replace(on, pairs=counted(elsewhere)))
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert "ran in less than two processes together" in decision.reason.message
    assert decision.reason.code == "evidence_incomplete"
