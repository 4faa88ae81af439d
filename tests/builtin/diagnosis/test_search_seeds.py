"""A test that fails by a factor as often as its own draws have it: the factor is named whatever the draws are."""

from __future__ import annotations

from hashlib import sha256

import pytest

from diagnose.fake_laboratory import FakeLaboratory, Situation
from gates.builtin.diagnosis import ordering
from gates.builtin.diagnosis.attributing.case import Parts
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.search import Wish, diagnose
from gates.builtin.diagnosis.trial import Ended

PARTS = Parts(explain=ordering.explain, repeated=ordering.repeated, met=ordering.met)
BEHIND = ("America/Los_Angeles", "America/St_Johns", "America/New_York")


def draw(*words: object) -> float:
    return int.from_bytes(sha256(repr(words).encode()).digest()[:4]) / 2**32


@pytest.mark.parametrize("salt", range(60))
def test_a_factor_that_takes_an_unlucky_draw_is_named_wherever_it_moved_the_test(salt: int) -> None:
    """West of Greenwich it fails by an hour that it draws, in every second run without a seed."""

    def ends(at: Situation) -> Ended:
        seed = at.settings["rngseed"]
        anew = (sorted(at.raw.items()), at.number, at.before, at.turn)
        drawn = draw(salt, anew if seed == "none" else seed)
        return "failed" if at.settings["timezone"] in BEHIND and drawn < 0.5 else "passed"

    lab = FakeLaboratory(["test_a.py::test_it"], ends)
    (one,) = diagnose(lab, Wish(sites=False), lambda line: None, PARTS).tests
    if one.stable:
        return  # the draws of the screening were lucky ones
    assert one.stable is False, one.reason
    named = {name for factor in one.factors for name in factor.name.split("+")}
    assert {"timezone"} <= named <= {"timezone", "rngseed"}, one.reason
    assert all(set(cause.factors) <= set(FACTORS) and cause.back for cause in one.causes)


@pytest.mark.parametrize("salt", range(60))
def test_a_draw_that_fails_in_the_base_is_not_told_as_chance_where_other_seeds_let_it_pass(salt: int) -> None:
    """It fails by what it draws, in every second run without a seed, and with the seed of the base."""

    def ends(at: Situation) -> Ended:
        seed = at.settings["rngseed"]
        anew = (sorted(at.raw.items()), at.number, at.before, at.turn)
        return "failed" if seed == "0" or draw(salt, anew if seed == "none" else seed) < 0.5 else "passed"

    lab = FakeLaboratory(["test_a.py::test_it"], ends)
    (one,) = diagnose(lab, Wish(sites=False), lambda line: None, PARTS).tests
    assert [factor.name for factor in one.factors] == ["rngseed"], (salt, one.reason)
