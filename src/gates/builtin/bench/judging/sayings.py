"""Sayings: the sentences of findings and reasons, with their figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gates.builtin.bench.facts import BenchEvidence
from gates.builtin.bench.judging import drift, problems, words
from gates.builtin.bench.judging.between import Cost
from gates.builtin.bench.judging.budgets import Check
from gates.builtin.bench.judging.judged import Control, Judged, Unknown
from gates.builtin.bench.judging.limits import BEFORE, MARKED
from gates.builtin.bench.judging.statistics import Estimate
from gates.builtin.bench.settings import BenchSettings


def slower(one: Judged) -> str:
    """`test_a takes 12.3 % longer (9.8 % to 14.9 %), limit 5 %: 1.31 ms at base, 1.47 ms at head`."""
    if one.unproved:
        proof = f"it is not shown that {one.name} stays within its limit of {words.limit(one.limit.percent)}"
        return f"{proof}: it takes {_change(one)}: {_times(one)}"
    return f"{one.name} takes {_change(one)}, limit {words.limit(one.limit.percent)}: {_times(one)}"


def faster(one: Judged) -> str:
    """`test_a takes 12.3 % less (…), and the history does not know: 1.47 ms in the history, 1.31 ms at head`."""
    return f"{one.name} takes {_change(one)}, and the history does not know: {_times(one)}"


def _change(one: Judged) -> str:
    found = one.found
    return f"{words.changed(found.change, one.limit.percent)} ({words.between(found.low, found.high)})"


def _times(one: Judged) -> str:
    where = "in the history" if one.stored else "at base"
    return f"{words.duration(one.base)} {where}, {words.duration(one.head)} at head"


def inconclusive(one: Judged, most: float) -> str:
    """How wide the interval is, and which limit could be held, for this benchmark and for all of them."""
    return (
        f"{one.name} is not known well enough for its limit of {words.limit(one.limit.percent)}: after"
        f" {_measured(one)} its change is between {words.percent(one.found.low)} and {words.percent(one.found.high)};"
        f" {words.limit(one.held)} could be held for it, {words.limit(most)} for all"
    )


def _measured(one: Judged) -> str:
    return words.count(one.found.pairs, "run of the history" if one.stored else "process pair").replace(
        "run of the historys", "runs of the history"
    )


def alarmed(one: Judged, control: Estimate) -> str:
    """`base takes 6.2 % longer than itself in test_a (5.1 % to 7.3 %), limit 5 %`."""
    change = words.changed(control.change, one.limit.percent)
    span = words.between(control.low, control.high)
    return f"base takes {change} than itself in {one.name} ({span}), limit {words.limit(one.limit.percent)}"


def control(evidence: BenchEvidence, found: Control) -> str:
    """The worst alarm of the control, and how many there are."""
    worst, itself = max(found.alarms, key=lambda pair: (abs(pair[1].change), pair[0].name))
    several = f"; so do {len(found.alarms) - 1:,} more" if len(found.alarms) > 1 else ""
    return f"{alarmed(worst, itself)}{several}: no verdict of this run is worth anything{_besides(evidence)}"


def noisy(evidence: BenchEvidence, found: Sequence[Judged], many: int, most: float) -> str:
    """Which benchmark is the worst, how wide it is, and which limit this machine could hold."""
    worst = found[0]
    several = f"{len(found):,} of {words.count(many, 'benchmark')} are not known well enough; the worst is "
    width = words.percent(worst.half)
    return (
        f"{several if len(found) > 1 else ''}{worst.name}: its change is known to ± {width} after"
        f" {_measured(worst)}, and its limit is {words.limit(worst.limit.percent)}; this machine could hold"
        f" {words.limit(most)} for all{_besides(evidence)}"
    )


def noise(evidence: BenchEvidence) -> str:
    """`load 1.9 per core before the run, 3.2 % of CPU time stolen`, or nothing where nobody says it."""
    said = []
    held = evidence.noise
    if held.load is not None and math.isfinite(held.load):
        said.append(f"load {held.load:.1f} per core before the run")
    if held.steal is not None:
        said.append(f"{held.steal * 100:.1f} % of CPU time stolen")
    if held.mhz.items:
        low, high = f"{min(held.mhz.items):,.0f}", f"{max(held.mhz.items):,.0f}"
        said.append(f"clock {low} MHz" if low == high else f"clock {low} to {high} MHz")
    if held.governor:
        said.append(f"clock set by {held.governor}")
    return ", ".join(said)


def _besides(evidence: BenchEvidence) -> str:
    said = noise(evidence)
    return f" ({said})" if said else ""


def short(one: Unknown) -> str:
    """What the history lacks of a benchmark."""
    runs = words.count(one.runs, "run")
    return f"the history has {runs} of {one.name} on this machine, and {drift.LEAST} are needed to know how runs differ"


def foreign(one: Unknown) -> str:
    """That the history of a benchmark is of other machines."""
    differs = f": {one.differs}" if one.differs else ""
    return f"the history knows {one.name} only from elsewhere ({words.count(one.foreign, 'run')}){differs}"


def all_foreign(found: Sequence[Unknown]) -> str:
    """The same of all of them."""
    more = f"; so it does {len(found) - 1:,} more" if len(found) > 1 else ""
    return f"{foreign(found[0])}{more}"


def straddles(one: Check | Cost) -> str:
    """That a limit is inside of the interval, or that there is no interval."""
    if one.found is None and isinstance(one, Check):
        return f"{one.said}; a single process says nothing of how much processes differ"
    return f"{one.said}: the limit is inside of what is known"


def nothing(evidence: BenchEvidence) -> str:
    """What was found where nothing could be compared."""
    if not evidence.benchmarks.count:
        return "there is no benchmark: no test asks for `benchmark`, none bears the mark, and the settings name none"
    first = evidence.benchmarks.items[0].id
    return f"{words.count(evidence.benchmarks.count, 'benchmark')} found ({first}), and not one could be compared"


def notes(
    evidence: BenchEvidence, settings: BenchSettings, found: Sequence[Judged], called: Mapping[str, str]
) -> Iterator[str]:
    """What a reader should know: what differs between the sides, what is looser than elsewhere, what else ran."""
    yield from evidence.notes.items
    if evidence.differing.count:
        yield f"only one side requires {', '.join(evidence.differing.items)}: what they cost is in the figures"
    yield from problems.notes(evidence, called)
    for one in found:
        if one.limit.place == BEFORE:
            mark, held = words.limit(one.benchmark.limit.items[0]), words.limit(one.limit.percent)
            yield f"{one.name} is held to {held} as at base; its mark says {mark}, which counts once it is merged"
        elif one.benchmark.limit.count and one.limit.percent > settings.limit:
            where = "by its mark" if one.limit.place == MARKED else f"by its mark ({one.limit.place})"
            if not one.limit.place.startswith("setting:"):
                limits = f"{words.limit(one.limit.percent)}, and `limit` is {words.limit(settings.limit)}"
                yield f"{one.name} is held to {limits}, {where}"
    said = noise(evidence)
    if said:
        yield f"the machine: {said}"
