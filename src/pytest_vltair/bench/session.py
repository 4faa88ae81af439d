"""Session: a run that gates leads. It collects, says which benchmarks there are, and runs those that are chosen."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.config import ConftestImportFailure
from _pytest.runner import runtestprotocol

from pytest_vltair.bench import fixture, marks, quiet
from pytest_vltair.bench.fixture import MEASURING
from pytest_vltair.bench.measuring import Ending, Measuring, Phase, describe
from pytest_vltair.bench.timing import Plain, Timer
from pytest_vltair.bench.wire import Wire, plain

STOPPING = (KeyboardInterrupt, SystemExit, pytest.exit.Exception)
"""What ends the whole of pytest when the code of a project raises it."""


class Led:
    """The hooks of a run that gates leads."""

    def __init__(self, wire: Wire, packages: tuple[str, ...]) -> None:
        self._wire = wire
        self._packages = packages
        self._timer = Timer()
        self._asked: quiet.Asked | None = None
        self._broken: list[dict[str, str]] = []
        self._order: dict[pytest.Item, int] = {}
        self._collected = False
        self._interrupted = False
        self._crash = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None, object, object]:
        """Quieten what is read here; say where a conftest.py cannot be imported."""
        quiet.early(early_config)
        # Over the fixtures of other plugins, which are all known by now, and under those of each conftest.py.
        early_config.pluginmanager.register(fixture, "vltair-bench-fixtures")
        try:
            return (yield)
        except ConftestImportFailure as error:
            self._abandon(_relative(error.path, early_config), describe(error.cause))
            raise

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        """Quieten the rest; say so if pytest ends before it has collected."""
        self._asked = quiet.later(config)
        try:
            status = yield
        except pytest.UsageError as error:
            self._abandon("", describe(error).partition(": ")[2])
            raise
        if not self._interrupted:
            self._abandon("", self._crash or f"pytest ended with code {status} before it had collected")
        _leave_threads(status)
        return status

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember why pytest went down."""
        self._crash = describe(excinfo.value)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the markers of other plugins known where these are not installed."""
        for name in ("benchmark", "codspeed_benchmark"):
            config.addinivalue_line("markers", f"{name}: a benchmark")
        quiet.forget(config)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A failed report on a file that would end pytest."""
        try:
            return (yield)
        except STOPPING as error:
            if self._interrupted:
                raise
            return pytest.CollectReport(collector.nodeid, "failed", describe(error), [])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected."""
        if report.failed:
            lines = [line.removeprefix("E ").strip() for line in str(report.longrepr).splitlines() if line.strip()]
            self._broken.append({"id": plain(report.nodeid), "message": plain(lines[-1] if lines else "")})

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Remember the order of the tests, before anybody changes it."""
        self._order[item] = len(self._order)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave the benchmarks."""
        others = [item for item in items if not marks.timed(item)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if marks.timed(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the benchmarks that are chosen, in the order that is said."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
        session.items.sort(key=lambda item: self._order.get(item, len(self._order)))
        known = {plain(item.nodeid): item for item in reversed(session.items)}
        found = [_found(item, session.config) for item in session.items]
        packages = {name: _file(name) for name in self._packages}
        self._collected = True
        told = self._wire.ask("select", event="collected", benchmarks=found, broken=self._broken, packages=packages)
        unknown = [name for name in told["ids"] if name not in known]
        if unknown:
            self._wire.lose(f"gates asked for a benchmark that was not collected: {unknown[0]}")
        session.items[:] = [known[name] for name in told["ids"]]
        home = os.getcwd()  # noqa: PTH109 - compared as the text that it is
        for number, item in enumerate(session.items, 1):
            self._run(item, session.items[number] if number < len(session.items) else None, home)
        self._wire.say("done")
        return True

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

    def _run(self, item: pytest.Item, following: pytest.Item | None, home: str) -> None:
        name = self._wire.doing = plain(item.nodeid)
        random.seed(quiet.SEED)
        measuring = item.stash[MEASURING] = Measuring(self._wire, self._timer, name)
        ending = self._beforehand(item)
        moved = False
        if ending is None:
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                ending = measuring.ending()
            except Exception as error:  # noqa: BLE001 - it is a plugin's, and other benchmarks are left
                self._wire.alone()
                ending = Ending("failed", f"a plugin of pytest raised {describe(error)}")
                _finish(item)
            moved = _moved(home)
        self._wire.say("ended", id=name, outcome=ending.outcome, message=ending.message, moved=moved)
        self._wire.doing = ""

    def _beforehand(self, item: pytest.Item) -> Ending | None:
        """The end of a benchmark that need not be run."""
        if marks.by_body(item):
            refusal = marks.refusal(item)
            return Ending("failed", refusal) if refusal else None
        # A conftest.py may set the options later than they are quietened.
        for asked in filter(None, (self._asked, quiet.Asked(item.config.option))):
            if asked.skipped:
                return Ending("skipped", asked.skipped)
            if asked.disabled:
                return Ending("disabled", asked.disabled)
        return None

    def _held(self) -> Generator[None, object, object]:
        deepest = sys.getrecursionlimit()
        try:
            return (yield)
        except STOPPING as error:
            self._wire.alone()
            if self._interrupted:
                raise
            raise pytest.fail.Exception(describe(error), pytrace=False) from error
        finally:
            sys.setrecursionlimit(deepest)

    def _abandon(self, name: str, message: str) -> None:
        """Say why nothing can be collected, where that was not said before."""
        if not self._collected:
            self._collected = True
            broken = [*self._broken, {"id": plain(name), "message": plain(message)}]
            self._wire.ask("select", event="collected", benchmarks=[], broken=broken, packages={})
            self._wire.say("done")

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        signal.default_int_handler(number, frame)


def _finish(item: pytest.Item) -> None:
    """Finish fixtures of a test that are not, since what was raised by one kept pytest from the others."""
    request = getattr(item, "_request", None)
    for definition in getattr(request, "_fixture_defs", {}).values():
        if definition.scope == "function" and definition.cached_result is not None:
            with suppress(Exception, *STOPPING):
                definition.finish(request)


def _found(item: pytest.Item, config: pytest.Config) -> dict[str, Any]:
    path, line, _ = item.location
    return {
        "id": plain(item.nodeid),
        "path": plain(_relative(config.rootpath / path, config)),
        "line": (line or 0) + 1,
        **marks.said(item),
    }


def _relative(path: Path, config: pytest.Config) -> str:
    with suppress(ValueError):
        return Path(os.path.normpath(path)).relative_to(config.rootpath).as_posix()
    return path.as_posix()


def _file(name: str) -> str | None:
    """Where a package comes from, None where it cannot be imported."""
    try:
        module = import_module(name)
    except (Exception, *STOPPING):  # noqa: BLE001 - it is the project's code
        return None
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return next((plain(place) for place in places if place), None)


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


def _leave_threads(status: object) -> None:
    """End without waiting for threads that the project's code left running."""
    left = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    if left:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(status) if isinstance(status, int) else 0)
