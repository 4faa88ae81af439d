"""Flips: a test that ended otherwise in another order, and what of that order it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.factors import IN_PROCESS, Settings, settled
from gates.builtin.diagnosis.ordering.brittle import brittle, dependent
from gates.builtin.diagnosis.ordering.culprits import importing
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, NoAnswerError, Question, bad, good
from gates.builtin.diagnosis.ordering.minimal import UnsteadyError
from gates.builtin.diagnosis.ordering.verdicts import UNSTEADY
from gates.builtin.diagnosis.ordering.victims import accused, victim
from gates.builtin.diagnosis.trial import Laboratory, Result


def explain(
    lab: Laboratory,
    suite: Suite,
    nodeid: str,
    order: Sequence[str],
    settings: Settings,
    needs: tuple[str, ...] = (),
) -> Cause | Undecided | None:
    """What makes a test end otherwise than in the base, that did so when the tests ran in this order.

    A brittle one is asked with the tests before it that it `needs`, so that others can be seen to spoil it.
    None where order has no part in it: it ends alike in every order, the settings do it alone, or the examples of a
    document ran in another order than they are written in. Undecided where it ended both ways in one order.
    """
    try:
        return _explained(Inquiry(lab, suite, nodeid, needs), tuple(order), _others_of(settings))
    except NoAnswerError as error:
        return Undecided(reason=str(error))
    except UnsteadyError:
        return UNSTEADY


def _explained(inquiry: Inquiry, order: tuple[str, ...], settings: Settings) -> Cause | Undecided | None:
    there = inquiry.others(order[: order.index(inquiry.nodeid)] if inquiry.nodeid in order else order)
    if settings:
        plain, alone, both, bare = inquiry.ask(
            Question(after=there),
            Question(settings=settings),
            Question(after=there, settings=settings),
            Question(),
        )
        if bad(alone) and not bad(bare):
            return None
        if bad(both) and not bad(plain) and not bad(bare):
            return _paired(inquiry, there, settings)
    return _plain(inquiry, there)


def _paired(inquiry: Inquiry, there: tuple[str, ...], settings: Settings) -> Cause | Undecided:
    """The polluters that do harm in these settings only."""
    if not bad(_twice(inquiry, there, settings)):
        return UNSTEADY
    return victim(inquiry, there, settings)


def _plain(inquiry: Inquiry, there: tuple[str, ...]) -> Cause | Undecided | None:
    """What comes of a test by its place in this order, or in that of the base."""
    here = inquiry.others(inquiry.suite.before(inquiry.nodeid)) if inquiry.nodeid in inquiry.suite.tests else ()
    alone = _twice(inquiry, ())
    wanted = good if bad(alone) else bad
    for tests in dict.fromkeys((there, here)):
        if tests and wanted(_twice(inquiry, tests)):
            return brittle(inquiry, tests) if bad(alone) else victim(inquiry, tests, {})
    if found := importing(inquiry, inquiry.suite.tests, wanted, {}):
        return dependent(inquiry, found) if bad(alone) else accused(inquiry, found, {})
    return _unexplained(inquiry, alone)


def _unexplained(inquiry: Inquiry, alone: Result | None) -> Undecided | None:
    base = inquiry.suite.base.get(inquiry.nodeid)
    if inquiry.own or (bad(base) and bad(alone)):
        return None
    return Undecided(
        reason="it ended otherwise once after other tests, and not again when they ran in that order again"
    )


def _twice(inquiry: Inquiry, after: tuple[str, ...], settings: Settings | None = None) -> Result | None:
    """How it ends, if it does so twice."""
    first, second = inquiry.times(Question(after=after, settings=settings or {}), 0, 2)
    if bad(first) != bad(second) or good(first) != good(second):
        raise UnsteadyError
    return first


def _others_of(settings: Settings) -> Settings:
    """What differs from the base but for the order itself."""
    return {name: value for name, value in settled(settings) if name not in IN_PROCESS}
