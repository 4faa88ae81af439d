"""Sets of lines as whole numbers: nothing is lost on the way, and they reckon like sets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.coverage import lines

numbers = st.sets(st.integers(1, 3000), max_size=200)


@settings(deadline=None)
@given(numbers)
def test_a_set_comes_back_as_it_went(held: set[int]) -> None:
    assert lines.numbers(lines.of(held)) == sorted(held)
    assert lines.decoded(lines.encoded(lines.of(held))) == lines.of(held)
    assert lines.of(held).bit_count() == len(held)


@settings(deadline=None)
@given(numbers, numbers)
def test_operators_are_those_of_sets(one: set[int], other: set[int]) -> None:
    a, b = lines.of(one), lines.of(other)
    assert lines.numbers(a | b) == sorted(one | other)
    assert lines.numbers(a & b) == sorted(one & other)
    assert lines.numbers(a & ~b) == sorted(one - other)
    assert (a & ~b == 0) == (one <= other)


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(-3, 500))
def test_between_has_both_ends(first: int, last: int) -> None:
    assert lines.numbers(lines.between(first, last)) == list(range(first, last + 1))


@settings(deadline=None)
@given(numbers)
def test_ranges_cover_the_set_and_never_touch(held: set[int]) -> None:
    found = lines.ranges(lines.of(held))
    assert sorted(n for first, last in found for n in range(first, last + 1)) == sorted(held)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))


@settings(deadline=None)
@given(numbers, numbers)
def test_joined_lines_are_between_and_never_at_an_end(held: set[int], blank: set[int]) -> None:
    found = lines.ranges(lines.of(held), lines.of(blank))
    inside = {n for first, last in found for n in range(first, last + 1)}
    assert held <= inside <= held | blank
    assert all({first, last} <= held for first, last in found)
    for before, after in pairwise(found):
        assert not set(range(before[1] + 1, after[0])) <= blank


def test_text_is_what_a_report_prints() -> None:
    assert lines.text(lines.of([3, 7, 8, 9, 12])) == "3, 7-9, 12"
    assert lines.text(lines.of([3, 7, 8, 9, 12]), lines.of([10, 11])) == "3, 7-12"
    assert lines.text(0) == ""


@settings(deadline=None)
@given(st.lists(st.integers(0, 64), max_size=20))
def test_numbers_may_come_twice_in_any_order(given_: list[int]) -> None:
    assert lines.of(iter(given_)) == sum(1 << n for n in set(given_))


@pytest.mark.parametrize("absurd", [[-1], [3, lines.LARGEST + 1], [10**30]])
def test_absurd_numbers_are_no_lines(absurd: list[int]) -> None:
    with pytest.raises(ValueError, match="is no line number"):
        lines.of(absurd)


def test_the_largest_line_is_one() -> None:
    assert lines.of([lines.LARGEST]).bit_length() == lines.LARGEST + 1
    assert lines.decoded(lines.encoded(1 << lines.LARGEST)) == 1 << lines.LARGEST


@pytest.mark.parametrize("digits", ["", "xyz", "-1", "0x1_", "1 ", "f" * (lines.LARGEST // 4 + 2)])
def test_what_is_no_hex_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match=r"hex|invalid literal"):
        lines.decoded(digits)
