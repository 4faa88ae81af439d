"""Contexts: coverage.py is told which test runs, so that what it measures is known by test.

A test's context is its node id. Set-up and teardown of a fixture of wider scope is no one test's doing: it runs in the
context of the scope's own node, as `tests/test_a.py` or `tests/test_a.py::TestA`, and that of the session, as all code
that runs outside of tests, in the empty one. Which test asked first is chance.

Processes that a test starts are told by a variable that the settings of coverage read, `context = ${VLTAIR_CONTEXT-}`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import pytest

VARIABLE = "VLTAIR_CONTEXT"
"""The context of the processes that are started now."""

OF_PARENT = "COVERAGE_PROCESS_CONFIG"
"""The settings of this process, which coverage hands to its children: the context that it began with among them."""

RCFILE = ("COVERAGE_RCFILE", "COVERAGE_PROCESS_START")


def start(config: pytest.Config, name: Callable[[pytest.Item], str]) -> None:
    """Tell the coverage.py that measures this process, if one does; `name` is the node id by which a test is known."""
    module = sys.modules.get("coverage")
    measuring = None if module is None else module.Coverage.current()
    if measuring is not None:
        if RCFILE[0] in os.environ and os.environ.pop(OF_PARENT, None) is not None:
            os.environ[RCFILE[1]] = os.environ[RCFILE[0]]
        config.pluginmanager.register(Contexts(measuring, name), "vltair-contexts")


class Contexts:
    """Switches to the context of each test and of each wider scope, and back."""

    def __init__(self, measuring: Any, name: Callable[[pytest.Item], str]) -> None:
        self._measuring = measuring
        self._name = name
        self._test = self._now = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measure a test in its own context."""
        self._test = self._name(item)
        self._switch(self._test)
        try:
            return (yield)
        finally:
            self._test = ""
            self._switch("")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Measure the set-up of a wider scope in the context of its node, and its teardown too."""
        if fixturedef.scope == "function":
            return (yield)
        before, context = self._now, request.node.nodeid.removesuffix("__init__.py").removesuffix("/")
        self._switch(context)
        try:
            return (yield)
        finally:
            # Added last, it runs before the fixture's own teardown.
            fixturedef.addfinalizer(lambda: self._switch(context))
            self._switch(before)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_post_finalizer(self) -> None:
        """Go back to the context of the test."""
        self._switch(self._test)

    def _switch(self, context: str) -> None:
        if context == self._now:
            return
        self._now = context
        os.environ[VARIABLE] = context.replace("\0", "")
        with suppress(Exception):  # a test may have stopped it
            self._measuring.switch_context(context)
