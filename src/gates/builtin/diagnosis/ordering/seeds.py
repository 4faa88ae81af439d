"""Seeds: whether random numbers alone explain what looked like a matter of order or repetition."""

from __future__ import annotations

import msgspec

from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question, bad, good
from gates.builtin.diagnosis.ordering.verdicts import Claim, verified

FACTOR = "rngseed"
PINNED = "each:0"
MOST = 8


def seeded(inquiry: Inquiry, first: Question, second: Question) -> Cause | Undecided | None:
    """The seed as the cause, where a test that ends in two ways ends in one once each test is seeded alike.

    None where the two still differ, or where no seed alone makes the difference.
    """
    if FACTOR in first.settings or FACTOR in inquiry.lab.unavailable:
        return None
    one, other = inquiry.ask(*(with_seed(question, PINNED) for question in (first, second)))
    if one is None or other is None or bad(one) != bad(other):
        return None
    return by_seed(inquiry, Question(settings=first.settings))


def by_seed(inquiry: Inquiry, question: Question) -> Cause | Undecided | None:
    """The seed as the cause of how a test ends, if one seed has it fail and another has it pass; else None."""
    values = ("0", *inquiry.lab.values(FACTOR))[:MOST]
    seeds = dict.fromkeys(seed for seed in (*values, PINNED, *(f"each:{value}" for value in values)) if seed != "none")
    asked = [with_seed(question, seed) for seed in seeds if seed.partition(":")[2] != "none"]
    answers = inquiry.ask(*asked)
    failed = next((one for one, answer in zip(asked, answers, strict=True) if bad(answer)), None)
    passed = next((one for one, answer in zip(asked, answers, strict=True) if good(answer)), None)
    if failed is None or passed is None:
        return None
    claim = Claim(
        factors=(FACTOR,),
        kind="random",
        flip=failed,
        backs=(passed,),
        settings=failed.settings,
        before=failed.after,
    )
    found = verified(inquiry, claim)
    if isinstance(found, Cause) and failed.settings[FACTOR] == FACTORS[FACTOR].base:
        return msgspec.structs.replace(found, passing=dict(passed.settings))
    return found


def with_seed(question: Question, seed: str) -> Question:
    """The question with generators seeded so."""
    return msgspec.structs.replace(question, settings={**question.settings, FACTOR: seed})
