"""Beyond: the other causes of a test that fails in the base, searched from where it passes."""

from __future__ import annotations

import msgspec

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Found
from gates.builtin.diagnosis.attributing.combined import Account, Settings, combinations, told
from gates.builtin.diagnosis.attributing.moving import polluted
from gates.builtin.diagnosis.attributing.pinned import pinned
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.screening.probes import REVERSED, plan
from gates.builtin.diagnosis.trial import trial

TWICE = {"repeat": "2"}
ORDERS: tuple[Settings, ...] = ({}, {"order": REVERSED})


def beyond(case: Case, found: Found) -> Search[Found]:
    """What was found, with the causes that show only where the first of it is put back.

    A victim is asked alone, a brittle test after those that it builds on, any other with the values at which it passes.
    """
    if not found.causes or case.careful or found.causes[0].passing.get("network") == "real":
        return found
    first = found.causes[0]
    inside = msgspec.structs.replace(case, pinned=first.passing)
    account = yield from pinned(_further(inside, first), first.passing)
    more = [_from(cause, first) for cause in account.causes if cause is not first]
    notes = tuple(dict.fromkeys((*found.notes, *account.notes, *account.excuses)))
    return msgspec.structs.replace(found, causes=(*found.causes, *more), notes=notes)


def _from(cause: Cause, first: Cause) -> Cause:
    """A cause with the values that it was searched with."""
    if not first.passing:
        return cause
    settings = {**first.passing, **cause.settings}
    return msgspec.structs.replace(cause, settings=settings, passing={**first.passing, **cause.passing})


def _further(case: Case, first: Cause) -> Search[Account]:
    context = (first.before or first.culprits) if first.kind == "brittle" else ()
    account = Account(first)
    (there,) = yield [ask({}, 1, context)]
    if not good(there):
        return account
    if context:
        account.take(polluted(case, context))
    left = yield from _moved(case, first, context)
    yield from combinations(case, left, account, context)
    if account.chance is None and not context:
        yield from _in_process(case, account)
    return account


def _moved(case: Case, first: Cause, context: tuple[str, ...]) -> Search[list[Settings]]:
    """The combinations of the screening, without the factors of the first cause, in which it fails twice."""
    probes = (probe for probe in plan(case.ledger.values) if not probe.in_process)
    asked = [{k: v for k, v in probe.settings.items() if k not in first.factors} for probe in probes]
    asked = [one for number, one in enumerate(asked) if one and one not in asked[:number]]
    once = yield [ask(one, 0, context) for one in asked]
    asked = [one for one, answer in zip(asked, once, strict=True) if bad(answer)]
    again = yield [ask(one, 1, context) for one in asked]
    return [one for one, answer in zip(asked, again, strict=True) if bad(answer)]


def _in_process(case: Case, account: Account) -> Search[None]:
    """A second turn, and the order of the suite both ways, as far as no polluter that is known did it."""
    if case.ledger.values("repeat"):
        (twice,) = yield [ask(TWICE, 1)]
        if bad(twice):
            said = case.parts.repeated(case.laboratory, case.suite, case.nodeid)
            account.take((yield from told(said, TWICE, (), "a second time in the process")))
    rans = case.laboratory.run([trial((), settings) for settings in ORDERS if _there(case, settings)])
    for ran in rans:
        known = [cause for cause in account.causes if "order" in cause.factors]
        before = ran.order[: ran.order.index(case.nodeid)] if case.nodeid in ran.order else ()
        if account.chance is None and ran.status == "done" and before and bad(ran.of(case.nodeid)):
            if any(set(before).issuperset(cause.before) for cause in known):
                continue
            said = case.parts.explain(case.laboratory, case.suite, case.nodeid, (*before, case.nodeid), {})
            account.take((yield from told(said, {}, before, "in another order")))


def _there(case: Case, settings: Settings) -> bool:
    return all(value in case.ledger.values(name) or value == FACTORS[name].base for name, value in settings.items())
