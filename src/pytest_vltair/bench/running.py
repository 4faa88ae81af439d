"""Running: one benchmark after another, each as pytest runs a test, and kept from the others."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol

from pytest_vltair.bench import marks, quiet
from pytest_vltair.bench.fixture import MEASURING
from pytest_vltair.bench.measuring import Ending, Measuring, Phase, describe
from pytest_vltair.bench.timing import Plain, Timer
from pytest_vltair.bench.wire import Wire, plain

STOPPING = (KeyboardInterrupt, SystemExit, pytest.exit.Exception)
"""What ends the whole of pytest when the code of a project raises it."""


class Running:
    """The hooks of tests whose benchmarks are timed; `interrupted` is whether somebody wants pytest to end."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._timer = Timer()
        self.interrupted = False
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)

    def run(self, items: Sequence[pytest.Item], asked: quiet.Asked) -> None:
        """Run these, and say of each how it ended."""
        home = os.getcwd()  # noqa: PTH109 - compared as the text that it is
        for number, item in enumerate(items, 1):
            name = self._wire.doing = plain(item.nodeid)
            measuring = item.stash[MEASURING] = Measuring(self._wire, self._timer, name)
            ending, moved = _beforehand(item, asked), False
            if ending is None:
                random.seed(quiet.SEED)
                ending = self._run(item, items[number] if number < len(items) else None, measuring)
                moved = _moved(home)
            self._wire.say("ended", id=name, outcome=ending.outcome, message=ending.message, moved=moved)
            self._wire.doing = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test once, whatever repeats tests."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        runtestprotocol(item, nextitem=nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Keep the code of a test from ending pytest."""
        return (yield from self._held())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Keep the code of a test from ending pytest."""
        return (yield from self._held())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Keep the code of a test from ending pytest, and its fixtures from being those of the next."""
        try:
            return (yield from self._held())
        finally:
            _finish(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Time the body of a test that is marked and asks for no fixture."""
        if not marks.by_body(pyfuncitem):
            return None
        names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 - as pytest's own implementation of this hook
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        pyfuncitem.stash[MEASURING].run(Plain(pyfuncitem.obj, (), arguments), "its body")
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember how each phase ended."""
        report = yield
        raised = None if call.excinfo is None else call.excinfo.value
        if raised is not None and isinstance(raised.__cause__, STOPPING):
            raised = raised.__cause__
        item.stash[MEASURING].phases.append(Phase(report, raised))
        return report

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self) -> bool:
        """Set none: a benchmark waits while others are timed, and gates knows how long."""
        return True

    def _run(self, item: pytest.Item, following: pytest.Item | None, measuring: Measuring) -> Ending:
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except Exception as error:  # noqa: BLE001 - it is a plugin's, and other benchmarks are left
            self._wire.alone()
            with suppress(Exception, *STOPPING):
                item.session._setupstate.teardown_exact(following)  # noqa: SLF001 - what was cut off would have done so
            _finish(item)
            return Ending("failed", f"a plugin of pytest raised {describe(error)}")
        return measuring.ending()

    def _held(self) -> Generator[None, object, object]:
        deepest = sys.getrecursionlimit()
        try:
            return (yield)
        except STOPPING as error:
            self._wire.alone()
            if self.interrupted:
                raise
            raise pytest.fail.Exception(describe(error), pytrace=False) from error
        finally:
            sys.setrecursionlimit(deepest)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        signal.default_int_handler(number, frame)


def _beforehand(item: pytest.Item, asked: quiet.Asked) -> Ending | None:
    """The end of a benchmark that need not be run."""
    if marks.by_body(item):
        refusal = marks.refusal(item)
        return Ending("failed", refusal) if refusal else None
    # A conftest.py may set the options later than they are quietened.
    for each in (asked, quiet.Asked(item.config.option)):
        if each.skipped:
            return Ending("skipped", each.skipped)
        if each.disabled:
            return Ending("disabled", each.disabled)
    return None


def _moved(home: str) -> bool:
    """Whether the current directory was left changed; it is put back."""
    try:
        moved = os.getcwd() != home  # noqa: PTH109 - compared as the text that it is
    except OSError:
        moved = True
    if moved:
        with suppress(OSError):
            os.chdir(home)
    return moved


def _finish(item: pytest.Item) -> None:
    """Finish fixtures of a test that are not, since what was raised by one kept pytest from the others."""
    request = getattr(item, "_request", None)
    for definition in getattr(request, "_fixture_defs", {}).values():
        if definition.scope == "function" and definition.cached_result is not None:
            with suppress(Exception, *STOPPING):
                definition.finish(request)
