"""Markers: what a test runs under because a marker says so, whatever is configured."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import pytest


@dataclass(frozen=True)
class Acting:
    """How a marker acts: the module whose `during(mark)` is entered, and over what.

    `by_phase` markers are entered for setup, call and teardown each, so that pytest's own work between them is outside;
    the others once for all three. `sweeps` says what several values are called, of which each makes a test of its own.
    """

    module: str
    by_phase: bool = False
    sweeps: str = ""

    def during(self, mark: pytest.Mark) -> AbstractContextManager[None]:
        """What is entered for a test that bears the marker."""
        module = import_module(f"pytest_vltair.fixed.{self.module}")
        return cast("AbstractContextManager[None]", cast("Any", module).during(mark))


ACTING = {
    "vltair_timezone": Acting("timezone", sweeps="time zone"),
    "vltair_locale": Acting("locales", sweeps="locale"),
    "vltair_network": Acting("network"),
    "vltair_clock": Acting("clock", by_phase=True),
}
"""Entered in this order, and left in reverse."""


class Attendance:
    """Enters what the markers of each test ask for, and leaves it when the test ends."""

    def __init__(self, marks: dict[pytest.Item, list[pytest.Mark]]) -> None:
        self._marks = marks
        self._open: ExitStack | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Enter for the whole test; a marker that is wrong is the test's error."""
        if item not in self._marks:
            return (yield)
        self._open = ExitStack()
        _enter(self._open, self._marks[item], by_phase=False)
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Enter for the call."""
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Enter for the teardown, and leave what was entered for the whole test."""
        try:
            return (yield from self._phase(item))
        finally:
            self._leave()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Leave what a test left open that was cut off."""
        self._leave()

    def _phase(self, item: pytest.Item) -> Generator[None, object, object]:
        marks = self._marks.get(item)
        if marks is None:
            return (yield)
        with ExitStack() as stack:
            _enter(stack, marks, by_phase=True)
            return (yield)

    def _leave(self) -> None:
        stack, self._open = self._open, None
        if stack is not None:
            stack.close()


def borne(items: Iterable[pytest.Item]) -> bool:
    """Whether any test bears a marker that acts; each class, module and directory is looked at once."""
    seen: set[int] = set()
    for item in items:
        node: Any = item
        while node is not None and id(node) not in seen:
            if any(mark.name in ACTING for mark in node.own_markers):
                return True
            if node is not item:
                seen.add(id(node))
            node = node.parent
    return False


def attend(items: Iterable[pytest.Item]) -> None:
    """Have the markers of these tests act."""
    marks = {item: found for item in items if (found := _marks(item))}
    if marks:
        config = next(iter(marks)).config
        config.pluginmanager.register(Attendance(marks), "vltair-markers")


def sweep(metafunc: pytest.Metafunc) -> None:
    """Make a test of each value, where the nearest marker of a kind names several."""
    for name, acting in ACTING.items():
        mark = metafunc.definition.get_closest_marker(name) if acting.sweeps else None
        if mark is not None and len(mark.args) > 1:
            metafunc.fixturenames.append(_parameter(name))
            metafunc.parametrize(_parameter(name), mark.args, ids=list(map(str, mark.args)), scope="function")


def _marks(item: pytest.Item) -> list[pytest.Mark]:
    """The nearest marker of each kind, with the one value of a sweep that this test is made for."""
    found: list[pytest.Mark] = []
    for name in ACTING:
        mark = item.get_closest_marker(name)
        if mark is not None:
            params = getattr(getattr(item, "callspec", None), "params", {})
            if _parameter(name) in params:
                mark = getattr(pytest.mark, name)(params[_parameter(name)]).mark
            found.append(mark)
    return found


def _enter(stack: ExitStack, marks: list[pytest.Mark], *, by_phase: bool) -> None:
    for mark in marks:
        acting = ACTING[mark.name]
        if acting.by_phase == by_phase:
            if acting.sweeps:
                _check(mark, acting.sweeps)
            stack.enter_context(acting.during(mark))


def _check(mark: pytest.Mark, what: str) -> None:
    values = f"{mark.name}({', '.join(map(repr, mark.args))})"
    if len(mark.args) > 1:
        why = f"names several: this kind of test cannot be run once under each {what}; name one"
    elif mark.kwargs or not mark.args or not isinstance(mark.args[0], str):
        why = f"does not name a {what}"
    else:
        return
    pytest.fail(f"the marker {values} {why}", pytrace=False)


def _parameter(name: str) -> str:
    return f"_{name}"
