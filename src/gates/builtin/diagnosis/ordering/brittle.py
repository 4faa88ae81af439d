"""Brittle tests: they fail alone and pass after others, on which they build."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.ordering.culprits import Culprits, culprits
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question, good
from gates.builtin.diagnosis.ordering.seeds import seeded
from gates.builtin.diagnosis.ordering.sharing import shared
from gates.builtin.diagnosis.ordering.verdicts import Claim, verified

CROWD = "it passes after the tests before it and fails alone, and no few of them or of their files are enough for that"


def brittle(inquiry: Inquiry, tests: Sequence[str]) -> Cause | Undecided:
    """On whom it builds, of the tests after which it passes; alone it fails."""
    after = inquiry.others(tests)
    if by_chance := seeded(inquiry, Question(after=after), Question()):
        return by_chance
    found = culprits(inquiry, after, good, {})
    return dependent(inquiry, found) if found else Undecided(reason=CROWD)


def dependent(inquiry: Inquiry, found: Culprits) -> Cause | Undecided:
    """The state-setters as the cause, if it fails without them and passes with them."""
    claim = Claim(
        factors=("order",),
        kind="brittle",
        flip=Question(),
        backs=(found.question,),
        before=found.before,
        culprits=found.names,
        shared=shared(inquiry, found.question),
    )
    return verified(inquiry, claim)
