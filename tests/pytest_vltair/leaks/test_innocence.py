"""Innocence: what normal use changes is told from what a test left, and no foreign method is called to find out."""

from __future__ import annotations

import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vltair.leaks.innocence import equal, is_innocent, is_unwatched
from pytest_vltair.leaks.values import MISSING

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


class Loud:
    def __eq__(self, other: object) -> bool:
        raise AssertionError

    __hash__ = object.__hash__


def function() -> None: ...


class Class:
    @classmethod
    def made(cls) -> None: ...


OTHER = types.ModuleType("shop.sub")


@pytest.mark.parametrize(
    ("name", "before", "after", "innocent"),
    [
        ("x", None, Loud(), True),
        ("x", None, MISSING, False),
        ("x", object(), 1, True),
        ("x", ..., 1, True),
        ("count", 1, 2, True),
        ("count", 2, 1, False),
        ("LIMIT", 1, 2, False),
        ("_LIMIT", 1, 2, True),
        ("when", 1, 2.5, True),
        ("loaded", False, True, True),
        ("loaded", True, False, False),
        ("DEBUG", False, True, False),
        ("mixed", False, 2, False),
        ("x", "a", "a", True),
        ("x", "a", "b", False),
        ("x", Loud(), Loud(), False),
        ("x", function, lambda: None, False),
        ("x", OTHER, MISSING, True),
        ("x", OTHER, types.ModuleType("shop.sub"), True),
        ("x", OTHER, types.ModuleType("other"), False),
        ("x", OTHER, None, False),
        ("sub", function, OTHER, True),
        ("x", function, OTHER, False),
        ("made", vars(Class)["made"], Class.made, True),
        ("made", vars(Class)["made"], function, False),
    ],
)
def test_table(name: str, before: object, after: object, innocent: bool) -> None:
    assert is_innocent("shop", name, before, after) is innocent


@given(plain, plain)
def test_equal_is_no_looser_than_python(one: object, other: object) -> None:
    assert equal(one, one)
    if equal(one, other):
        assert one == other


@given(plain)
def test_a_copy_is_equal(one: object) -> None:
    assert equal(one, eval(repr(one)), depth=9)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ([1], (1,)),
        ([Loud()], [Loud()]),
        ({Loud(): 1}, {Loud(): 1}),
        ({1}, {2}),
        ({Loud()}, {Loud()}),
        ([1], [1, 2]),
        ([0] * 5000, [0] * 5000),
        ([[[[[1]]]]], [[[[[1]]]]]),
    ],
)
def test_different(one: object, other: object) -> None:
    assert not equal(one, other)


@pytest.mark.parametrize(
    ("name", "before", "in_class", "unwatched"),
    [
        ("__doc__", "", True, True),
        ("__init__", function, True, False),
        ("__init__", function, False, True),
        ("_member_map_", {}, True, True),
        ("_abc_impl", 1, True, True),
        ("_", 1, False, False),
        ("_x", 1, False, False),
        ("x", 1, True, False),
    ],
)
def test_unwatched(name: str, before: object, in_class: bool, unwatched: bool) -> None:
    assert is_unwatched(name, before, in_class) is unwatched
