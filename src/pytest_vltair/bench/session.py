"""Session: a run that gates leads. It collects, says which benchmarks there are, and runs those that are chosen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import ConftestImportFailure

from pytest_vltair.bench import fixture, marks, quiet
from pytest_vltair.bench.measuring import LONGEST, describe
from pytest_vltair.bench.running import STOPPING, Running
from pytest_vltair.bench.wire import Wire, plain

ASKED: pytest.StashKey[quiet.Asked] = pytest.StashKey()
"""What the options say about benchmarks."""


class Led:
    """The hooks of a run that gates leads."""

    def __init__(self, wire: Wire, running: Running, packages: tuple[str, ...]) -> None:
        self._wire = wire
        self._packages = packages
        self._running = running
        self._broken: list[dict[str, str]] = []
        self._order: dict[pytest.Item, int] = {}
        self._collected = False
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
            # pytest before 8.1 has another name for it.
            cause = getattr(error, "cause", None) or getattr(error, "excinfo", (None, error))[1]
            self._abandon(_relative(error.path, early_config), describe(cause))
            raise

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        """Quieten the rest; say so if pytest ends before it has collected."""
        config.stash[ASKED] = quiet.later(config)
        try:
            status = yield
        except pytest.UsageError as error:
            self._abandon("", describe(error).partition(": ")[2])
            raise
        if not self._running.interrupted:
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
            if self._running.interrupted:
                raise
            return pytest.CollectReport(collector.nodeid, "failed", describe(error), [])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected."""
        if report.failed:
            lines = [line.removeprefix("E ").strip() for line in str(report.longrepr).splitlines() if line.strip()]
            self._broken.append({"id": plain(report.nodeid), "message": plain(lines[-1] if lines else "")[:LONGEST]})

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Remember the order of the tests, before anybody changes it."""
        self._order[item] = len(self._order)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave the benchmarks, when every conftest.py has put its markers on."""
        others = [item for item in items if not marks.timed(item)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if marks.timed(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the benchmarks that are chosen, in the order that is said."""
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
        self._running.run(session.items, session.config.stash[ASKED])
        quiet.sum_nothing_up(session.config)
        self._wire.say("done")
        return True

    def _abandon(self, name: str, message: str) -> None:
        """Say why nothing can be collected, where that was not said before."""
        if not self._collected:
            self._collected = True
            broken = [*self._broken, {"id": plain(name), "message": plain(message)}]
            self._wire.ask("select", event="collected", benchmarks=[], broken=broken, packages={})
            self._wire.say("done")


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


def _leave_threads(status: object) -> None:
    """End without waiting for threads that the project's code left running."""
    left = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    if left:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(status) if isinstance(status, int) else 0)
