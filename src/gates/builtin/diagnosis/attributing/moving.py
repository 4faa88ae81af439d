"""Moving: a test that passes in the base and moved in some probes, and all causes that it takes to explain them."""

from __future__ import annotations

from gates.builtin.diagnosis.attributing.aliases import steady
from gates.builtin.diagnosis.attributing.asking import Search, ask, bad
from gates.builtin.diagnosis.attributing.case import Case, Found, Step
from gates.builtin.diagnosis.attributing.combined import Account, combinations, told
from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.screening.moved import Move
from gates.builtin.diagnosis.telling import words


def moving(case: Case) -> Search[Found]:
    """What explains the moves of a test that passed in the base."""
    account = Account()
    context: tuple[str, ...] = ()
    (alone,) = yield [ask({}, 1)]
    if bad(alone):
        step = yield from _alone(case)
        account.take(step)
        if step.cause is None or "order" not in step.cause.factors:
            return account.found()
        context = step.cause.before or step.cause.culprits or case.suite.before(case.nodeid)
        account.take(polluted(case, context))
    moves = [move for move in case.seen.moves if not move.probe.in_process and not _by_order(case, move, account)]
    yield from combinations(case, [varied(move) for move in moves], account, context)
    for move in case.seen.moves:
        if account.chance is None and move.probe.in_process and not context:
            step = yield from _in_process(case, move, account.causes)
            known = step.cause is not None and step.cause.factors in {one.factors for one in account.causes}
            account.take(step._replace(cause=None) if known else step)
    return account.found()


def varied(move: Move) -> dict[str, str]:
    """What was another than in the base where a test moved."""
    return {name: value for name, value in move.probe.settings.items() if name not in move.ran.missed}


def _by_order(case: Case, move: Move, account: Account) -> bool:
    """Whether the order that was found explains a move: none is before it that it builds on, or who spoils it is."""
    before = set(ran_before(move, case.nodeid))
    spoilt = [cause for cause in account.causes if cause.kind == "victim"]
    built = [cause for cause in account.causes if cause.kind == "brittle"]
    return any(before.issuperset(cause.before) for cause in spoilt) or any(
        not before.issuperset(cause.before) for cause in built
    )


def polluted(case: Case, context: tuple[str, ...]) -> Step:
    """Who breaks a brittle test again after the tests that it builds on."""
    if case.parts.spoiled is None:
        return Step()
    said = case.parts.spoiled(case.laboratory, case.suite, case.nodeid, context)
    if isinstance(said, Undecided):
        return Step(note=f"Others break it again after {words.several(context)}: {said.reason}.")
    return Step(cause=said)


def _alone(case: Case) -> Search[Step]:
    """A test that failed alone: brittle, or a matter of seeds or of chance."""
    said = case.parts.explain(case.laboratory, case.suite, case.nodeid, (case.nodeid,), {})
    return (yield from told(said, {}, (), "alone"))


def _in_process(case: Case, move: Move, causes: list[Cause]) -> Search[Step]:
    """What a doubled run, another order or workers moved the test for, where no cause that is known does that."""
    before = ran_before(move, case.nodeid)
    turns = {name: value for name, value in move.probe.settings.items() if name == "repeat"}
    if any(set(cause.before or cause.culprits) <= set(before) for cause in causes if cause.factors == ("order",)):
        return Step()
    if any("rngseed" in cause.factors for cause in causes) and (yield from steady(case, turns, before)):
        return Step()
    if turns:
        said = case.parts.repeated(case.laboratory, case.suite, case.nodeid)
        return (yield from told(said, turns, (), "a second time in the process"))
    if move.probe.settings.get("parallel"):
        said = case.parts.met(case.laboratory, case.suite, case.nodeid, move.ran)
        return (yield from told(said, {}, before, "beside other tests"))
    said = case.parts.explain(case.laboratory, case.suite, case.nodeid, (*before, case.nodeid), {})
    return (yield from told(said, {}, before, "in another order"))


def ran_before(move: Move, nodeid: str) -> tuple[str, ...]:
    """The tests that ran before one in its process."""
    names = list(dict.fromkeys(one.nodeid for one in move.ran.results if one.worker == move.result.worker))
    return tuple(names[: names.index(nodeid)] if nodeid in names else names)
