"""Attribution: what fixtures of wider scope than a test change is theirs, until they end."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from pytest_vltair.leaks.baseline import Baseline, Difference, Frame

_XUNIT = re.compile(r"_?(?:xunit|unittest)_(\w+?)_fixture_")


class Ended(NamedTuple):
    """What a fixture changed when it was set up, and its name; it has been torn down."""

    name: str
    changes: list[Difference]


class Fixtures:
    """Looks around the set-up and the teardown of fixtures that outlive a test."""

    def __init__(self, baseline: Baseline) -> None:
        self.ended: list[Ended] = []
        self._baseline = baseline
        self._changes: dict[Any, list[Difference]] = {}
        self._closing: dict[Any, Frame] = {}

    def set_up(self, fixture: pytest.FixtureDef[Any], frame: Frame) -> None:
        """Take what changed since `frame` as the fixture's, and be told before it is torn down."""
        changes = self._baseline.close(frame)
        if changes:
            self._changes[fixture] = changes
        # Finalizers run last in, first out: after those of fixtures that use this one, before its own.
        fixture.addfinalizer(lambda: self._closing.setdefault(fixture, self._baseline.open()) and None)

    def torn_down(self, fixture: pytest.FixtureDef[Any]) -> None:
        """Take what the teardown changed as the fixture's."""
        frame = self._closing.pop(fixture, None)
        if frame is not None:
            self._baseline.close(frame)
            changes = self._changes.pop(fixture, None)
            if changes is not None:
                self.ended.append(Ended(_name(fixture), changes))

    def take_ended(self) -> list[Ended]:
        """The fixtures that ended since this was last asked."""
        ended, self.ended = self.ended, []
        return ended


def _name(fixture: pytest.FixtureDef[Any]) -> str:
    """`session fixture db`; `setUpClass` and its kind by the name that users know."""
    found = _XUNIT.match(fixture.argname)
    return found[1] if found else f"{fixture.scope} fixture {fixture.argname}"
