"""Members: the other tests of a group, for which it is enough to prove the cause that the first of it has."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gates.builtin.diagnosis.attributing.asking import Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Found
from gates.builtin.diagnosis.attributing.neutral import controlled
from gates.builtin.diagnosis.causes import Cause


def confirmed(case: Case, causes: Sequence[Cause]) -> Search[Found | None]:
    """The same causes for another test of the group, each proved for it; None if one does not hold."""
    found: list[Cause] = []
    for cause in causes:
        held = yield from _held(case, cause)
        if held is None:
            return None
        found.append(held)
    return Found(causes=tuple(found))


def _held(case: Case, cause: Cause) -> Search[Cause | None]:
    """A cause as it shows in another test, which needs no narrowing where one factor has one value."""
    if case.nodeid in cause.culprits or not _transferable(cause):
        return None
    repeats = 2 if case.careful else case.repeats
    flipping = dict(cause.settings)
    backed = dict(cause.passing)
    with_all = [_company(flipping, number) for number in range(repeats)]
    without = [_company(backed, number) for number in range(repeats)]
    rests = (
        []
        if len(flipping) < 2 or cause.passing
        else [{k: v for k, v in flipping.items() if k != name} for name in flipping]
    )
    answers = yield [*with_all, *without, *(_company(rest, 0) for rest in rests)]
    flips, backs = answers[:repeats], answers[repeats:]
    apart = answers[2 * repeats :]
    shows = flips[0]
    if not all(map(bad, flips)) or not all(map(good, backs)) or shows is None:
        return None
    if any(map(bad, apart)):
        return None
    held = msgspec.structs.replace(
        cause,
        flips=len(flips),
        runs=len(flips),
        back=len(backs),
        ended=shows.ended,
        fingerprint=shows.fingerprint,
        message=shows.message,
    )
    return (yield from controlled(case, held)).cause


def _transferable(cause: Cause) -> bool:
    return not cause.before and not cause.culprits and "repeat" not in cause.factors and "parallel" not in cause.factors


def _company(settings: dict[str, str], number: int) -> Ask:
    return ask(settings, -number)
