"""Markers: what a test runs under because a marker says so, whatever is configured."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import pytest


@dataclass(frozen=True)
class Acting:
    """How a marker acts: by `during(mark)` of a module, which is entered before a test's setup and left after its end.

    `value` says what a marker names where it names one, or several, of which each makes a test of its own. A module
    with `hooks` has its own way of seeing tests, and is only handed those that bear the marker or ask for the fixture
    of its name: `attend(items)`.
    """

    module: str
    value: str = ""
    hooks: bool = False

    def load(self) -> Any:
        """The module."""
        return import_module(f"pytest_vltair.fixed.{self.module}")

    def during(self, mark: pytest.Mark) -> AbstractContextManager[None]:
        """What is entered for a test that bears the marker; fails the test where the marker is wrong."""
        if self.value:
            _check(mark, self.value)
        return cast("AbstractContextManager[None]", self.load().during(mark))

    def asked(self, name: str, item: pytest.Item) -> bool:
        """Whether a test asks for the fixture by which the module acts too."""
        return self.hooks and name in getattr(item, "fixturenames", ())


ACTING = {
    "vltair_timezone": Acting("timezone", value="time zone"),
    "vltair_locale": Acting("locales", value="locale"),
    "vltair_network": Acting("network"),
    "vltair_clock": Acting("clock", hooks=True),
}
"""Entered in this order, and left in reverse."""


class Attendance:
    """Enters what the markers of each test ask for, and leaves it when the test ends."""

    def __init__(self, marks: dict[pytest.Item, list[pytest.Mark]]) -> None:
        self._marks = marks
        self._entered = ExitStack()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Enter before the first fixture and, unlike a wrapper, where others are ready for a test that fails here."""
        for mark in self._marks.get(item, ()):
            self._entered.enter_context(ACTING[mark.name].during(mark))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Leave."""
        try:
            return (yield)
        finally:
            self._entered.close()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Leave what was entered for a test that was cut off."""
        self._entered.close()


def attend(items: Sequence[pytest.Item]) -> None:
    """Have the markers of these tests act."""
    marks: dict[pytest.Item, list[pytest.Mark]] = {}
    for name, acting in ACTING.items():
        bearers = [item for item in items if item.get_closest_marker(name) is not None or acting.asked(name, item)]
        if bearers and acting.hooks:
            acting.load().attend(bearers)
        elif bearers:
            for item in bearers:
                marks.setdefault(item, []).append(_mark(item, name))
    if marks:
        items[0].config.pluginmanager.register(Attendance(marks), "vltair-markers")


def sweep(metafunc: pytest.Metafunc) -> None:
    """Make a test of each value, where the nearest marker of a kind names several."""
    for name, acting in ACTING.items():
        mark = metafunc.definition.get_closest_marker(name) if acting.value else None
        if mark is not None and len(mark.args) > 1:
            metafunc.fixturenames.append(_parameter(name))
            metafunc.parametrize(_parameter(name), mark.args, ids=list(map(str, mark.args)), scope="function")


def _mark(item: pytest.Item, name: str) -> pytest.Mark:
    """The nearest marker of that name, with the one value of a sweep that this test is made for."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    mark = item.get_closest_marker(name)
    if _parameter(name) in params:
        mark = getattr(pytest.mark, name)(params[_parameter(name)]).mark
    return cast("pytest.Mark", mark)


def _check(mark: pytest.Mark, what: str) -> None:
    if len(mark.args) > 1:
        why = f"names several, and this kind of test cannot be run once under each {what}: name one"
    elif mark.kwargs or not mark.args or not isinstance(mark.args[0], str):
        why = f"does not name a {what}"
    else:
        return
    named = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())]
    pytest.fail(f"the marker {mark.name}({', '.join(named)}) {why}", pytrace=False)


def _parameter(name: str) -> str:
    return f"_{name}"
