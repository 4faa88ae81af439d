"""The plugin of a trial: `-p vltair_trial.plugin`, loaded before any other and before the project's first line.

It reads what is asked from the file that VLTAIR_TRIAL names, has the circumstances made, and runs and writes down the
tests. A controller of pytest-xdist runs none; its workers load this too, and each writes a file of its own.
"""

from __future__ import annotations

import _thread
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import circumstances, compiled, held, options, order, shared, sites
from .collecting import Collecting
from .ending import Ending
from .events import Writer
from .fingerprint import Failure, failure
from .repeat import Turns
from .stacks import Project
from .watchdog import Watchdog

Wrapped = Iterator[None]
VARIABLE = "VLTAIR_TRIAL"
LINGERING = 10.0
"""Seconds that a process has after its session."""


def _asked() -> dict[str, Any]:
    with open(os.environ[VARIABLE], encoding="utf-8") as stream:  # noqa: PTH123
        found: dict[str, Any] = json.load(stream)
    return found


class State:
    """What this process knows of its trial."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.settings: dict[str, str] = spec.get("settings", {})
        self.order = self.settings.get("order", "collected")
        self.turns = int(self.settings.get("repeat", "1"))
        self.parallel = self.settings.get("parallel", "0") != "0"
        self.tests: list[str] = list(spec.get("tests", ()))
        self.moved = frozenset(self.settings)
        self.writer = Writer(spec["events"])
        self.project = Project(spec["root"])
        self.watchdog = Watchdog(self.writer, self.project, float(spec.get("limit") or 0.0))
        self.names: dict[pytest.Item, str] = {}
        self.items: list[pytest.Item] = []
        self.plan: Turns | None = None
        self.ending: Ending | None = None
        self.collecting = Collecting(self.writer, self.project)

    def name(self, item: pytest.Item) -> str:
        """The id of a test as it was collected; pytest-xdist appends the group to it."""
        return self.names.get(item, item.nodeid)


SPEC = _asked()
STATE = State(SPEC)
compiled.begin(SPEC)
circumstances.begin(SPEC, STATE.writer.note)
sites.begin(SPEC, STATE.writer.note)
shared.begin(SPEC, STATE.writer.note)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """What a trial does itself no other plugin does; the hooks of those are known."""
    options.block(pluginmanager)
    options.hook(pluginmanager)
    options.credit(pluginmanager)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Options of blocked plugins are known."""
    options.add(parser, pluginmanager)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Wrapped:
    """A conftest that cannot be imported is written down: nothing is collected then."""
    options.uncovered(early_config, args)
    outcome = yield
    if (error := _raised(outcome)) is not None:
        STATE.writer.write("seen", effects=circumstances.seen())  # no session will start that could say so
        cause = getattr(error, "cause", None) or error.__cause__ or error  # pytest 8 and newer have the first
        told = failure(cause, "collect", STATE.project, STATE.moved)
        path = STATE.project.relative(str(getattr(error, "path", ""))) or told.path or "conftest.py"
        STATE.writer.write("seen", effects=circumstances.seen())
        _uncollected(path, told)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Wrapped:
    """All options are read: those that stop, repeat or split the run are turned off."""
    options.neutralise(config.option, parallel=STATE.parallel)
    options.unwarned(config)
    yield


