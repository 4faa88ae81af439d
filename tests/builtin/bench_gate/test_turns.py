"""Turns: every side gets every place equally often, drift cancels, and a burst has a length that fits its benchmark."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates.builtin.bench.paired import turns
from gates.builtin.bench.paired.turns import orders, rhythm

SIDES = ("base", "head", "control")

evens = st.sampled_from([2, 4, 6])


@given(st.integers(0, 40))
def test_six_orders_of_three_sides_give_each_each_place_twice(first: int) -> None:
    places = Counter((side, place) for order in orders(SIDES, 6, first) for place, side in enumerate(order))
    assert places == {(side, place): 2 for side in SIDES for place in range(3)}


@given(st.integers(0, 40), evens)
def test_three_groups_give_each_side_each_place_equally_often(first: int, count: int) -> None:
    every = (order for group in range(first, first + 3) for order in orders(SIDES, count, group))
    places = Counter((side, place) for order in every for place, side in enumerate(order))
    assert len(set(places.values())) == 1
    assert len(places) == 9


@given(st.integers(0, 40), evens)
def test_a_drift_that_grows_evenly_cancels(first: int, count: int) -> None:
    when = [side for order in orders(SIDES, count, first) for side in order]
    sums = {side: sum(moment for moment, one in enumerate(when) if one == side) for side in SIDES}
    assert len(set(sums.values())) == 1


@given(st.integers(0, 40), evens)
def test_each_follows_each_other_equally_often(first: int, count: int) -> None:
    every = [order for group in range(first, first + 3) for order in orders(SIDES, count, group)]
    follows = Counter(pair for order in every for pair in pairwise(order))
    assert len(follows) == 6
    assert len(set(follows.values())) == 1


def test_two_sides_alternate_and_one_is_alone() -> None:
    assert list(orders(("base", "head"), 4)) == [("base", "head"), ("head", "base")] * 2
    assert list(orders(("head",), 2, 5)) == [("head",)] * 2


@given(st.integers(0, 12))
def test_single_orders_are_shared_out_and_cancel_drift_over_groups(first: int) -> None:
    every = [order for group in range(6 * first, 6 * first + 6) for order in orders(SIDES, 1, group)]
    places = Counter((side, place) for order in every for place, side in enumerate(order))
    assert places == {(side, place): 2 for side in SIDES for place in range(3)}
    assert all(one == other[::-1] for one, other in zip(every[::2], every[1::2], strict=True))


@given(st.floats(0.0, 3600.0) | st.floats(0.001, 0.05))
@example(turns.SPENT / 3.5)
@example(turns.SPENT / 5.5)
def test_a_timing_is_long_enough_and_a_process_not_longer_than_it_may(seconds: float) -> None:
    found = rhythm(seconds)
    assert found.bursts in ({1} if seconds * found.loops >= turns.LONG else {2, 4, 6})
    assert 1 <= found.calls <= turns.CALLS
    assert 1 <= found.loops <= 500_001
    if seconds >= 1e-9:
        assert seconds * found.loops >= turns.SHORTEST * 0.999
    timing = seconds * found.loops
    assert found.bursts * found.calls * timing <= max(turns.SPENT * 1.001, turns.FEWEST * timing)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (3e-9, (6, 3, 166_667)),
        (3e-6, (6, 3, 167)),
        (1e-3, (6, 3, 1)),
        (0.0099, (4, 1, 1)),
        (0.02, (2, 1, 1)),
        (1.0, (1, 1, 1)),
        (3600.0, (1, 1, 1)),
    ],
)
def test_the_rhythm_of(seconds: float, expected: tuple[int, int, int]) -> None:
    found = rhythm(seconds)
    assert (found.bursts, found.calls, found.loops) == expected


def test_what_the_test_itself_says_is_kept() -> None:
    assert rhythm(1e-6, 7).loops == 7
    assert rhythm(0.01, 100).loops == 100
