"""Attribution: what fixtures of wider scope than a test change is theirs, until they end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from pytest_vltair.leaks.baseline import Baseline, Difference, Frame
from pytest_vltair.leaks.values import MISSING

_XUNIT = r"_?(?:xunit|unittest)_(\w+?)_fixture_"

UNASKED = ("random", "import-path")
"""Kinds of which what a teardown does is nobody's leak."""


class Ended:
    """What a fixture changed, and its name; it has been torn down."""

    def __init__(self, name: str, changes: list[Difference]) -> None:
        self.name = name
        self.changes = changes


class Fixtures:
    """Looks around the set-up and the teardown of fixtures that outlive a test."""

    def __init__(self, baseline: Baseline, active: Callable[[], bool]) -> None:
        self.ended: list[Ended] = []
        self._baseline = baseline
        self._active = active
        self._before: dict[Any, Frame] = {}
        self._changes: dict[Any, list[Difference]] = {}
        self._closing: dict[Any, Frame] = {}

    def set_up(self, fixture: pytest.FixtureDef[Any], frame: Frame) -> None:
        """Take what changed since `frame` as the fixture's, and be told before it is torn down."""
        self._changes[fixture] = self._baseline.close(frame)
        self._before[fixture] = frame
        # Finalizers run last in, first out: after those of fixtures that use this one, before its own.
        fixture.addfinalizer(lambda: self._closing.setdefault(fixture, self._baseline.open()) and None)

    def torn_down(self, fixture: pytest.FixtureDef[Any]) -> None:
        """Take what the teardown changed as the fixture's."""
        frame = self._closing.pop(fixture, None)
        if frame is not None:
            changes, before = self._changes.pop(fixture, []), self._before.pop(fixture, {})
            changes += _late(self._baseline.close(frame), changes, before)
            if changes:
                self.ended.append(Ended(_name(fixture), changes))

    def watch(self, items: Iterable[pytest.Item]) -> None:
        """Look around the set-up of collectors that have one of their own, as packages have: no hook tells of it."""
        for node in _above(items):
            if type(node).setup is not pytest.Collector.setup and "setup" not in vars(node):
                vars(node)["setup"] = self._around(node, node.setup)

    def _around(self, node: Any, set_up: Callable[[], None]) -> Callable[[], None]:
        def look_around() -> None:
            if not self._active():
                set_up()
                return
            node.addfinalizer(lambda: self._torn_down(node))
            frame = self._baseline.open()
            try:
                set_up()
            finally:
                changes = self._baseline.close(frame)
                # A package puts where it is imported from on `sys.path`, as pytest wants it, and leaves it there.
                self._changes[node] = [one for one in changes if one.watched.probe.kind != "import-path"]
                node.addfinalizer(lambda: self._closing.setdefault(node, self._baseline.open()) and None)

        return look_around

    def _torn_down(self, node: Any) -> None:
        frame = self._closing.pop(node, None)
        changes = self._changes.pop(node, None)
        if frame is not None and changes is not None:
            self._baseline.close(frame)
            self.ended.append(Ended(f"set-up of {node.nodeid}", changes))

    def take_ended(self) -> list[Ended]:
        """The fixtures that ended since this was last asked."""
        ended, self.ended = self.ended, []
        return ended


def _late(teardown: list[Difference], set_up: list[Difference], before: Frame) -> list[Difference]:
    """What only the teardown changed, and to another value than there was before the set-up.

    What it takes away is most often what a module put there when it was imported, and what it draws nobody sees.
    """
    found: list[Difference] = []
    own = {(one.watched, one.key) for one in set_up}
    for one in teardown:
        was = before.get(one.watched, {}).get(one.key, MISSING)
        if one.after is MISSING or one.watched.probe.kind in UNASKED or one.watched.matches(one.key, was, one.after):
            continue
        found.append(Difference(one.watched, one.key, was, one.after) if (one.watched, one.key) in own else one)
    return found


def _above(items: Iterable[pytest.Item]) -> Iterator[Any]:
    """The collectors that tests are in, each of them once."""
    seen: set[Any] = set()
    for item in items:
        node: Any = item.parent
        while node is not None and node not in seen:
            seen.add(node)
            yield node
            node = node.parent


def _name(fixture: pytest.FixtureDef[Any]) -> str:
    """`session fixture db`; `setUpClass` and its kind by the name that users know."""
    found = re.match(_XUNIT, fixture.argname)
    return found[1] if found else f"{fixture.scope} fixture {fixture.argname}"
