"""The search: a suite is screened, what moved is looked into, and of each test is said what was proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from gates.builtin.diagnosis.attributing.ambient import ambient
from gates.builtin.diagnosis.attributing.asking import Search, side_by_side
from gates.builtin.diagnosis.attributing.case import Case, Found, Parts
from gates.builtin.diagnosis.attributing.doubts import weighed
from gates.builtin.diagnosis.attributing.failing import failing
from gates.builtin.diagnosis.attributing.members import confirmed
from gates.builtin.diagnosis.attributing.moving import moving
from gates.builtin.diagnosis.attributing.placed import Known, Say, placed
from gates.builtin.diagnosis.attributing.verdicts import UNVARIED, Screen, diagnosed
from gates.builtin.diagnosis.causes import Diagnosed, Diagnosis, NotApplied
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.screening.base import Base, based, doubled
from gates.builtin.diagnosis.screening.groups import grouped
from gates.builtin.diagnosis.screening.ledger import Ledger
from gates.builtin.diagnosis.screening.moved import Seen, movements
from gates.builtin.diagnosis.screening.probes import Probe, plan, screened, share
from gates.builtin.diagnosis.telling import selection, silent, words
from gates.builtin.diagnosis.trial import Laboratory, Ran
from gates.errors import UsageError


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: these tests (ids, files, folders or beginnings; none: all), as one shard of so many."""

    tests: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)
    sites: bool = True
    repeats: int = 3


def diagnose(lab: Laboratory, wish: Wish, say: Say, parts: Parts | None = None) -> Diagnosis:
    """What is said of each test of a suite, or of those that are wanted."""
    ledger = Ledger(lab)
    parts = parts or usual()
    probes = share(plan(ledger.values), wish.shard)
    say(f"the suite runs as it is, and {words.times(len(probes), 'time')} in other circumstances")
    base = based(ledger, (), again=bool(wish.tests) or not any(probe.name == "doubled" for probe in probes))
    if base.refused:
        return _nothing(ledger, base.refused)
    try:
        wanted = selection.chosen(wish.tests, base.suite.tests)
    except UsageError as error:
        return _nothing(ledger, str(error))
    far: tuple[Probe, ...] = ()
    if len(wanted) < len(base.suite.tests):
        near, far = _near(base.suite.tests, wanted), _far(base.suite.tests, wanted, probes)
        probes = tuple(_only(probe, wanted, near) for probe in probes)
    base, useful, useless = _screen(ledger, base, probes)
    seen = movements(base, useful)
    if not all(_interesting(base, seen, one) for one in wanted):
        base, more, none = _screen(ledger, base, far)
        useful, useless = useful + more, useless + none
        seen = movements(base, useful)
    found, groups = _looked_into(ledger, base, seen, wanted, parts, wish, say)
    screen = Screen(base=base, seen=seen, ledger=ledger, useless=tuple(probe.name for probe, _ in useless))
    tests = [diagnosed(nodeid, found.get(nodeid), groups.get(nodeid), screen) for nodeid in wanted]
    if wish.sites and parts.find:
        places: Known = {}
        tests = [placed(ledger, parts, one, say, places) for one in tests]
    reason = silent.told(useless) or _idle(ledger, wanted)
    return _summed(ledger, tests, reason, runs=2 + len(useful))


def usual() -> Parts:
    """The parts of this product."""
    from gates.builtin.diagnosis import ordering, sites

    return Parts(
        explain=ordering.explain,
        repeated=ordering.repeated,
        met=ordering.met,
        spoiled=ordering.spoiled,
        find=sites.find,
    )


