"""The parts of a diagnosis that look for other tests, as plainly as it goes: for tests of the search by itself."""

from __future__ import annotations

from gates.builtin.diagnosis.attributing.case import Parts
from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.factors import Settings
from gates.builtin.diagnosis.trial import BAD, Laboratory, Ran, trial


def fails(lab: Laboratory, nodeid: str, before: tuple[str, ...], settings: Settings, number: int = 1) -> bool:
    (ran,) = lab.run([trial((*before, nodeid), settings, number=number)])
    return ran.of(nodeid).ended in BAD


def explain(
    lab: Laboratory, suite: Suite, nodeid: str, order: tuple[str, ...], settings: Settings
) -> Cause | Undecided | None:
    before = order[: order.index(nodeid)]
    alone = fails(lab, nodeid, (), settings)
    for others in (before, suite.before(nodeid)):
        if fails(lab, nodeid, others, settings) != alone:
            kept = others
            for one in others:
                rest = tuple(other for other in kept if other != one)
                if fails(lab, nodeid, rest, settings) != alone:
                    kept = rest
            turns = range(1, 4)
            there = [fails(lab, nodeid, kept, settings, turn) for turn in turns]
            away = [fails(lab, nodeid, (), settings, turn) for turn in turns]
            if set(there) == {not alone} and set(away) == {alone}:
                kind = "brittle" if alone else "victim"
                return Cause(factors=("order",), kind=kind, before=kept, culprits=kept, flips=3, runs=3, back=3)
    return None


def repeated(lab: Laboratory, suite: Suite, nodeid: str) -> Cause | Undecided | None:
    rans = lab.run([trial((nodeid,), {"repeat": "2"}, number=number) for number in (1, 2, 3)])
    if any(ran.of(nodeid).ended not in BAD for ran in rans):
        return None
    return Cause(factors=("repeat",), kind="non-idempotent", settings={"repeat": "2"}, flips=3, runs=3, back=3)


def met(lab: Laboratory, suite: Suite, nodeid: str, ran: Ran) -> Cause | Undecided | None:
    rans = lab.run([trial((), {"parallel": "2"}, number=number) for number in (1, 2, 3)])
    if any(one.of(nodeid).ended not in BAD for one in rans):
        return None
    return Cause(factors=("parallel",), kind="concurrency", settings={"parallel": "2"}, flips=3, runs=3, back=3)


PARTS = Parts(explain=explain, repeated=repeated, met=met)