def pytest_configure(config: pytest.Config) -> None:
    """Markers of blocked plugins are known."""
    options.mark(config)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Say what this process has of each factor."""
    STATE.writer.write("seen", effects={**circumstances.seen(), "held": held.by_project(session.config)})


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Wrapped:
    """A file that cannot be collected is written down, and one that is skipped as a whole."""
    if isinstance(collector, pytest.Session | pytest.Class):
        yield  # nothing is imported for these
        return
    STATE.collecting.begin(collector.nodeid)
    outcome: Any = yield
    left = _raised(outcome)
    STATE.collecting.end(well=left is None)
    if left is not None:
        _uncollected(collector.nodeid, failure(left, "collect", STATE.project, STATE.moved))
        return
    report = outcome.get_result()
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        STATE.writer.write("unavailable", id=collector.nodeid, message=str(reason))
    elif report.failed:
        call = getattr(report, "call", None)
        error = call.excinfo.value if call is not None and call.excinfo is not None else None
        if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
            error = error.__cause__
        told = failure(error or Exception(str(report.longrepr)), "collect", STATE.project, STATE.moved)
        _uncollected(collector.nodeid, told)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Wrapped:
    """After all others: the tests that were asked for, in the order that was asked for."""
    for item in items:
        # An id of half a surrogate pair, as a file's name may have it, cannot be written down.
        STATE.names.setdefault(item, item.nodeid.encode(errors="backslashreplace").decode())
    yield
    names = [STATE.name(item) for item in items]
    units = [order.document(item) for item in items]
    if STATE.tests:
        wanted = order.chosen(items, names, STATE.tests, units)
    else:
        wanted = order.arranged(items, STATE.order, names, units, [order.fixed(item) for item in items])
    left = set(items).difference(wanted)
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
    STATE.plan = Turns(wanted, STATE.turns)
    items[:] = STATE.items = STATE.plan.items
    STATE.writer.write("collected", ids=[STATE.name(item) for item in wanted])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """What other plugins have done to the list since is undone."""
    if STATE.plan is not None and len(session.items) != len(STATE.items):
        session.items[:] = STATE.items


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Wrapped:
    """One turn of one test, from its set-up to its teardown."""
    writer, name = STATE.writer, STATE.name(item)
    writer.nodeid, writer.turn = name, STATE.plan.begin(item) if STATE.plan else 1
    ending = STATE.ending = Ending(STATE.project, STATE.moved)
    shared.before(item)
    circumstances.before_test(name)
    began = writer.monotonic()
    writer.write("begun", id=name, turn=writer.turn, at=began)
    STATE.watchdog.watch()
    outcome = yield
    STATE.watchdog.rest()
    if (error := _raised(outcome)) is not None:
        ending.broken(error, "call")
    STATE.ending = None
    circumstances.after_test(name)
    shared.after(item, name)
    writer.write("ended", id=name, turn=writer.turn, **ending.told(), seconds=writer.monotonic() - began)
    writer.nodeid = ""


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """The next turn finds nothing set up but the session."""
    if STATE.plan is not None:
        STATE.plan.finish(item, nextitem)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Wrapped:
    """The exception of a phase, once plugins have put in theirs."""
    yield
    if STATE.ending is not None and call.excinfo is not None:
        STATE.ending.raised(call.excinfo.value, call.when)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """How a phase ended, or a part of it."""
    if STATE.ending is not None and report.outcome in {"passed", "failed", "skipped"}:
        STATE.ending.reported(report)


@pytest.hookimpl(trylast=True)
def pytest_exception_interact() -> None:
    """Pytest has stopped the timer of faulthandler."""
    STATE.watchdog.renew()


def pytest_internalerror(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Pytest, or a plugin of it, fell over."""
    told = failure(excinfo.value, "session", STATE.project, STATE.moved)
    STATE.writer.write("broken", **vars(told))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Wrapped:
    """The session is over."""
    options.unsummed(session.config)
    yield
    STATE.writer.write("done", status=int(exitstatus))
    _thread.start_new_thread(_leave, (os._exit, int(exitstatus)))


def _leave(leave: Callable[[int], None], status: int) -> None:
    """End a process that does not by itself: a thread that a test has left is waited for without an end."""
    wait = _thread.allocate_lock()
    wait.acquire()
    wait.acquire(timeout=LINGERING)
    leave(status)


def _uncollected(nodeid: str, told: Failure) -> None:
    STATE.writer.write("uncollected", id=nodeid, **vars(told))


def _raised(outcome: Any) -> BaseException | None:
    """What the hooks inside of a wrapper raised; older versions of pluggy have it as a triple."""
    found = outcome.excinfo
    return found[1] if found else None
