"""Asking: the searches of many tests go on side by side, and what they ask alike is one run of all those tests."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TypeVar

import msgspec

from gates.builtin.diagnosis.factors import settled
from gates.builtin.diagnosis.screening.ledger import Ledger, ending, table
from gates.builtin.diagnosis.trial import BAD, Ran, Result, Trial, trial

T = TypeVar("T")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """How does the test end with these settings, after these tests?

    A positive number is a repetition in a process of its own; others may be asked for several tests at once.
    """

    settings: tuple[tuple[str, str], ...] = ()
    number: int = 0
    before: tuple[str, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether other tests may run in the same process."""
        return self.number <= 0 and not self.before


Answer = Result | None
"""How the test ended; None where that says nothing: no time, a factor that was not applied, a failure of our own."""

Search = Generator[list[Ask], list[Answer], T]
"""The search for one test: it yields what it asks and is sent the answers."""


def ask(settings: Mapping[str, str], number: int = 0, before: tuple[str, ...] = ()) -> Ask:
    """A question; settings that are the base's are left out."""
    return Ask(settings=settled(settings), number=number, before=before)


def side_by_side(
    ledger: Ledger,
    order: Mapping[str, int],
    searches: Mapping[str, Search[T]],
    say: Callable[[int], None] | None = None,
) -> dict[str, T]:
    """What each search found, by test; `order` has the place of each test in the suite."""
    done: dict[str, T] = {}
    wanted: dict[str, list[Ask]] = {}
    answers: dict[str, list[Answer] | None] = dict.fromkeys(searches)
    live = dict(searches)
    while live:
        for nodeid, search in list(live.items()):
            try:
                got = answers[nodeid]
                wanted[nodeid] = next(search) if got is None else search.send(got)
            except StopIteration as end:
                done[nodeid] = end.value
                del live[nodeid]
                wanted.pop(nodeid, None)
        answers |= _answered(ledger, order, wanted)
        if say and live:
            say(len(live))
    return done


def _answered(
    ledger: Ledger, order: Mapping[str, int], wanted: Mapping[str, Sequence[Ask]]
) -> dict[str, list[Answer] | None]:
    together: dict[Ask, list[str]] = {}
    for nodeid, asks in wanted.items():
        for one in asks:
            if one.shared:
                together.setdefault(one, []).append(nodeid)
    trials: dict[tuple[str, Ask], Trial] = {}
    for nodeid, asks in wanted.items():
        for one in asks:
            others = sorted(together[one], key=lambda name: order.get(name, -1)) if one.shared else [nodeid]
            trials[nodeid, one] = trial((*one.before, *others), dict(one.settings), number=abs(one.number))
    found = _run(ledger, trials)
    lonely = {
        key: trial((key[0],), dict(key[1].settings), number=abs(key[1].number))
        for key, ran in found.items()
        if len(trials[key].tests) > 1 and key[1].shared and _in_doubt(ran, key[0])
    }
    found |= _run(ledger, lonely)
    return {nodeid: [answer(found[nodeid, one], nodeid) for one in asks] for nodeid, asks in wanted.items()}


def _run(ledger: Ledger, trials: Mapping[tuple[str, Ask], Trial]) -> dict[tuple[str, Ask], Ran]:
    unique = list(dict.fromkeys(trials.values()))
    rans = dict(zip(unique, ledger.run(unique), strict=True)) if unique else {}
    return {key: rans[one] for key, one in trials.items()}


def _in_doubt(ran: Ran, nodeid: str) -> bool:
    """Whether another test of the run may be the reason for how this one ended: it fell over, or took it along."""
    if ran.status == "broken":
        return True
    mine = ending(table(ran), nodeid)
    loud = any(one.ended in ("hang", "crashed") for one in ran.results if one.nodeid != nodeid)
    return loud and mine.ended in BAD


def answer(ran: Ran, nodeid: str) -> Answer:
    """What a run says of a test."""
    if ran.status != "done" or any(name in ran.missed for name, _ in ran.trial.settings):
        return None
    result = ending(table(ran), nodeid)
    return None if result.own else result


def bad(found: Answer) -> bool:
    """Whether a test ended badly."""
    return found is not None and found.ended in BAD


def good(found: Answer) -> bool:
    """Whether a test passed; a skip is no pass."""
    return found is not None and found.ended == "passed"
