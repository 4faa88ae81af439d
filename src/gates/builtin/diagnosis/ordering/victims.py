"""Victims: tests that pass alone and fail after others."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.factors import Settings
from gates.builtin.diagnosis.ordering.culprits import Culprits, culprits
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question, bad
from gates.builtin.diagnosis.ordering.seeds import seeded
from gates.builtin.diagnosis.ordering.sharing import shared
from gates.builtin.diagnosis.ordering.verdicts import Claim, verified

CROWD = "it fails after the tests before it and passes alone, and no few of them or of their files are enough for that"


def victim(inquiry: Inquiry, tests: Sequence[str], settings: Settings) -> Cause | Undecided:
    """Who makes it fail, of the tests after which it does; alone it passes, in the same settings."""
    after = inquiry.others(tests)
    if by_chance := seeded(inquiry, Question(after=after, settings=settings), Question(settings=settings)):
        return by_chance
    found = culprits(inquiry, after, bad, settings)
    return accused(inquiry, found, settings) if found else Undecided(reason=CROWD)


def accused(inquiry: Inquiry, found: Culprits, settings: Settings) -> Cause | Undecided:
    """The polluters as the cause, if they and the settings prove to be so."""
    needed = _needed(inquiry, found, settings)
    flip = Question(after=found.question.after, behind=found.question.behind, settings=needed)
    backs = [Question(settings=needed)]
    backs += [Question(after=flip.after, behind=flip.behind)] if needed else []
    claim = Claim(
        factors=("order", *needed),
        kind="victim",
        flip=flip,
        backs=tuple(backs),
        settings=needed,
        before=found.before,
        culprits=found.names,
        shared=shared(inquiry, flip),
    )
    return verified(inquiry, claim)


def _needed(inquiry: Inquiry, found: Culprits, settings: Settings) -> Settings:
    """The settings without which the polluters do no harm."""
    needed = dict(settings)
    for name in sorted(settings):
        fewer = {other: value for other, value in needed.items() if other != name}
        question = Question(after=found.question.after, behind=found.question.behind, settings=fewer)
        if bad(inquiry.ask(question)[0]):
            needed = fewer
    return needed
