"""Verdicts: what is said of one test, in words that state the runs, the factors and what they leave open."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.attributing.case import Found
from gates.builtin.diagnosis.attributing.chance import lower, percent, upper
from gates.builtin.diagnosis.causes import Cause, Diagnosed, Flip
from gates.builtin.diagnosis.factors import title
from gates.builtin.diagnosis.screening.base import Base
from gates.builtin.diagnosis.screening.ledger import OUT_OF_TIME, Ledger
from gates.builtin.diagnosis.screening.moved import Seen
from gates.builtin.diagnosis.telling import reason
from gates.builtin.diagnosis.trial import BAD, Place

UNVARIED = (
    "No factor was varied, so that nothing is known of the tests: "
    "see under `not varied` what each one lacks, or ask for fewer shards."
)


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What the screening came to, which the verdict of each test states."""

    base: Base
    seen: Mapping[str, Seen]
    ledger: Ledger
    useless: tuple[str, ...] = ()


def diagnosed(nodeid: str, found: Found | None, group: str | None, screen: Screen) -> Diagnosed:
    """What is said of one test."""
    wrote = screen.ledger.targets(nodeid, "write")
    tail = f" It writes outside of its copy: {', '.join(wrote)}." if wrote else ""
    if found and found.causes:
        return _caused(nodeid, found, group, tail)
    if screen.ledger.exhausted and (found or screen.useless):
        return Diagnosed(nodeid=nodeid, stable=None, reason=OUT_OF_TIME + tail)
    if found and found.chance:
        told = _by_chance(*found.chance, {one.ended for one in screen.base.seen[nodeid] if one.ended in BAD})
        return Diagnosed(
            nodeid=nodeid,
            stable=False,
            reason=told + tail,
            kind="unattributed",
            sites=_failed_at(nodeid, screen.ledger),
        )
    if found and not found.excused:
        return Diagnosed(nodeid=nodeid, stable=None, reason=(found.undecided or " ".join(found.notes)) + tail)
    return _steady(nodeid, screen, found.excused if found else "", tail)


def _failed_at(nodeid: str, ledger: Ledger) -> tuple[Place, ...]:
    """The line where a test failed each time that it did; none where it was now this one and now that."""
    failed = [turn.result for turn in ledger.turns(nodeid) if turn.result.ended in BAD and not turn.result.own]
    places = {one.place for one in failed}
    return tuple(one for one in places if one is not None) if len(places) == 1 else ()


def _caused(nodeid: str, found: Found, group: str | None, tail: str) -> Diagnosed:
    first = found.causes[0]
    words = " ".join([*(_told(cause) for cause in found.causes), *found.notes])
    flips: dict[str, Flip] = {}
    for cause in found.causes:
        name = title(cause.factors)
        had = flips.get(name, Flip(name=name, flips=0, runs=0))
        flips[name] = Flip(name=name, flips=had.flips + cause.flips, runs=had.runs + cause.runs)
    return Diagnosed(
        nodeid=nodeid,
        stable=False,
        reason=words + tail,
        factors=tuple(flips.values()),
        kind=first.kind,
        culprits=tuple(dict.fromkeys(name for cause in found.causes for name in cause.culprits)),
        group=group,
        ended=first.ended,
        causes=found.causes,
    )


def _told(cause: Cause) -> str:
    rate = percent(lower(cause.flips, cause.runs))
    return f"It {reason.of((cause,))}; so it does in {rate} of such runs or more (95 %)."


def _by_chance(flips: int, runs: int, ended: set[str]) -> str:
    if ended == {"missing"}:
        return (
            f"Its id was not there in {flips} of {runs} runs of the same circumstances: "
            f"keep out of its parameters what differs from run to run, or give them `ids`."
        )
    return (
        f"It failed in {flips} of {runs} runs and passed in others of the same circumstances: "
        f"none of the factors that are varied explains it."
    )


def _steady(nodeid: str, screen: Screen, excused: str, tail: str) -> Diagnosed:
    seen = screen.seen[nodeid]
    ended = {one.ended for one in screen.base.seen[nodeid]}
    count = len(screen.ledger.applied)
    if not count:
        return Diagnosed(nodeid=nodeid, stable=None, reason=UNVARIED + tail)
    runs = seen.runs - (len(seen.moves) if excused else 0)
    where = "other runs" if excused else "runs"
    if ended == {"skipped"}:
        told = f"It was skipped in the base and failed in none of {runs} {where} over {count} factors."
    else:
        open_ = percent(upper(0, runs))
        told = (
            f"It failed in none of {runs} {where} over {count} factors: that it fails in up to "
            f"{open_} of such runs is not ruled out (95 %)."
        )
    if seen.skips:
        names = ", ".join(sorted({move.probe.name for move in seen.skips}))
        told += f" In some it was skipped, or ran where it is skipped otherwise ({names}); that is no failure."
    if seen.own:
        names = ", ".join(sorted({move.probe.name for move in seen.own}))
        told += f" In some the change itself raised ({names}), which says nothing of the test."
    return Diagnosed(nodeid=nodeid, stable=True, reason=f"{excused} {told}".lstrip() + tail)
