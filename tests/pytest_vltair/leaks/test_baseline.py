"""The baseline: what changes by right is nobody's, and a probe that raises is dropped and said, in every frame."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.probe import State


class Thing:
    """A probe of one value, which raises where it is told to."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.value: Any = 1
        self.broken = ""

    def look(self) -> State:
        """The value."""
        self._may("look")
        return {"value": self.value}

    def changed(self, known: State) -> bool:
        """Whether it is another."""
        self._may("changed")
        return bool(known["value"] != self.value)

    def same(self, key: object, before: Any, after: Any) -> bool:
        """Whether the values are equal."""
        del key
        self._may("same")
        return bool(before == after)

    def describe(self, key: object, before: Any, after: Any) -> str:
        """What it was and is."""
        return f"{key} was {before} and is {after}"

    def restore(self, key: object, before: Any, after: Any) -> bool:
        """Set it."""
        del key, after
        self.value = before
        return True

    def _may(self, method: str) -> None:
        if method == self.broken:
            raise OSError(method)


def taken(*probes: Any) -> Baseline:
    baseline = Baseline((probe, "anybody") for probe in probes)
    baseline.take()
    return baseline


def test_what_a_frame_saw_is_of_the_frames_around_it() -> None:
    one = Thing("one")
    baseline = taken(one)
    outer = baseline.open()
    inner = baseline.open()
    one.value = 2
    assert [(each.before, each.after) for each in baseline.close(inner)] == [(1, 2)]
    assert baseline.close(outer) == []
    assert not list(baseline.moved())


def test_a_frame_that_was_never_closed_ends_with_the_one_around_it() -> None:
    one = Thing("one")
    baseline = taken(one)
    outer = baseline.open()
    baseline.open()
    one.value = 2
    assert len(baseline.close(outer)) == 1
    assert baseline.close({}) == []


@pytest.mark.parametrize("method", ["changed", "look", "same"])
@pytest.mark.parametrize("within", [True, False])
def test_a_probe_that_raises_is_dropped_and_the_others_go_on(method: str, within: bool) -> None:
    broken, sound = Thing("broken"), Thing("sound")
    baseline = taken(broken, sound)
    frame = baseline.open() if within else {}
    broken.broken = method
    broken.value = sound.value = 2
    if not within:
        frame = baseline.open()
        broken.value = sound.value = 3
    found = baseline.close(frame)
    assert [each.watched.probe.kind for each in found] == ["sound"]
    assert list(baseline.notes) == [f"broken: no longer looked for: Thing raised OSError('{method}')"]
    assert [one.probe for one in baseline.watched] == [sound]
