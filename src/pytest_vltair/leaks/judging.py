"""Judging: whose a change is, whether it is allowed, and putting it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import pytest

from pytest_vltair.leaks.attribution import Ended
from pytest_vltair.leaks.baseline import Baseline, Difference, Watched
from pytest_vltair.leaks.report import TEST
from pytest_vltair.leaks.values import MISSING

if TYPE_CHECKING:
    from pytest_vltair.leaks.allowed import Line
    from pytest_vltair.leaks.leak import Leak

MARKER = "vltair_leaks"


class Accusation:
    """A change that somebody left behind, in words too: they are found before it is put back."""

    def __init__(self, by: str, change: Difference, what: str) -> None:
        self.by = by
        self.change = change
        self.what = what


class Judge:
    """Says of what the probes see at the end of a test who left it behind; what is not allowed is put back."""

    def __init__(self, baseline: Baseline, allow: list[Line]) -> None:
        self._baseline = baseline
        self._allow = allow
        self._running: list[tuple[str, Difference]] = []
        """Threads that could not be ended, with the test that left each of them running."""

    def judge(self, moved: Iterable[Watched], ended: list[Ended], item: pytest.Item | None) -> list[Leak]:
        """What was left behind; afterwards the baseline is what is there now."""
        asked = dict.fromkeys(moved)
        for fixture in ended:
            for change in fixture.changes:
                if change.watched in self._baseline.watched:
                    asked[change.watched] = None
                    change.watched.innocent.setdefault(change.key, []).append(change.before)
        accused: list[Accusation] = []
        for one in asked:
            accused += self._accused(one, ended)
        permitted = None if item is None or not accused else marked(item)
        named = [one for one in accused if not self._is_allowed(one, permitted)]
        for accusation in reversed(named):
            self._restore(accusation.change)
        for one in asked:
            if one in self._baseline.watched:
                one.known = self._baseline.look(one)
        for one in self._baseline.watched:
            one.innocent.clear()
        return self._leaks(named, item) if named else []

    def _leaks(self, named: list[Accusation], item: pytest.Item | None) -> list[Leak]:
        """What was put back, or was not; threads that go on are remembered."""
        doubt = self._doubt()
        found: list[Leak] = []
        for one in named:
            kind, restored = _kind(one), one.change.undone()
            if kind == "threads" and not restored and item is not None:
                self._running.append((item.nodeid, one.change))
            what = one.what + doubt if one.by == TEST and kind != "threads" else one.what
            found.append({"kind": kind, "what": what, "by": one.by, "restored": restored})
        return found

    def _doubt(self) -> str:
        """What is said besides while a thread that another test left may as well be who did it."""
        self._running = [
            (who, one) for who, one in self._running if not one.watched.probe.restore(one.key, one.before, one.after)
        ]
        return f", unless a thread did it that {self._running[-1][0]} left running" if self._running else ""

    def _accused(self, one: Watched, ended: list[Ended]) -> list[Accusation]:
        now = self._baseline.look(one)
        try:
            tests = [Accusation(TEST, change, change.describe()) for change in one.accused(now)]
            fixtures = [
                Accusation(fixture.name, change, change.describe())
                for fixture in ended
                for change in fixture.changes
                if change.watched is one and _stands(change, now.get(change.key, MISSING))
            ]
        except Exception as error:  # noqa: BLE001 - a probe of somebody else's
            self._baseline.drop(one, error)
            return []
        return fixtures + tests

    def _restore(self, change: Difference) -> None:
        try:
            change.watched.probe.restore(change.key, change.before, change.after)
        except Exception as error:  # noqa: BLE001 - a probe of somebody else's
            self._baseline.drop(change.watched, error)

    def _is_allowed(self, one: Accusation, permitted: Collection[str] | None) -> bool:
        kind = _kind(one)
        if permitted is not None and (not permitted or kind in permitted) and one.by == TEST:
            return True
        return any(line.covers(kind, one.change.name(), one.what) for line in self._allow)


def marked(item: pytest.Item) -> Collection[str] | None:
    """The kinds that the markers of a test allow; empty allows all of them, None where there is no marker."""
    found: set[str] = set()
    marks = list(item.iter_markers(MARKER))
    for mark in marks:
        if not mark.args:
            return ()
        found.update(map(str, mark.args))
    return found if marks else None


def _kind(one: Accusation) -> str:
    return one.change.watched.probe.kind


def _stands(change: Difference, now: object) -> bool:
    return not change.watched.matches(change.key, change.before, now) and change.watched.matches(
        change.key, change.after, now
    )
