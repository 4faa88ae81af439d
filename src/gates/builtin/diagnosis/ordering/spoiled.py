"""Spoiled: a brittle test that others break again, after the tests that it builds on."""

from __future__ import annotations

from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, NoAnswerError, Question, bad
from gates.builtin.diagnosis.ordering.minimal import UnsteadyError
from gates.builtin.diagnosis.ordering.victims import victim
from gates.builtin.diagnosis.trial import Laboratory


def spoiled(lab: Laboratory, suite: Suite, nodeid: str, needs: tuple[str, ...]) -> Cause | Undecided | None:
    """Who makes a test fail that passes after those that it `needs`; None where nobody was seen to.

    All others run between the two, in both directions, since one may mend what another broke; and before the two, since
    one may keep a state-setter from its work.
    """
    between, ahead = Inquiry(lab, suite, nodeid, needs), Inquiry(lab, suite, nodeid, needs, late=True)
    others = between.others(suite.tests)
    if not others:
        return None
    orders = ((between, others), (between, between.others(suite.tests[::-1])), (ahead, others))
    try:
        lab.run([inquiry.trial(Question(after=order)) for inquiry, order in orders])
        for inquiry, order in orders:
            if bad(inquiry.ask(Question(after=order))[0]):
                return _by(inquiry, order)
    except NoAnswerError as error:
        return Undecided(reason=str(error))
    except UnsteadyError:
        return None
    return None


def _by(inquiry: Inquiry, order: tuple[str, ...]) -> Cause | Undecided | None:
    """The polluters among some tests, if it fails after these again."""
    if not bad(inquiry.ask(Question(after=order, number=1))[0]):
        return None
    found = victim(inquiry, order, {})
    return found if isinstance(found, Undecided) or "order" in found.factors else None
