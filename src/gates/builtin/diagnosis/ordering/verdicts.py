"""Verdicts: a cause once it has shown itself as often as asked, and its counterfactual too."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.factors import Kind
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question, bad, good
from gates.builtin.diagnosis.trial import Result

TIMES = 4
FRESH = 0
"""From this repetition on they count: the first two have led to the claim, all later ones could have refuted it."""

UNSTEADY = Undecided(reason="it ended both ways after the same tests in the same circumstances")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be shown: `flip` fails and every one of `backs` passes, each as often."""

    factors: tuple[str, ...]
    kind: Kind
    flip: Question
    backs: tuple[Question, ...]
    settings: Mapping[str, str] = {}
    before: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()
    shared: str = ""


def verified(inquiry: Inquiry, claim: Claim) -> Cause | Undecided:
    """The cause, if every flip failed and every counterfactual passed."""
    questions = [claim.flip, *claim.backs]
    asked = [msgspec.structs.replace(one, number=FRESH + time) for time in range(TIMES) for one in questions]
    answers = inquiry.ask(*asked)
    flips = [answer for place, answer in enumerate(answers) if place % len(questions) == 0]
    backs = [answer for place, answer in enumerate(answers) if place % len(questions)]
    if not all(map(bad, flips)) or not all(map(good, backs)):
        return UNSTEADY
    found = cause(claim, flips, len(backs))
    return msgspec.structs.replace(found, before=inquiry.before(claim.before), needs=inquiry.needs)


def cause(claim: Claim, flips: list[Result | None], back: int) -> Cause:
    """The cause of a claim, with what these runs showed."""
    failed = [one for one in flips if one is not None and bad(one)]
    return Cause(
        factors=tuple(sorted(claim.factors)),
        kind=claim.kind,
        settings=dict(sorted(claim.settings.items())),
        before=claim.before,
        culprits=claim.culprits,
        flips=len(failed),
        runs=len(flips),
        back=back,
        ended=failed[0].ended,
        fingerprint=failed[0].fingerprint,
        message=failed[0].message,
        shared=claim.shared,
    )