def _near(tests: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The tests of the files that the wanted ones are in: some factors do harm only after others of these."""
    files = {name.partition("::")[0] for name in wanted}
    return tuple(name for name in tests if name.partition("::")[0] in files)


def _far(tests: Sequence[str], wanted: Sequence[str], probes: Sequence[Probe]) -> tuple[Probe, ...]:
    """The combinations with every test up to the last that is wanted, where these are more than those of their files.

    They are for tests that nothing moves among those of their file, and that one of another file may pollute.
    """
    there = set(wanted)
    until = max(place for place, name in enumerate(tests) if name in there) + 1
    before = tuple(tests[:until])
    if set(before) <= set(_near(tests, wanted)):
        return ()
    return tuple(
        msgspec.structs.replace(probe, name=f"{probe.name} after all", tests=before)
        for probe in probes
        if not probe.in_process
    )


def _only(probe: Probe, wanted: tuple[str, ...], near: tuple[str, ...]) -> Probe:
    """The probe with the tests that are wanted, and those around them as far as they matter to it."""
    if probe.name == "doubled":
        return msgspec.structs.replace(probe, tests=wanted)
    return probe if probe.in_process else msgspec.structs.replace(probe, tests=near)


def _screen(
    ledger: Ledger, base: Base, probes: Sequence[Probe]
) -> tuple[Base, list[tuple[Probe, Ran]], list[tuple[Probe, Ran]]]:
    useful, useless = screened(ledger, probes)
    for probe, ran in useful:
        if probe.name == "doubled" and not probe.tests:
            base = doubled(base, ran)
    return base, useful, useless


def _looked_into(
    ledger: Ledger,
    base: Base,
    seen: Mapping[str, Seen],
    wanted: tuple[str, ...],
    parts: Parts,
    wish: Wish,
    say: Say,
) -> tuple[dict[str, Found], dict[str, str]]:
    """What was found of each test that moved or failed, and the group that it is of."""
    among = tuple(one for one in wanted if _interesting(base, seen, one))
    groups = grouped(base, seen, among)
    if not among:
        return {}, {}
    together = "" if len(groups) == len(among) else f", in {words.times(len(groups), 'group')} that move together"
    say(f"{words.times(len(among), 'test')} to look into{together}")
    order = {nodeid: place for place, nodeid in enumerate(base.suite.tests)}

    def case(nodeid: str) -> Case:
        return Case(
            nodeid=nodeid, suite=base.suite, seen=seen[nodeid], ledger=ledger, parts=parts, repeats=wish.repeats
        )

    def left(count: int) -> None:
        going = "1 search goes" if count == 1 else f"{count:,} searches go"
        say(f"{going} on, {words.times(ledger.trials, 'run')} so far")

    found = side_by_side(ledger, order, {group[0]: _search(base, case(group[0])) for group in groups}, left)
    followers = {one: group[0] for group in groups for one in group[1:]}
    proved = {one: first for one, first in followers.items() if found[first].causes}
    held = side_by_side(ledger, order, {one: confirmed(case(one), found[proved[one]].causes) for one in proved})
    found |= {one: answer for one, answer in held.items() if answer is not None}
    alone = [one for one in followers if one not in found]
    found |= side_by_side(ledger, order, {one: _search(base, case(one)) for one in alone}, left)
    named = {one: first for one, first in followers.items() if held.get(one) is not None}
    return found, named | {first: first for first in named.values()}


def _interesting(base: Base, seen: Mapping[str, Seen], nodeid: str) -> bool:
    return bool(seen[nodeid].moves) or base.ambient(nodeid) or base.fails(nodeid)


def _search(base: Base, case: Case) -> Search[Found]:
    return (yield from weighed(case, (yield from _sought(base, case))))


def _sought(base: Base, case: Case) -> Search[Found]:
    if base.ambient(case.nodeid):
        return ambient(case, base.seen[case.nodeid])
    if base.fails(case.nodeid):
        return failing(case)
    return moving(case)


def _idle(ledger: Ledger, wanted: Sequence[str]) -> str:
    """Why nothing was examined though all runs gave an answer; "" where something was."""
    if not ledger.applied:
        return UNVARIED
    if all(turn.result.ended == "skipped" for nodeid in wanted for turn in ledger.turns(nodeid)):
        return "Every test was skipped in every run, so that nothing is known of them."
    return ""


def _summed(ledger: Ledger, tests: Sequence[Diagnosed], reason: str, runs: int) -> Diagnosis:
    verdict: Literal["passed", "failed", "undecided"] = "passed"
    if reason or not tests or any(one.stable is None for one in tests):
        verdict = "undecided"
    if any(one.stable is False for one in tests):
        verdict = "failed"
    return Diagnosis(
        verdict=verdict,
        tests=tuple(tests),
        factors_tried=tuple(name for name in FACTORS if name in ledger.applied),
        factors_not_applied=_not_applied(ledger),
        methods=dict(sorted(ledger.methods.items())),
        runs=runs,
        trials=ledger.trials,
        reason=reason,
    )


def _not_applied(ledger: Ledger) -> tuple[NotApplied, ...]:
    reasons = {**ledger.missed, **ledger.unavailable}
    return tuple(NotApplied(name=name, reason=reasons[name]) for name in FACTORS if name in reasons)


def _nothing(ledger: Ledger, reason: str) -> Diagnosis:
    return Diagnosis(
        verdict="undecided",
        tests=(),
        factors_tried=(),
        factors_not_applied=_not_applied(ledger),
        trials=ledger.trials,
        reason=reason,
    )
