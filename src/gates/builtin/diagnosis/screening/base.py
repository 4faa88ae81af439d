"""The base: every factor at its base value, twice, and who did not end alike."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.causes import Suite
from gates.builtin.diagnosis.screening.ledger import Ledger, ending, table
from gates.builtin.diagnosis.trial import BAD, Ran, Result, trial


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The suite as it ran first, and of each test how it ended in all runs of the base."""

    suite: Suite
    seen: Mapping[str, tuple[Result, ...]]
    refused: str = ""  # why nothing can be said

    def ambient(self, nodeid: str) -> bool:
        """Whether a test ended both well and badly with nothing changed."""
        return len({one.ended in BAD for one in self.seen[nodeid]}) > 1

    def fails(self, nodeid: str) -> bool:
        """Whether a test ended badly in every run of the base."""
        return all(one.ended in BAD for one in self.seen[nodeid])


def based(ledger: Ledger, tests: tuple[str, ...], again: bool) -> Base:
    """The base of the suite: run once, and twice where no doubled run follows; `tests` where not all are run."""
    trials = [trial(tests, number=number) for number in range(2 if again else 1)]
    rans = ledger.run(trials)
    first = rans[0]
    nothing = Suite(tests=(), base={})
    if first.status != "done":
        why = first.reason or "pytest gave no answer"
        return Base(suite=nothing, seen={}, refused=f"the suite could not be run: {why}")
    if not first.results:
        return Base(suite=nothing, seen={}, refused="no test was collected")
    found = table(first)
    suite = Suite(tests=first.order, base=found)
    seen: Mapping[str, tuple[Result, ...]] = {nodeid: (found[nodeid],) for nodeid in suite.tests}
    for ran in rans[1:]:
        seen = _more(seen, ran, None)
    return Base(suite=suite, seen=seen)


def doubled(base: Base, ran: Ran) -> Base:
    """The base with the first turn of a doubled run, which is one of it."""
    return msgspec.structs.replace(base, seen=_more(base.seen, ran, 1))


def _more(seen: Mapping[str, tuple[Result, ...]], ran: Ran, turn: int | None) -> dict[str, tuple[Result, ...]]:
    if ran.status != "done":
        return dict(seen)
    found = table(ran, turn)
    return {nodeid: (*results, ending(found, nodeid)) for nodeid, results in seen.items()}
