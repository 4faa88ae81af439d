"""Document: a diagnosis as what JSON has and the other forms are made from; and that of several shards as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gates.builtin.diagnosis.causes import Cause, Diagnosed, Diagnosis, Flip
from gates.builtin.diagnosis.factors import FACTORS, title
from gates.builtin.diagnosis.telling import cure, reproduce
from gates.builtin.diagnosis.telling import reason as sentence
from gates.model.decision import Verdict
from gates.model.diagnosis import (
    SCHEMA_VERSION,
    DiagnosisReport,
    FactorFlips,
    FactorNotApplied,
    Site,
    TestDiagnosis,
)
from gates.model.measure import Denominator


def document(found: Diagnosis, shard: str | None = None) -> DiagnosisReport:
    """The document of a diagnosis."""
    tests = tuple(sorted((_test(told(one, found.runs)) for one in found.tests), key=lambda one: one.nodeid))
    return DiagnosisReport(
        schema_version=SCHEMA_VERSION,
        verdict=verdict(tests),
        tests=tests,
        denominator=Denominator(count=len(tests), unit="tests"),
        factors_tried=_by_manual(found.factors_tried),
        factors_not_applied=tuple(
            FactorNotApplied(name=one.name, reason=one.reason)
            for one in sorted(found.factors_not_applied, key=lambda one: (one.name, one.reason))
        ),
        methods=dict(sorted(found.methods.items())),
        runs=found.runs,
        trials=found.trials,
        reason=found.reason if found.reason or tests else "no test was found",
        bound=sentence.bound(found.runs),
        shard=shard,
    )


def undecided(reason: str, shard: str | None = None) -> DiagnosisReport:
    """The document of a search that could not begin."""
    found = Diagnosis(verdict="undecided", tests=(), factors_tried=(), factors_not_applied=(), reason=reason)
    return document(found, shard)


def told(one: Diagnosed, runs: int = 0) -> Diagnosed:
    """The same with the words that it lacks: reason, factors, cure and command."""
    if not one.causes:
        return one if one.reason or not one.stable else replace(one, reason=sentence.stable(runs))
    first = one.causes[0]
    flips = tuple(Flip(name=title(each.factors), flips=each.flips, runs=each.runs) for each in one.causes)
    return replace(
        one,
        reason=one.reason or sentence.of(one.causes),
        factors=one.factors or tuple(each for each in flips if each.name),
        kind=one.kind or first.kind,
        culprits=one.culprits or first.culprits,
        sites=one.sites or first.sites,
        reproduce=one.reproduce or reproduce.command(one.nodeid, first),
        cure=one.cure or cure.of(first),
        ended=one.ended or first.ended,
    )


def verdict(tests: Sequence[TestDiagnosis]) -> Verdict:
    """Failed with an unstable test; passed where something was looked at and nothing is open."""
    if any(one.stable is False for one in tests):
        return "failed"
    return "passed" if tests and all(one.stable for one in tests) else "undecided"


def merged(parts: Sequence[DiagnosisReport]) -> DiagnosisReport:
    """One document out of those of all shards: a factor counts as tried where every shard tried it.

    Raises:
        ValueError: a shard is missing or there twice, or two say something of the same test.
    """
    _whole([one.shard for one in parts])
    tests = sorted((one for part in _with_own_groups(parts) for one in part.tests), key=lambda one: one.nodeid)
    twice = sorted(name for name, number in Counter(one.nodeid for one in tests).items() if number > 1)
    if twice:
        raise ValueError(f"the shards were cut differently: {twice[0]} is in two of them")
    tried = set.intersection(*(set(one.factors_tried) for one in parts))
    missed = {(one.name, one.reason) for part in parts for one in part.factors_not_applied}
    runs = min(one.runs for one in parts)
    found = verdict(tests)
    reasons = sorted({one.reason for one in parts if one.reason})
    open_part = any(one.verdict == "undecided" for one in parts)
    return DiagnosisReport(
        schema_version=SCHEMA_VERSION,
        verdict="undecided" if found == "passed" and open_part else found,
        tests=tuple(tests),
        denominator=Denominator(count=len(tests), unit="tests"),
        factors_tried=_by_manual(tried),
        factors_not_applied=tuple(FactorNotApplied(name=name, reason=why) for name, why in sorted(missed)),
        methods={name: means for one in parts for name, means in sorted(one.methods.items())},
        runs=runs,
        trials=sum(one.trials for one in parts),
        reason="; ".join(reasons),
        bound=sentence.bound(runs),
    )


def _whole(shards: Sequence[str | None]) -> None:
    named = [one for one in shards if one is not None]
    if len(named) < len(shards) and len(shards) > 1:
        raise ValueError("a file is not that of a shard: write each with `gates diagnose --shard INDEX/COUNT`")
    counts = sorted({one.partition("/")[2] for one in named})
    if len(counts) > 1:
        raise ValueError(f"the shards are of different cuts: of {' and of '.join(counts)}")
    held = Counter(int(one.partition("/")[0]) for one in named)
    for index in range(1, int(counts[0]) + 1 if counts else 0):
        if held[index] != 1:
            raise ValueError(f"shard {index}/{counts[0]} is {'missing' if not held[index] else 'there twice'}")


def _with_own_groups(parts: Sequence[DiagnosisReport]) -> Iterable[DiagnosisReport]:
    """The parts with groups that no two share: each shard counts its own."""
    if len(parts) < 2:
        return parts
    return [
        replace(
            part,
            tests=tuple(replace(one, group=f"{part.shard}:{one.group}") if one.group else one for one in part.tests),
        )
        for part in parts
    ]


def _test(one: Diagnosed) -> TestDiagnosis:
    first: Cause | None = one.causes[0] if one.causes else None
    return TestDiagnosis(
        nodeid=one.nodeid,
        stable=one.stable,
        reason=one.reason,
        factors=tuple(FactorFlips(name=each.name, flips=each.flips, runs=each.runs) for each in one.factors),
        kind=one.kind if one.stable is False else None,
        culprits=one.culprits,
        sites=tuple(Site(path=place.path, line=place.line) for place in one.sites),
        group=one.group,
        reproduce=one.reproduce,
        by_hand=reproduce.by_hand(one.nodeid, first) if first is not None else "",
        cure=one.cure,
        ended=one.ended,
        message=first.message if first is not None else "",
        shared=first.shared if first is not None else "",
        settings=dict(sorted(first.settings.items())) if first is not None else {},
        after=reproduce.after_which(first) if first is not None else (),
    )


def _by_manual(names: Iterable[str]) -> tuple[str, ...]:
    """The factors in the order of the manual, and others (none is known) after them."""
    order = {name: at for at, name in enumerate(FACTORS)}
    return tuple(sorted(set(names), key=lambda name: (order.get(name, len(order)), name)))
