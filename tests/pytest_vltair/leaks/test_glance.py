"""The glance: who is asked, and when, so that no leak is missed for the sake of speed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pytest

from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.probe import State
from pytest_vltair.leaks.values import Sign


class Thing:
    """A probe of one value, which counts how often it is asked."""

    kind = "thing"

    def __init__(self, value: Any = 1, signed: bool = True) -> None:
        self.value = value
        self.asked = 0
        if not signed:
            self.signs = None  # type: ignore[assignment,method-assign]

    def look(self) -> State:
        return {"value": self.value}

    def changed(self, known: State) -> bool:
        self.asked += 1
        return bool(known["value"] is not self.value)

    def signs(self, known: State) -> Sequence[Sign] | None:
        return [Sign(lambda: self.value, known["value"])]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        del key
        return bool(before == after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        return f"{key} was {before} and is {after}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        del key, after
        self.value = before
        return True


class Quarrelsome:
    """A value that does not let itself be compared."""

    def __eq__(self, other: object) -> bool:
        raise ValueError(other)

    __hash__ = None  # type: ignore[assignment]


def taken(*probes: Thing, between: str = "plugins") -> Baseline:
    baseline = Baseline((probe, between) for probe in probes)
    baseline.take()
    return baseline


def kinds(baseline: Baseline) -> list[Any]:
    return [one.probe for one in baseline.moved()]


def test_who_tells_by_signs_is_asked_only_where_one_differs() -> None:
    one, other = Thing(), Thing()
    baseline = taken(one, other)
    assert not kinds(baseline)
    assert (one.asked, other.asked) == (0, 0)
    other.value = 2
    assert kinds(baseline) == [other]
    assert (one.asked, other.asked) == (1, 1)


def test_who_has_no_signs_is_asked_each_time() -> None:
    one, other = Thing(), Thing(signed=False)
    baseline = taken(one, other)
    for count in (1, 2):
        assert not kinds(baseline)
        assert (one.asked, other.asked) == (0, count)
    other.value = 2
    assert kinds(baseline) == [other]


def test_signs_follow_what_is_known() -> None:
    one = Thing()
    baseline = taken(one)
    one.value = 2
    (watched,) = baseline.moved()
    watched.known = baseline.look(watched)
    assert not kinds(baseline)
    one.value = 1
    assert kinds(baseline) == [one]


def test_what_cannot_be_compared_differs() -> None:
    one = Thing()
    baseline = taken(one)
    one.value = Quarrelsome()
    assert kinds(baseline) == [one]


def test_signs_that_differ_for_nothing_are_made_anew() -> None:
    one = Thing([1])
    baseline = taken(one)
    (watched,) = baseline.watched
    expected = [2]
    one.signs = lambda known: [Sign(lambda: [2], expected)]  # type: ignore[method-assign]
    watched.known = baseline.look(watched)
    watched._signs = one.signs
    baseline.moved()
    expected[:] = [3]
    assert not kinds(baseline)
    assert one.asked == 1
    expected[:] = [2]
    assert not kinds(baseline)
    assert one.asked == 1


def test_a_probe_whose_signs_raise_is_dropped() -> None:
    one, other = Thing(), Thing(2)
    one.signs = lambda known: [known["none"]]  # type: ignore[method-assign]
    baseline = taken(one, other)
    other.value = 3
    assert kinds(baseline) == [other]
    assert list(baseline.notes) == ["thing: no longer looked for: Thing raised KeyError('none')"]


@pytest.mark.parametrize(
    ("between", "alone", "refreshed"),
    [
        ("anybody", True, True),
        ("anybody", False, True),
        ("plugins", True, False),
        ("plugins", False, True),
        ("nobody", False, False),
    ],
)
def test_who_is_asked_before_a_test(between: str, alone: bool, refreshed: bool) -> None:
    one = Thing()
    baseline = taken(one, between=between)
    one.value = 2
    baseline.refresh(alone)
    assert bool(kinds(baseline)) is not refreshed
