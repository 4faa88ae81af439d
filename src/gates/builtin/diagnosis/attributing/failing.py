"""Failing: a test that fails in the base, and the search for circumstances in which it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gates.builtin.diagnosis.attributing import outside
from gates.builtin.diagnosis.attributing.asking import Answer, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.beyond import beyond
from gates.builtin.diagnosis.attributing.case import Case, Found, kind_of
from gates.builtin.diagnosis.attributing.neutral import controlled
from gates.builtin.diagnosis.attributing.single import Narrowed, drawn, narrowed
from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.screening.probes import further
from gates.builtin.diagnosis.trial import Ran, trial

FURTHER = 12
SHUFFLED = "shuffled:"
SHUFFLES = 2
APART = ("listing", "locale", "environment", "directory", "umask", "user", "cpus", "optimize", "network")
NONE = (
    "It fails in every circumstance that was tried ({runs} runs, also with other values of {factors}): "
    "a fault, or a factor that is not varied here."
)


def failing(case: Case) -> Search[Found]:
    """Why a test fails in the base, by a factor or by the tests around it, and what else moves it where it passes."""
    return (yield from beyond(case, (yield from _first(case))))


def _first(case: Case) -> Search[Found]:
    (alone,) = yield [ask({}, 1)]
    prefix = case.suite.before(case.nodeid)
    if alone is None:
        return Found(undecided="Alone in the base no run of it could be made.")
    if good(alone):
        return (yield from _passes_alone(case, prefix))
    if case.ledger.targets(case.nodeid, "outward"):
        found = yield from outside.reached(case)
        if found is not None:
            return found
    for move in case.seen.moves:
        if not move.probe.in_process:
            settings = {k: v for k, v in move.probe.settings.items() if k not in move.ran.missed}
            found = yield from _passes(case, settings)
            if found is not None:
                return found
    cause = _by_order(case, [move.ran for move in case.seen.moves if move.probe.settings.get("order")])
    if cause is not None:
        return Found(causes=(cause,))
    found = yield from _searched(case)
    return found if found.causes or found.chance or case.careful else _shuffled(case, found)


def _shuffled(case: Case, found: Found) -> Found:
    """What other orders of the suite say: who spoils it may run between it and what it builds on, in either direction.

    One run is for all tests that nothing else lets pass.
    """
    orders = [trial((), {"order": value}) for value in case.ledger.values("order") if value.startswith(SHUFFLED)]
    ways = case.ledger.run(orders[:SHUFFLES])
    ways += case.ledger.run([trial(ran.order[::-1]) for ran in ways if ran.status == "done"])
    cause = _by_order(case, ways)
    return Found(causes=(cause,)) if cause is not None else found


def _by_order(case: Case, rans: Sequence[Ran]) -> Cause | None:
    """What an order in which the test passed says of one that fails alone, and in the suite."""
    for ran in rans:
        if ran.of(case.nodeid).ended != "passed":
            continue
        order = ran.order[: ran.order.index(case.nodeid) + 1]
        said = case.parts.explain(case.ledger, case.suite, case.nodeid, order, {})
        if isinstance(said, Cause):
            return said
    return None


def _passes_alone(case: Case, prefix: tuple[str, ...]) -> Search[Found]:
    again = yield [ask({}, 2), ask({}, 3)]
    if not all(good(one) for one in again):
        failed = sum(bad(one) for one in again)
        return Found(chance=(failed, 3)) if failed else Found(undecided="Alone it does not always give a result.")
    said = case.parts.explain(case.ledger, case.suite, case.nodeid, (*prefix, case.nodeid), {})
    if isinstance(said, Cause):
        return Found(causes=(said,))
    why = said.reason if isinstance(said, Undecided) else "It failed twice among the others and passed alone."
    return Found(undecided=why)


def _passes(case: Case, settings: Mapping[str, str]) -> Search[Found | None]:
    """The least of a combination that lets the test pass, proved; None if it does not."""
    if not settings:
        return None
    settings = yield from drawn(case, settings, inside=good)
    (there,) = yield [ask(settings)]
    if not good(there):
        return None
    least = yield from narrowed(case, settings, inside=good, outside=bad)
    if least is None:
        return None
    if least.proof.holds:
        step = yield from controlled(case, _cause(case, least))
        return Found(causes=(step.cause,)) if step.cause else Found(undecided=step.note)
    if least.proof.both_ways:
        return Found(chance=(least.proof.back + least.proof.runs - least.proof.flips, _runs(least)))
    return None


def _runs(least: Narrowed) -> int:
    return least.proof.runs + least.proof.back_runs


def _cause(case: Case, least: Narrowed) -> Cause:
    """The cause of a test that fails at the base's values and passes at these."""
    first = case.suite.base[case.nodeid]
    names = tuple(sorted(least.settings))
    return Cause(
        factors=names,
        kind=kind_of(names),
        settings={name: FACTORS[name].base for name in names},
        flips=least.proof.back,
        runs=least.proof.back_runs,
        back=least.proof.flips,
        ended=first.ended,
        fingerprint=first.fingerprint,
        message=first.message,
        passing=dict(sorted(least.settings.items())),
    )


def _searched(case: Case) -> Search[Found]:
    """The further values of each factor, until the test passes with some."""
    values = case.ledger.values
    combined = [settings for number in range(FURTHER) if (settings := further(number, values))]
    alone = [{name: value} for name in APART for value in values(name) if value not in ("real", "busy")]
    asked: list[Mapping[str, str]] = [*combined, *alone]
    if case.careful:
        asked = asked[:4]
    answers: list[Answer] = yield [ask(settings) for settings in asked]
    for wanted, one in zip(asked, answers, strict=True):
        if good(one):
            found = yield from _passes(case, wanted)
            if found is not None:
                return found
    reason = outside.unreached(case)
    if not reason:
        runs = case.seen.runs + 1 + sum(bad(one) for one in answers)
        names = sorted({name for one in asked for name in one})
        reason = NONE.format(runs=runs, factors=", ".join(names)) if names else f"It failed in all of {runs} runs."
    return Found(undecided=reason)
