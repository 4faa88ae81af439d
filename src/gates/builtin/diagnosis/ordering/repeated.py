"""Repeated: a test whose second turn in one process failed: it spoils itself, or a later test spoils it."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.ordering.flips import explain
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, NoAnswerError, Question, bad, good, numbered
from gates.builtin.diagnosis.ordering.minimal import CrowdError, Flips, UnsteadyError, minimal
from gates.builtin.diagnosis.ordering.seeds import by_seed, with_seed
from gates.builtin.diagnosis.ordering.sharing import shared
from gates.builtin.diagnosis.ordering.units import test_of
from gates.builtin.diagnosis.ordering.verdicts import UNSTEADY, Claim, cause
from gates.builtin.diagnosis.trial import BAD, Laboratory, Result

FACTOR = "repeat"
TWICE = {FACTOR: "2"}
MOST = 5
TURNS = (1, 2)
ROUNDS = 5


def repeated(lab: Laboratory, suite: Suite, nodeid: str) -> Cause | Undecided | None:
    """Why a test ended otherwise the second time that it ran in one process; None where it does not."""
    inquiry = Inquiry(lab, suite, nodeid)
    try:
        if _spoiled(inquiry, (), 0):
            return _of_itself(inquiry, ())
        others = inquiry.others(suite.tests)
        found = explain(lab, suite, nodeid, (*others, nodeid), {}) if others else None
        if isinstance(found, Cause) or not others or not _spoiled(inquiry, others, 0):
            return found
        return _of_itself(inquiry, others)
    except NoAnswerError as error:
        return Undecided(reason=str(error))
    except UnsteadyError:
        return UNSTEADY


def _of_itself(inquiry: Inquiry, others: tuple[str, ...]) -> Cause | Undecided:
    """The repetition as the cause, of the test alone or of few others with it."""
    if not _spoiled(inquiry, others, 1):
        return UNSTEADY
    if by_chance := _seeded(inquiry, others):
        return by_chance
    after = others
    if others:
        try:
            names = minimal(tuple(dict.fromkeys(map(test_of, others))), _flips(inquiry, others), MOST)
        except CrowdError:
            names = ()
        after = tuple(one for one in others if test_of(one) in names) if names else others
    flip = Question(after=after, settings=TWICE)
    once = Question(after=after)
    turns = [_turns(inquiry, flip, time) for time in range(ROUNDS)]
    backs = inquiry.times(once, 0, ROUNDS)
    pattern = [bad(one) for one in turns[0]]
    if not all(_differ(one) and [bad(turn) for turn in one] == pattern for one in turns):
        return UNSTEADY
    if any(bad(one) != pattern[0] or good(one) == pattern[0] for one in backs):
        return UNSTEADY
    claim = Claim(
        factors=(FACTOR,),
        kind="non-idempotent",
        flip=flip,
        backs=(once,),
        settings=TWICE,
        before=after,
        culprits=() if after == others else after,
        shared=shared(inquiry, Question()) if not after else "",
    )
    failed = [next((turn for turn in one if bad(turn)), None) for one in turns]
    return cause(claim, failed, sum(map(good, backs)))


def _flips(inquiry: Inquiry, others: tuple[str, ...]) -> Flips:
    def flips(units: Sequence[str], number: int) -> bool:
        return _spoiled(inquiry, tuple(one for one in others if test_of(one) in units), number)

    return flips


def _seeded(inquiry: Inquiry, others: tuple[str, ...]) -> Cause | Undecided | None:
    """The seed as the cause, where the second turn ends as the first once both are seeded alike."""
    if "rngseed" in inquiry.lab.unavailable:
        return None
    question = with_seed(Question(after=others, settings=TWICE), "each:0")
    turns = _turns(inquiry, question, 0)
    if len(turns) < len(TURNS) or _differ(turns):
        return None
    return by_seed(inquiry, Question())


def _spoiled(inquiry: Inquiry, others: tuple[str, ...], number: int) -> bool:
    return _differ(_turns(inquiry, Question(after=others, settings=TWICE), number))


def _turns(inquiry: Inquiry, question: Question, number: int) -> list[Result]:
    """How both turns of the test ended; fewer where a run does not say."""
    ran = inquiry.run(*numbered(question, number, 1))[0]
    if inquiry.answer(ran) is None:
        return []
    turns = {one.turn: one for one in ran.results if one.nodeid == inquiry.nodeid}
    return [turns[turn] for turn in TURNS if turn in turns]


def _differ(turns: list[Result]) -> bool:
    """Whether one turn failed and the other passed."""
    return sorted(one.ended in BAD for one in turns) == [False, True] and any(one.ended == "passed" for one in turns)
