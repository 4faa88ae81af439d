"""Merge: the evidence of all shards of one suite as the evidence of one run, and that of lanes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from gates.builtin.determinism.facts import DeterminismEvidence
from gates.model.evidence import Lane, Refusal, counted, refuse

COLLECT = "gates collect tests determinism --shard INDEX/COUNT --output DIR"
IN_LANES = "gates collect tests determinism --lane NAME --output DIR"


def merge(parts: Sequence[DeterminismEvidence]) -> DeterminismEvidence | Refusal:
    """One evidence out of the shards', or which of them is missing, foreign or there twice."""
    found = sorted(parts, key=lambda one: one.shards.items)
    held = list(chain.from_iterable(one.shards.items for one in found))
    count = held[0].partition("/")[2] if held else ""
    if sorted(held) != sorted(f"{index}/{count}" for index in range(1, int(count or 0) + 1)) or not held:
        return refuse("evidence_missing", f"the shards are not a whole: {', '.join(held) or 'none is there'}", COLLECT)
    if len({one.schema_version for one in found}) > 1:
        return refuse("evidence_foreign", "the shards are of different versions of the recording", COLLECT)
    tests = sorted(chain.from_iterable(one.tests.items for one in found), key=lambda one: one.id)
    twice = sorted({one.id for one, other in pairwise(tests) if one.id == other.id})
    if twice:
        return refuse("evidence_foreign", f"the shards were cut differently: {twice[0]} is in two", COLLECT)
    leaks = chain.from_iterable(one.leaks.items for one in found)
    return DeterminismEvidence(
        schema_version=found[0].schema_version,
        selected=sum(one.selected for one in found),
        executed=sum(one.executed for one in found),
        interpreter=found[0].interpreter,
        shards=counted(held),
        crashes=sum(one.crashes for one in found),
        processes=counted(chain.from_iterable(one.processes.items for one in found)),
        tests=counted(tests),
        leaks=counted(sorted(leaks, key=lambda one: (one.test, one.kind, one.what, one.by))),
        screen=None,
        diagnosis=None,
        lanes=counted(()),
    )


def join(lanes: Mapping[str, DeterminismEvidence]) -> DeterminismEvidence | Refusal:
    """One evidence that holds each lane's own whole: what one system held still says nothing of another."""
    if not lanes:
        return refuse("evidence_missing", "there is no lane to join", IN_LANES)
    (first_name, first), *_ = lanes.items()
    for name, one in lanes.items():
        count = one.shards.items[0].partition("/")[2] if one.shards.count else ""
        if str(one.shards.count) != count:
            return refuse("evidence_incomplete", f"the lane {name} is no whole run of the suite", IN_LANES)
        if one.schema_version != first.schema_version:
            message = f"the lanes {first_name} and {name} are of different versions of the recording"
            return refuse("evidence_foreign", message, IN_LANES)
    nothing: Any = counted(())
    return DeterminismEvidence(
        schema_version=first.schema_version,
        selected=0,
        executed=0,
        interpreter=first.interpreter,
        shards=nothing,
        crashes=0,
        processes=nothing,
        tests=nothing,
        leaks=nothing,
        screen=None,
        diagnosis=None,
        lanes=counted(Lane(name=name, run=one) for name, one in lanes.items()),
    )
