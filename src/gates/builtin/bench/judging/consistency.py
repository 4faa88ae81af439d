"""Consistency: evidence that contradicts itself, or of which something is missing, proves nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gates.builtin.bench.facts import BenchEvidence, Benchmark, Kept, Timed
from gates.builtin.bench.judging import problems, words
from gates.model.reason import Reason, ReasonCode

AGAIN = "gates check bench --no-cache"

LEAST = 2
"""Process pairs without which nobody knows how much they differ."""

SHORTEST, LONGEST = 1e-15, 1e9
"""Seconds: no call takes less than light for a hair's breadth, and none was waited for thirty years."""


def fault(evidence: BenchEvidence) -> Reason | None:
    """The first contradiction, or the first thing that is missing."""
    for why in _contradictions(evidence):
        return _reason("evidence_corrupt", f"the evidence is damaged: {why}")
    for why in _missing(evidence):
        return _reason("evidence_incomplete", why)
    return None


def _reason(code: ReasonCode, message: str) -> Reason:
    return Reason(code=code, message=message, fix=AGAIN)


def is_stored(evidence: BenchEvidence, one: Benchmark) -> bool:
    """Whether a benchmark is compared with the history instead of with base."""
    return evidence.mode == "stored" or one.kind == "file"


def _contradictions(evidence: BenchEvidence) -> Iterator[str]:
    if evidence.mode == "paired" and not evidence.base:
        yield "base ran beside head, and nobody says which commit it is"
    if not (LEAST if evidence.mode == "paired" else 0) <= evidence.planned <= evidence.most:
        yield f"{words.count(evidence.planned, 'process pair')} planned, and {evidence.most:,} are the most"
    yield from _of_ids(evidence)
    for one in evidence.benchmarks.items:
        yield from (f"{one.id}: {why}" for why in _of_benchmark(evidence, one))
    for kept in evidence.history.items:
        yield from (f"the history of {kept.id}: {why}" for why in _of_history(kept))
    share = evidence.noise.steal
    if share is not None and not 0 <= share <= 1:
        yield "the share of CPU time that was stolen is no share"


def _of_ids(evidence: BenchEvidence) -> Iterator[str]:
    lists = (
        [one.id for one in evidence.benchmarks.items],
        [one.id for one in evidence.history.items],
        evidence.base_ids.items,
        evidence.head_ids.items,
    )
    for ids in lists:
        if len(set(ids)) != len(ids):
            yield f"{next(one for one in ids if list(ids).count(one) > 1)} is there twice"
        if "" in ids:
            yield "a benchmark has no name"
    there, base, head = (set(lists[0]), set(lists[2]), set(lists[3]))
    for one in sorted((base | head) - there):
        yield f"nothing is said of {one}, which was collected"
    for held in evidence.benchmarks.items:
        kinds = {problem.kind for problem in held.problems.items}
        if held.id not in base | head and "unlisted" not in kinds:
            yield f"{held.id} was timed and is in no collection"
        if held.id in base - head and not kinds & {"left", "unlisted"}:
            yield f"{held.id} was at base and not at head, and is not said to have left"


def _of_benchmark(evidence: BenchEvidence, one: Benchmark) -> Iterator[str]:
    numbers = [pair.pair for pair in one.pairs.items]
    if len(set(numbers)) != len(numbers):
        yield "a process pair is there twice"
    if one.kind != "file" and len(numbers) > evidence.most:
        yield f"it has {len(numbers):,} process pairs, and {evidence.most:,} are the most"
    if one.limit.count > 1 or one.was.count > 1 or not _are_limits((*one.limit.items, *one.was.items)):
        yield "its mark gives it no limit that can be"
    for pair in one.pairs.items:
        yield from _of_pair(pair, stored=is_stored(evidence, one))


def _of_pair(pair: Timed, *, stored: bool) -> Iterator[str]:
    sides = (pair.base, pair.head, pair.control)
    if not all(_are_times(side.items) for side in sides):
        yield f"process pair {pair.pair} has a time that cannot be"
    if len({side.count for side in sides if side.count}) > 1:
        yield f"the sides of process pair {pair.pair} have bursts of different lengths"
    if stored and (pair.base.count or pair.control.count):
        yield f"process pair {pair.pair} has a side that did not run"
    if pair.head.count and not _are_times((pair.median, pair.p95)):
        yield f"process pair {pair.pair} has a median or a percentile that cannot be"


def _of_history(kept: Kept) -> Iterator[str]:
    runs = [past.run for past in kept.runs.items]
    if len(set(runs)) != len(runs):
        yield "a run is there twice"
    if kept.foreign < 0:
        yield "there are less than no runs of other machines"
    for past in kept.runs.items:
        if not past.processes.items or not _are_times((*past.processes.items, past.median, past.p95)):
            yield f"run {past.run} has a time that cannot be"


def _are_times(values: Iterable[float]) -> bool:
    return all(SHORTEST <= value <= LONGEST for value in values)


def _are_limits(values: Iterable[float]) -> bool:
    return all(math.isfinite(value) and value > 0 for value in values)


def _missing(evidence: BenchEvidence) -> Iterator[str]:
    """What a benchmark that is to be compared lacks of what was planned."""
    for one in evidence.benchmarks.items:
        if problems.standing(one) is not None:
            continue
        stored = is_stored(evidence, one)
        sides = ("head",) if stored else ("base", "head", "control")
        excused = {problem.side for problem in one.problems.items if problem.kind != "moved"}
        for side in sides:
            have = sum(bool(getattr(pair, side).count) for pair in one.pairs.items)
            wanted = 1 if one.kind == "file" else max(evidence.planned, one.pairs.count, 1)
            if have < wanted and side not in excused:
                yield f"{one.id} was timed at {side} in {have:,} of {wanted:,} process pairs"
