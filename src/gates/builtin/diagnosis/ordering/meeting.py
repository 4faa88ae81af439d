"""Meeting: a test that failed in a parallel run: for what ran before it in its process, or for whom it met."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.factors import settled
from gates.builtin.diagnosis.ordering.flips import explain
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, NoAnswerError, Question, bad, good, numbered
from gates.builtin.diagnosis.ordering.minimal import UnsteadyError
from gates.builtin.diagnosis.ordering.verdicts import FRESH, UNSTEADY, Claim, cause
from gates.builtin.diagnosis.trial import Laboratory, Ran, Result

FACTOR = "parallel"
PAIR = {FACTOR: "2"}
ROUND = 5
ENOUGH = (4, 5)
"""A meeting is a matter of instants: so many flips are enough after each round, where all runs apart pass."""

LEAST = 5
"""Of that many runs one must flip for another round."""

MOST = 12
PAIRS = 4
"""Of those that did no harm the first time, so many are tried again."""

SLACK = 0.05
NEVER = Undecided(reason="it failed in a parallel run, and not again when that was repeated")
SELDOM = Undecided(reason="it failed in a few of many parallel runs, too few to tell them from others")


def met(lab: Laboratory, suite: Suite, nodeid: str, ran: Ran) -> Cause | Undecided | None:
    """Why a test failed in this parallel run; None where it does so in no parallel run alone, but in every run."""
    inquiry = Inquiry(lab, suite, nodeid)
    mine = next((one for one in ran.results if one.nodeid == nodeid), None)
    if mine is None:
        return NEVER
    try:
        worker = [one for one in ran.results if one.worker == mine.worker]
        before = tuple(one.nodeid for one in worker[: worker.index(mine)])
        serial = inquiry.times(Question(after=inquiry.others(before)), 0, 2)
        if any(map(bad, serial)):
            return explain(lab, suite, nodeid, (*before, nodeid), {})
        return _of_parallel(inquiry, mine, ran)
    except NoAnswerError as error:
        return Undecided(reason=str(error))
    except UnsteadyError:
        return UNSTEADY


def neighbours(mine: Result, ran: Ran) -> tuple[str, ...]:
    """Tests of other workers, those that ran at the same time first, then the latest before it."""
    others = [one for one in ran.results if one.worker != mine.worker and one.began < _end(mine) + SLACK]
    overlaps = [one for one in others if _end(one) > mine.began - SLACK]
    earlier = sorted((one for one in others if one not in overlaps), key=_end, reverse=True)
    closest = sorted(overlaps, key=lambda one: max(one.began, mine.began) - min(_end(one), _end(mine)))
    return tuple(dict.fromkeys(one.nodeid for one in (*closest, *earlier)))[:MOST]


def _end(result: Result) -> float:
    return result.began + result.seconds


def _of_parallel(inquiry: Inquiry, mine: Result, ran: Ran) -> Cause | Undecided:
    """The workers themselves, one that it met, or the run as a whole."""
    if any(map(bad, inquiry.times(Question(settings=PAIR), 0, 2))):
        return _shown(inquiry, Question(settings=PAIR), (Question(),), ())
    candidates = inquiry.others(neighbours(mine, ran))
    pairs = [Question(behind=(one,), settings=PAIR) for one in candidates]
    suspects = [one for one, answer in zip(pairs, inquiry.ask(*pairs), strict=True) if bad(answer)]
    for pair in suspects or pairs[:PAIRS]:
        found = _shown(inquiry, pair, (Question(behind=pair.behind), Question(after=pair.behind)), pair.behind)
        if isinstance(found, Cause):
            return found
    return _whole(inquiry, ran)


def _whole(inquiry: Inquiry, ran: Ran) -> Cause | Undecided:
    """The parallel run as the cause, where it repeats and nobody in particular is found."""
    tests = ran.trial.tests or inquiry.suite.tests
    place = tests.index(inquiry.nodeid) if inquiry.nodeid in tests else 0
    settings = {name: value for name, value in ran.trial.settings if name == FACTOR} or PAIR
    around = Question(after=inquiry.others(tests[:place]), behind=inquiry.others(tests[place + 1 :]), settings=settings)
    return _shown(inquiry, around, (Question(),), ())


def _shown(inquiry: Inquiry, flip: Question, backs: Sequence[Question], culprits: tuple[str, ...]) -> Cause | Undecided:
    """The cause, if it fails again and again beside these and never without them or one after the other."""
    flips: list[Result | None] = []
    passed = 0
    for enough in ENOUGH:
        first = FRESH + len(flips)
        flips += inquiry.times(flip, first, ROUND)
        if sum(map(bad, flips)) * LEAST < len(flips):
            return NEVER
        apart = inquiry.ask(*(one for back in backs for one in numbered(back, first, ROUND)))
        if not all(map(good, apart)):
            return UNSTEADY
        passed += len(apart)
        if sum(map(bad, flips)) >= enough:
            claim = Claim(
                factors=(FACTOR,),
                kind="concurrency",
                flip=flip,
                backs=tuple(backs),
                settings=dict(settled(flip.settings)),
                culprits=culprits,
            )
            return cause(claim, flips, passed)
    return SELDOM
