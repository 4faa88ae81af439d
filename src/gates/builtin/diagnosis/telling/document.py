"""Document: a diagnosis as what JSON has and the other forms are made from; and that of several shards as one."""

from __future__ import annotations

import shlex
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
        verdict=_lesser(verdict(tests), found.verdict),
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
        return _without_cause(one, runs)
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


def _without_cause(one: Diagnosed, runs: int) -> Diagnosed:
    if one.stable is False:
        search = shlex.join(("gates", "diagnose", one.nodeid))
        why = one.reason or "ends both ways in the same circumstances"
        told = replace(one, kind="unattributed", reason=why, reproduce=one.reproduce or search)
        return replace(told, cure=one.cure or cure.UNATTRIBUTED)
    return replace(one, reason=sentence.stable(runs)) if one.stable and not one.reason else one


def verdict(tests: Sequence[TestDiagnosis]) -> Verdict:
    """Failed with an unstable test; passed where something was looked at and nothing is open."""
    if any(one.stable is False for one in tests):
        return "failed"
    return "passed" if tests and all(one.stable for one in tests) else "undecided"


def _lesser(of_tests: Verdict, of_search: Verdict) -> Verdict:
    """That of the tests, which is not passed where the search itself left something open."""
    return of_search if of_tests == "passed" and of_search != "failed" else of_tests


def merged(parts: Sequence[DiagnosisReport]) -> DiagnosisReport:
    """One document out of those of all shards, each of which looked at all tests under a share of the factors' values.

    A test is unstable that is so in one of them, and undecided if it is in one and unstable in none.

    Raises:
        ValueError: a shard is missing or there twice, or they are not of the same tests.
    """
    _whole([one.shard for one in parts])
    asked = {tuple(test.nodeid for test in one.tests) for one in parts if one.tests}
    if len(asked) > 1:
        raise ValueError("they are not of the same tests")
    runs = sum(one.runs for one in parts)
    columns = zip(*(one.tests for one in parts if one.tests), strict=True)
    tests = tuple(_joined(each, runs) for each in columns)
    found = verdict(tests)
    open_part = any(one.verdict == "undecided" for one in parts)
    missed = {(one.name, one.reason) for part in parts for one in part.factors_not_applied}
    return DiagnosisReport(
        schema_version=SCHEMA_VERSION,
        verdict="undecided" if found == "passed" and open_part else found,
        tests=tests,
        denominator=Denominator(count=len(tests), unit="tests"),
        factors_tried=_by_manual(name for one in parts for name in one.factors_tried),
        factors_not_applied=tuple(FactorNotApplied(name=name, reason=why) for name, why in sorted(missed)),
        methods={name: means for one in parts for name, means in sorted(one.methods.items())},
        runs=runs,
        trials=sum(one.trials for one in parts),
        reason="; ".join(sorted({one.reason for one in parts if one.reason})),
        bound=sentence.bound(runs),
    )


def _joined(each: Sequence[TestDiagnosis], runs: int) -> TestDiagnosis:
    """What is said of one test, out of what every shard says of it."""
    unstable = [one for one in each if one.stable is False]
    if unstable:
        # One that has a cause is told before one that has none.
        first = min(unstable, key=lambda one: one.kind == "unattributed")
        flips = {factor.name: factor for one in reversed(unstable) for factor in one.factors}
        names = sorted(flips, key=lambda name: [factor.name for factor in first.factors].count(name) == 0)
        return replace(first, factors=tuple(flips[name] for name in names))
    undecided = [one for one in each if one.stable is None]
    if undecided:
        return replace(undecided[0], reason="; ".join(sorted({one.reason for one in undecided})))
    return replace(each[0], reason=sentence.stable(runs))


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
