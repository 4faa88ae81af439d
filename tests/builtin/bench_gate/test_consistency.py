"""Consistency: evidence that contradicts itself or lacks something decides nothing, and says what it is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import BenchEvidence, Benchmark, Kept, Noise, Timed
from gates.builtin.bench.judging.consistency import fault
from gates.builtin.bench.judging.tables import tables
from gates.model.decision import verdict_of
from gates.model.evidence import counted
from support import bench_evidence as made

A = made.benchmark("test_a")
PAIRS = A.pairs.items
NAME = "tests/test_bench.py::test_a"


def with_pair(**changed: Any) -> Benchmark:
    """`test_a` with another first process pair."""
    return made.benchmark(held=[msgspec.structs.replace(PAIRS[0], **changed), *PAIRS[1:]])


def history(**changed: Any) -> BenchEvidence:
    past = msgspec.structs.replace(made.kept().runs.items[0], **changed)
    kept = made.kept()
    again = Kept(id=kept.id, runs=counted([past, *kept.runs.items[1:]]), foreign=0, differs="")
    return made.stored(made.alone(), history=[again])


def damaged_noise() -> Noise:
    return Noise(load=None, steal=1.5, mhz=counted([]), governor=None)


HEAD = PAIRS[0].head
CORRUPT: dict[str, tuple[BenchEvidence, str]] = {
    "no base": (made.evidence(A, base=None), "nobody says which commit it is"),
    "one pair planned": (made.evidence(A, planned=1), "1 process pair planned"),
    "more planned than possible": (made.evidence(A, planned=8, most=7), "8 process pairs planned, and 7 are"),
    "twice": (made.evidence(A, A), f"{NAME} is there twice"),
    "twice at head": (made.evidence(A, head_ids=counted([A.id, A.id])), f"{NAME} is there twice"),
    "without a name": (made.evidence(A, head_ids=counted([A.id, ""])), "a benchmark has no name"),
    "unsaid": (made.evidence(A, base_ids=counted([A.id, "x::y"])), "nothing is said of x::y, which was collected"),
    "in no collection": (
        made.evidence(A, base_ids=counted([]), head_ids=counted([])),
        f"{NAME} was timed and is in no collection",
    ),
    "left without a word": (made.evidence(A, head_ids=counted([])), f"{NAME} was at base and not at head, and is not"),
    "pairs beyond the most": (made.evidence(A, planned=3, most=5), "it has 8 process pairs, and 5 are the most"),
    "one pair twice": (made.evidence(with_pair(pair=1)), "a process pair is there twice"),
    "not a time": (made.evidence(with_pair(head=counted([*HEAD.items[:-1], float("nan")]))), "a time that cannot be"),
    "no time": (made.evidence(with_pair(base=counted([0.0] * 6))), "process pair 0 has a time that cannot be"),
    "endless": (made.evidence(with_pair(control=counted([float("inf")] * 6))), "process pair 0 has a time that cannot"),
    "shorter": (made.evidence(with_pair(head=counted(HEAD.items[:-1]))), "process pair 0 have bursts of different"),
    "no median": (made.evidence(with_pair(median=0.0)), "process pair 0 has a median or a percentile that cannot be"),
    "no percentile": (made.evidence(with_pair(p95=-1.0)), "process pair 0 has a median or a percentile"),
    "no limit": (made.evidence(made.benchmark(limit=-1)), "its mark gives it no limit that can be"),
    "two limits": (
        made.evidence(msgspec.structs.replace(A, limit=counted([1.0, 2.0]))),
        "its mark gives it no limit that can be",
    ),
    "stolen": (made.evidence(A, noise=damaged_noise()), "the share of CPU time that was stolen is no share"),
    "base in stored mode": (
        made.stored(made.benchmark(sides=("base", "head"), before=False), history=[made.kept()]),
        "process pair 0 has a side that did not run",
    ),
    "a run twice": (history(run="5"), f"the history of {NAME}: a run is there twice"),
    "a run of nothing": (history(processes=counted([])), "run 6 has a time that cannot be"),
    "a run of no time": (history(median=0.0), "run 6 has a time that cannot be"),
    "a history twice": (made.stored(made.alone(), history=[made.kept(), made.kept()]), f"{NAME} is there twice"),
    "less than none": (made.stored(made.alone(), history=[made.kept(foreign=-1)]), "less than no runs"),
}


def shortened(**empty: Any) -> Timed:
    return msgspec.structs.replace(PAIRS[0], **{side: counted([]) for side in empty})


INCOMPLETE: dict[str, tuple[BenchEvidence, str]] = {
    "a pair less": (
        made.evidence(made.benchmark(held=PAIRS[:-1]), planned=8),
        f"{NAME} was timed at base in 7 of 8 process pairs",
    ),
    "no pair": (made.evidence(made.benchmark(held=[])), f"{NAME} was timed at base in 0 of 8 process pairs"),
    "a pair without head": (
        made.evidence(made.benchmark(held=[shortened(head=True), *PAIRS[1:]])),
        f"{NAME} was timed at head in 7 of 8 process pairs",
    ),
    "a pair without control": (
        made.evidence(made.benchmark(held=[shortened(control=True), *PAIRS[1:]])),
        f"{NAME} was timed at control in 7 of 8 process pairs",
    ),
    "a suspect's pair without base": (
        made.evidence(made.benchmark(held=[shortened(base=True), *PAIRS[1:]]), planned=3),
        f"{NAME} was timed at base in 7 of 8 process pairs",
    ),
    "moving excuses nothing": (
        made.evidence(made.benchmark(held=PAIRS[:-1], problems=made.problem("moved", "base")), planned=8),
        f"{NAME} was timed at base in 7 of 8 process pairs",
    ),
    "a file without figures": (
        made.stored(made.benchmark("x", kind="file", held=[], before=False)),
        "x was timed at head in 0 of 1 process pairs",
    ),
    "stored without figures": (
        made.stored(made.alone(held=[]), planned=0, most=0),
        f"{NAME} was timed at head in 0 of 1 process pairs",
    ),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_what_contradicts_itself_is_damaged(name: str) -> None:
    evidence, said = CORRUPT[name]
    reason = fault(evidence)
    assert reason is not None
    assert reason.code == "evidence_corrupt"
    assert said in reason.message
    _nothing_is_decided(evidence, reason.message)


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_lacks_something_is_incomplete(name: str) -> None:
    evidence, said = INCOMPLETE[name]
    reason = fault(evidence)
    assert reason is not None
    assert (reason.code, reason.message) == ("evidence_incomplete", said)
    _nothing_is_decided(evidence, reason.message)


def _nothing_is_decided(evidence: BenchEvidence, message: str) -> None:
    decision = decide(evidence, made.settings())
    assert (verdict_of(decision), decision.denominator.count, decision.findings) == ("undecided", 0, ())
    rows = tables(evidence, made.settings())
    assert (rows["benchmarks"], rows["not_compared"], rows["fault"]) == ([], [], message)


@pytest.mark.parametrize(
    "evidence",
    [
        made.evidence(A),
        made.evidence(),
        made.stored(made.alone(), history=[made.kept()]),
        made.evidence(made.benchmark(problems=made.problem("crashed", "control"), sides=("base", "head"))),
        made.evidence(A, planned=4),
        made.evidence(A, made.benchmark("unlisted", held=[], problems=made.problem("unlisted", "head"))),
        made.evidence(A, made.benchmark("test_x", held=PAIRS[:2], problems=made.problem("hung", "head")), planned=8),
        made.stored(made.benchmark("x", kind="file", many=1, sides=("head",), before=False), planned=0, most=0),
    ],
)
def test_what_is_whole_has_no_fault(evidence: BenchEvidence) -> None:
    assert fault(evidence) is None
