"""Placed: the lines that read the factors of an unstable test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from gates.builtin.diagnosis.attributing.case import Parts
from gates.builtin.diagnosis.causes import Cause, Diagnosed
from gates.builtin.diagnosis.factors import settled
from gates.builtin.diagnosis.screening.ledger import Ledger
from gates.builtin.diagnosis.trial import BAD, Place, Trial

Say = Callable[[str], None]
Known: TypeAlias = dict[tuple[str, tuple[str, ...]], tuple[Place, ...]]
"""The lines that were found, by the group of tests or the test, and by the factors."""


def placed(
    ledger: Ledger,
    parts: Parts,
    one: Diagnosed,
    say: Say,
    known: Known,
) -> Diagnosed:
    """The same with the lines that read the factors; those of a group's first test are enough where they do it here."""
    if not one.causes or parts.find is None:
        return one
    causes: list[Cause] = []
    for cause in one.causes:
        key = (one.group or one.nodeid, cause.factors)
        found = known.get(key)
        if not ledger.exhausted and (found is None or (found and not _does(ledger, one.nodeid, cause, found))):
            say(f"looking for the lines of {one.nodeid}")
            found = parts.find(ledger, one.nodeid, cause, cause.passing)
            known.setdefault(key, found)
        causes.append(msgspec.structs.replace(cause, sites=found or ()))
    sites = dict.fromkeys(place for cause in causes for place in cause.sites)
    return msgspec.structs.replace(one, causes=tuple(causes), sites=tuple(sites))


def _does(ledger: Ledger, nodeid: str, cause: Cause, places: tuple[Place, ...]) -> bool:
    """Whether the lines that were found for another test of the group make this one flip as well."""
    flip = settled(cause.settings)
    around = flip or settled(cause.passing)
    if flip and cause.passing:
        return False
    (ran,) = ledger.run([Trial(tests=(*cause.before, nodeid), settings=around, at=places)])
    return ran.status == "done" and (ran.of(nodeid).ended in BAD) is bool(flip)
