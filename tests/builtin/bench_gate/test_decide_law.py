"""Decide: losing evidence never makes a verdict better, and the same figures always say the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import BenchEvidence, Benchmark, Problem, Timed
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.judging import problems
from gates.builtin.bench.judging.tables import tables
from gates.model.decision import verdict_of
from gates.model.evidence import counted, encode
from gates.render.bench import markdown, picture
from gates.testing import law
from support import bench_evidence as made

T = TypeVar("T", bound=msgspec.Struct)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SMALL: Mapping[str, Any] = {"many": 4}

GREEN = made.evidence(made.benchmark("test_a", **SMALL), made.benchmark("test_b", **SMALL))
RED = made.evidence(made.benchmark("test_a", change=12, **SMALL), made.benchmark("test_b", **SMALL))
MARKED = made.evidence(made.benchmark("test_a", change=12, limit=3.0, **SMALL), made.benchmark("test_b", **SMALL))
STORED = made.stored(made.alone("test_a", many=3), history=[made.kept("test_a", runs=4, drift=0.001)])
WORSE = made.stored(made.alone("test_a", many=3, change=30), history=[made.kept("test_a", runs=4, drift=0.001)])
GONE = made.evidence(
    made.benchmark("test_a", **SMALL), made.benchmark("test_b", held=[], problems=made.problem("left", "head"))
)
NEW = made.evidence(
    made.benchmark("test_a", **SMALL),
    made.benchmark("test_b", held=[], before=False, problems=made.problem("errored", "base", "control")),
)
NOISY = made.evidence(made.benchmark("test_a", noise=0.3, **SMALL), made.benchmark("test_b", **SMALL))
ALARMED = made.evidence(made.benchmark("test_a", control=20, **SMALL), made.benchmark("test_b", **SMALL))
LIMITED = made.settings(
    limits=[{"glob": "test_a", "limit": 40}],
    budget=[{"glob": "test_b", "p50": "2 ms", "p95": "3 ms"}],
    between=[{"benchmark": "test_b", "against": "test_a", "at-most": 30}],
)
CASES = {
    "green": (GREEN, made.settings(), "passed"),
    "limited": (GREEN, LIMITED, "passed"),
    "over budget": (GREEN, made.settings(budget=[{"glob": "test_b", "p50": "0.2 ms"}]), "failed"),
    "a cost": (GREEN, made.settings(between=[{"benchmark": "*_b", "against": "*_a", "at-most": 0.001}]), "undecided"),
    "red": (RED, made.settings(), "failed"),
    "prove": (RED, made.settings(rule="prove", limit=0.01), "failed"),
    "marked": (MARKED, made.settings(limit=50), "failed"),
    "stored": (STORED, made.settings(limit=50), "passed"),
    "worse than the history": (WORSE, made.settings(), "failed"),
    "gone": (GONE, made.settings(), "failed"),
    "new": (NEW, made.settings(), "passed"),
    "noisy": (NOISY, made.settings(), "undecided"),
    "alarmed": (ALARMED, made.settings(), "undecided"),
}


@pytest.mark.requirement("VRD-3")
@pytest.mark.parametrize("name", CASES)
def test_losing_evidence_never_makes_it_better(name: str) -> None:
    evidence, held, verdict = CASES[name]
    assert verdict_of(BenchGate().decide(evidence, held, NOON)) == verdict
    assert law.breaches(BenchGate(), evidence, held) == []


@pytest.mark.parametrize("name", ["green", "limited", "stored"])
def test_what_is_left_out_as_a_whole_is_seen(name: str) -> None:
    """A list that was counted anew after something was taken out of it."""
    evidence, held, _ = CASES[name]
    for lost in _counted_anew(evidence):
        assert verdict_of(decide(lost, held)) != "passed", lost


def _counted_anew(evidence: BenchEvidence) -> list[BenchEvidence]:
    found = [_with(evidence, "benchmarks", at) for at in range(evidence.benchmarks.count)]
    found += [_with(evidence, "head_ids", at) for at in range(evidence.head_ids.count)]
    found += [_with(evidence, "history", at) for at in range(evidence.history.count)]
    for at, one in enumerate(evidence.benchmarks.items):
        for number, pair in enumerate(one.pairs.items):
            found.append(_replaced(evidence, at, _with(one, "pairs", number)))
            for side in ("base", "head", "control"):
                if getattr(pair, side).count:
                    shorter = _with(pair, side, 0)
                    gone = msgspec.structs.replace(pair, **{side: counted([])})
                    if evidence.mode == "paired":
                        found.append(_replaced(evidence, at, _changed(one, number, shorter)))
                    found.append(_replaced(evidence, at, _changed(one, number, gone)))
    return found


def _with(value: T, field: str, at: int) -> T:
    items = getattr(value, field).items
    return msgspec.structs.replace(value, **{field: counted([*items[:at], *items[at + 1 :]])})


def _changed(one: Benchmark, number: int, pair: Timed) -> Benchmark:
    items = list(one.pairs.items)
    items[number] = pair
    return msgspec.structs.replace(one, pairs=counted(items))


def _replaced(evidence: BenchEvidence, at: int, one: Benchmark) -> BenchEvidence:
    items = list(evidence.benchmarks.items)
    items[at] = one
    return msgspec.structs.replace(evidence, benchmarks=counted(items))


ODD = st.sampled_from([0.0, -1.0, 1e-9, 1e-3, 1.0, 1e9, float("inf"), float("nan")])
TIMES = st.lists(st.floats(1e-6, 1e-2) | ODD, max_size=3).map(tuple)
PROBLEMS = st.builds(
    Problem,
    side=st.sampled_from(["base", "head", "control"]),
    kind=st.sampled_from(list(problems.HAPPENED)),
    message=st.text(max_size=5),
)


@st.composite
def anything(draw: st.DrawFn) -> BenchEvidence:
    """Evidence that may be whole, and mostly is not."""
    benchmarks = []
    for number in range(draw(st.integers(0, 3))):
        pairs = [
            made.timed(at, base=draw(TIMES), head=draw(TIMES), control=draw(TIMES))
            for at in draw(st.lists(st.integers(0, 4), max_size=4))
        ]
        benchmarks.append(
            made.benchmark(
                f"test_{draw(st.sampled_from([number, 0]))}",
                held=pairs,
                problems=draw(st.lists(PROBLEMS, max_size=2)),
                limit=draw(st.none() | ODD),
                kind=draw(st.sampled_from(["test", "command", "import", "file"])),
            )
        )
    history = [
        made.kept(f"test_{at}", runs=draw(st.integers(0, 4)), foreign=at) for at in range(draw(st.integers(0, 3)))
    ]
    more = {"planned": draw(st.integers(-1, 4)), "most": draw(st.integers(0, 4)), "history": counted(history)}
    return made.evidence(*benchmarks, mode=draw(st.sampled_from(["paired", "stored"])), **more)


@settings(deadline=None, max_examples=50)
@given(anything(), st.sampled_from(["detect", "prove"]))
def test_it_decides_whatever_there_is_and_always_the_same(evidence: BenchEvidence, rule: str) -> None:
    held = made.settings(
        rule=rule,
        budget=[{"glob": "*", "p50": "1 ms"}],
        between=[{"benchmark": "test_0", "against": "test_1", "at-most": 1}],
    )
    first, second = decide(evidence, held), decide(evidence, held)
    assert encode(first) == encode(second)
    assert BenchGate().tables(evidence, held) == BenchGate().tables(evidence, held)


@st.composite
def whole(draw: st.DrawFn) -> BenchEvidence:
    """Evidence that a run could have, however odd its figures."""
    far = st.floats(1e-14, 1e8)
    stored = draw(st.booleans())
    held = []
    for number in range(draw(st.integers(1, 4))):
        times = [
            (() if stored else [draw(far)], [draw(far)], () if stored else [draw(far)])
            for _ in range(draw(st.integers(2, 5)))
        ]
        pairs = [
            made.timed(at, base=base, head=head, control=control) for at, (base, head, control) in enumerate(times)
        ]
        found = draw(st.lists(PROBLEMS.filter(lambda one: one.kind != "left"), max_size=2))
        held.append(made.benchmark(f"test_{number}", held=pairs, problems=found, before=not stored))
    if stored:
        runs = draw(st.lists(st.integers(0, 4), min_size=len(held), max_size=len(held)))
        history = [made.kept(f"test_{at}", runs=many, time=draw(far), drift=9) for at, many in enumerate(runs)]
        return made.stored(*held, history=history, planned=2)
    return made.evidence(*held, planned=2)


@settings(deadline=None, max_examples=100)
@given(whole(), st.sampled_from(["detect", "prove"]), st.sampled_from([1e-3, 5.0, 1e6]))
def test_it_decides_on_odd_figures(evidence: BenchEvidence, rule: str, limit: float) -> None:
    held = made.settings(
        rule=rule,
        limit=limit,
        budget=[{"glob": "*", "p95": "1 ms"}],
        between=[{"benchmark": "test_0", "against": "test_1", "at-most": limit}],
    )
    decision = decide(evidence, held)
    assert encode(decision) == encode(decide(evidence, held))
    assert (decision.reason is None) or decision.reason.code != "evidence_corrupt" or "test_" in decision.reason.message
    rows = BenchGate().tables(evidence, held)
    assert encode(rows)
    markdown.render(rows, verdict_of(decision), decision.reason)
    ET.fromstring(picture.render(rows))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.sampled_from([1e-6, 1e-3, 0.25, 60.0]), st.floats(-30, 30))
def test_the_unit_of_time_means_nothing(seed: int, unit: float, change: float) -> None:
    said = []
    for time in (1e-3, unit):
        evidence = made.evidence(made.benchmark("test_a", change=change, seed=seed, time=time))
        found = tables(evidence, made.settings())["benchmarks"][0]
        said.append((found["verdict"], round(found["ratio"], 4), [round(one, 4) for one in found["interval"]]))
    assert said[0] == said[1]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_identical_sides_pass(seed: int, many: int) -> None:
    evidence = made.evidence(*(made.benchmark(f"test_{at}", seed=seed + at) for at in range(many)))
    decision = decide(evidence, made.settings())
    assert verdict_of(decision) == "passed"
    assert not decision.findings


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(0, 8))
def test_a_slowdown_of_twice_the_limit_is_red_and_a_speed_up_is_not(seed: int, at: int) -> None:
    for change, verdict, ending in ((10, "regressed", "failed"), (-10, "improved", "passed")):
        changes = {at: change}
        evidence = made.evidence(
            *(
                made.benchmark(f"test_{one}", change=changes.get(one, 0), noise=0.005, seed=seed + one)
                for one in range(9)
            )
        )
        assert verdict_of(decide(evidence, made.settings())) == ending
        rows = tables(evidence, made.settings())["benchmarks"]
        assert [row["verdict"] for row in rows] == [verdict if one == at else "no change" for one in range(9)]
