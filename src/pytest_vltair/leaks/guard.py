"""Guard: asks every probe around each test what it left behind, names it, and puts it back."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from typing import Any

import pytest

from pytest_vltair.leaks import allowed, kinds, report
from pytest_vltair.leaks.attribution import Fixtures
from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.between import Between
from pytest_vltair.leaks.importing import Imports
from pytest_vltair.leaks.judging import Judge
from pytest_vltair.leaks.probe import Probe
from pytest_vltair.leaks.report import ATTRIBUTE, LateLeak
from pytest_vltair.plugin import LEAK_KINDS, LEFT_LATE
from pytest_vltair.settings import Settings

MODES = ("off", "report", "error")
OUTPUT = "vltair_leaks"


def start(config: pytest.Config, settings: Settings) -> None:
    """Watch the tests of this run for leaks, unless the mode is off.

    Raises:
        pytest.UsageError: a setting is wrong.
    """
    given = settings["leaks"]
    if given is None or given.choice(*MODES) == "off":
        return
    probes = list(_probes(config, settings))
    names = [probe.kind for probe, _ in probes]
    config.stash[LEAK_KINDS] = tuple(names)
    allow = allowed.lines(settings["leaks-allow"], {*kinds.PROBES, *names})
    summary = report.Summary()
    config.pluginmanager.register(summary, "vltair-leaks-summary")
    config.pluginmanager.register(Reports(summary, names, given.text), "vltair-leaks-reports")
    if not config.pluginmanager.hasplugin("dsession"):
        baseline = Baseline(probes)
        guard = Guard(baseline, Judge(baseline, allow), summary, given.text == "error")
        config.pluginmanager.register(guard, "vltair-leaks")
        config.pluginmanager.register(Between(baseline), "vltair-leaks-between")


def _probes(config: pytest.Config, settings: Settings) -> Iterable[tuple[Probe, bool]]:
    for name in kinds.chosen(settings["leaks-kinds"]):
        yield kinds.made(name, config), kinds.PROBES[name].steady
    for found in config.hook.pytest_vltair_leak_probes(config=config):
        for probe in found:
            if probe.kind in kinds.PROBES:
                raise pytest.UsageError(f"{type(probe).__qualname__}: there is a kind {probe.kind!r} of leak already")
            yield probe, False


class Reports:
    """Reads the leaks off the reports of tests, which may come from another process."""

    def __init__(self, summary: report.Summary, names: list[str], mode: str) -> None:
        self._summary = summary
        self._names = names
        self._mode = mode

    def pytest_report_header(self) -> str:
        """What is looked for."""
        return f"vltair: leaks: {self._mode}: {', '.join(self._names)}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse markers that name no kind."""
        allowed.check(session.items, {*kinds.PROBES, *self._names})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what was found at the end of a test."""
        leaks = report.__dict__.get(ATTRIBUTE)
        if leaks:
            self._summary.found += [(report.nodeid, leak) for leak in leaks]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep what a worker found after its last test."""
        output = getattr(node, "workeroutput", {}).get(OUTPUT)
        if output:
            late = [LateLeak(output["last"], leak, node.gateway.id) for leak in output["leaks"]]
            node.config.stash.setdefault(LEFT_LATE, []).extend(late)
            self._summary.found += [(one.test, one.leak) for one in late]
            self._summary.notes.update(dict.fromkeys(output["notes"]))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a run with workers fail for what they found after their last tests."""
        if self._mode == "error" and session.config.stash.get(LEFT_LATE, []) and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Guard:
    """The process that runs the tests: looks before and after each of them, and around what may change things."""

    def __init__(self, baseline: Baseline, judge: Judge, summary: report.Summary, strict: bool) -> None:
        self._baseline = baseline
        self._judge = judge
        self._summary = summary
        summary.notes = baseline.notes
        self._strict = strict
        self._fixtures = Fixtures(baseline, self._is_active)
        self._imports = Imports(baseline)
        self._begun = False
        self._last = ""
        self._pending: list[report.Leak] = []
        self._getpid = os.getpid
        self._pid = os.getpid()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Look around the set-up of packages."""
        self._fixtures.watch(session.items)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """See first imports from the first test to the last."""
        self._imports.install()
        try:
            return (yield)
        finally:
            self._imports.remove()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look before everybody else has begun with this test."""
        self._last = item.nodeid
        if self._getpid() == self._pid:
            if self._begun:
                self._baseline.refresh()
            else:
                self._begun = True
                self._baseline.take()
            self._imports.running = True
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look after everybody else is done with this test."""
        try:
            result = yield
        except BaseException:
            self._look_after(item)
            raise
        if self._look_after(item) and self._strict:
            pytest.fail(report.failure(self._pending), pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Look around the set-up of what outlives a test."""
        if fixturedef.scope == "function" or not self._is_active():
            return (yield)
        frame = self._baseline.open()
        try:
            return (yield)
        finally:
            self._fixtures.set_up(fixturedef, frame)

    @pytest.hookimpl(trylast=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Look after the teardown of what outlived a test."""
        if fixturedef.scope != "function":
            self._fixtures.torn_down(fixturedef)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Put on the report of a teardown what was found after it."""
        if self._pending and report.when == "teardown":
            report.__dict__[ATTRIBUTE], self._pending = self._pending, []

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Look after fixtures that end after the last test, as they do where the run was stopped.

        The innermost of the wrappers: those around it print the summary, and send what a worker has to say.
        """
        result = yield
        if self._is_active():
            self._pending = []
            leaks = self._judge.judge([], self._fixtures.take_ended(), None)
            self._summary.found += [(self._last, leak) for leak in leaks]
            session.config.stash[LEFT_LATE] = [LateLeak(self._last, leak, None) for leak in leaks]
            if leaks and self._strict and not session.exitstatus:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output[OUTPUT] = {"last": self._last, "leaks": leaks, "notes": list(self._baseline.notes)}
        return result

    def _is_active(self) -> bool:
        """Whether this is the process that runs the tests, and not a fork of it, and it has begun."""
        return self._begun and self._getpid() == self._pid

    def _look_after(self, item: pytest.Item) -> bool:
        """Whether anything was left behind that is not allowed."""
        self._imports.running = False
        if not self._is_active():
            return False
        moved = self._baseline.moved()
        if moved or self._fixtures.ended:
            self._pending = self._judge.judge(moved, self._fixtures.take_ended(), item)
        return bool(self._pending)
