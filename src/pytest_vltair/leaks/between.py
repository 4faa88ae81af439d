"""Between: what is opened between the phases of a test, by those who hear of its outcome, is none of the test's."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair.hooks import Hooks
from pytest_vltair.leaks.baseline import Baseline, Watched
from pytest_vltair.leaks.glance import Glance

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

HEARD = ("children", "descriptors")


class Between:
    """Looks when the first thing between two phases is about to be opened, and again when the next phase begins.

    At threads it looks as soon as a phase is over: that costs less than to listen, and not every Python tells of them.

    An adapter of an editor connects when it has the first outcome to tell, which is after the call and before the
    teardown of a test.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self._threads = [one for one in baseline.watched if one.probe.kind == "threads"]
        self._moved = Glance(self._threads, baseline.drop).moved
        self._heard = [one for one in baseline.watched if one.probe.kind in HEARD]
        self._outside = False
        self._before: list[tuple[Watched, State]] = []
        if self._heard:
            from pytest_vltair.leaks import audit
            from pytest_vltair.leaks.descriptors import EVENTS

            audit.listen((*EVENTS, "os.fork", "os.posix_spawn"), self._hear)
        self.hooks = Hooks(self)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        """Begin to listen when set-up is over."""
        __tracebackhide__ = True
        self._outside = False
        self._before = []
        try:
            return (yield)
        finally:
            self._leave()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Take over what was opened since set-up, and listen again after the call."""
        __tracebackhide__ = True
        self._settle()
        try:
            return (yield)
        finally:
            self._leave()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """Take over what was opened since the call."""
        __tracebackhide__ = True
        self._settle()
        return (yield)

    def pytest_unconfigure(self) -> None:
        """Listen no more."""
        if self._heard:
            from pytest_vltair.leaks import audit

            audit.ignore(self._hear)

    def _leave(self) -> None:
        moved = self._moved()
        self._before = [(one, self._baseline.look(one) if one in moved else one.known) for one in self._threads]
        self._outside = True

    def _hear(self, _event: str, _args: tuple[Any, ...]) -> None:
        if self._outside:
            self._outside = False
            self._before += [(one, self._baseline.look(one)) for one in self._heard]

    def _settle(self) -> None:
        self._outside = False
        before, self._before = self._before, []
        if len(before) == len(self._threads) and not self._moved():
            return  # all is as it is known to be, and nothing else was about to be opened
        for one, state in before:
            new = {key: value for key, value in self._baseline.look(one).items() if key not in state}
            if new:
                one.known = {**one.known, **new}
