"""Guard: asks every probe around each test what it left behind, names it, and puts it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair import options
from pytest_vltair.hooks import LEAK_KINDS, LEFT_LATE, Hooks, unrewritten
from pytest_vltair.importing import FirstImports
from pytest_vltair.leaks import kinds
from pytest_vltair.leaks.attribution import Fixtures
from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.judging import MARKER, Judge
from pytest_vltair.leaks.report import OUTPUT, Bearer, LateLeak, Summary, failure

if TYPE_CHECKING:
    from pytest_vltair.leaks.allowed import Line
    from pytest_vltair.leaks.probe import Probe
    from pytest_vltair.settings import Given, Settings

MODES = ("off", "report", "error")
BETWEEN = "vltair-leaks-between"

OUTSIDE = (
    *("pytest_runtest_protocol", "pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"),
    *("pytest_runtest_makereport", "pytest_report_teststatus", "pytest_report_to_serializable"),
    *("pytest_exception_interact", "pytest_warning_recorded", "pytest_enter_pdb", "pytest_leave_pdb"),
    *("pytest_runtestloop", "pytest_assertion_pass"),
)
"""Hooks that are called outside of the phases of a test: who is there acts between tests, or between phases."""

AROUND = ("pytest_runtest_setup", "pytest_runtest_teardown")
"""Hooks of which wrappers may act before and after the guard's own, which take in all that belongs to the test."""

HARMLESS = ("_pytest.", "pytest_vltair.", "xdist.", "_hypothesis", "pytest_cov.")
"""Where hooks are from that change nothing that is looked at."""

DEBUGGERS = ("pydevd", "_pydevd_bundle")
"""They act without any hook."""


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
    allow = _allowed(settings["leaks-allow"], names)
    if config.pluginmanager.hasplugin("dsession"):
        from pytest_vltair.leaks.workers import Workers

        config.pluginmanager.register(Workers(names, given.text), "vltair-leaks-workers")
    else:
        baseline = Baseline(probes)
        guard = Guard(config, baseline, Judge(baseline, allow), names, given.text)
        config.pluginmanager.register(guard.hooks, "vltair-leaks")


def _probes(config: pytest.Config, settings: Settings) -> Iterable[tuple[Probe, str]]:
    seeded = settings["seed"] is not None
    for name in kinds.chosen(settings["leaks-kinds"]):
        yield kinds.made(name, config, seeded=seeded), kinds.PROBES[name].between
    for found in config.hook.pytest_vltair_leak_probes(config=config):
        for probe in found:
            if probe.kind in kinds.PROBES:
                raise pytest.UsageError(f"{type(probe).__qualname__}: there is a kind {probe.kind!r} of leak already")
            yield probe, "anybody"


def _allowed(given: Given | None, names: list[str]) -> list[Line]:
    if given is None:
        return []
    from pytest_vltair.leaks import allowed

    return allowed.lines(given, {*kinds.PROBES, *names})


class Guard(Summary):
    """The process that runs the tests: looks before and after each of them, and around what may change things."""

    def __init__(
        self, config: pytest.Config, baseline: Baseline, judge: Judge, names: Iterable[str], mode: str
    ) -> None:
        super().__init__(names, mode)
        self.notes = baseline.notes
        self._config = config
        self._baseline = baseline
        self._judge = judge
        self._fixtures = Fixtures(baseline, self._is_active)
        # What a module changes when it is imported for the first time belongs to it, not to the test.
        self._imports = FirstImports(lambda _name: baseline.open(), baseline.close)
        self._begun = False
        self._last = ""
        self._alone: bool | None = None
        self._bearer = Bearer(self)
        self._moved = baseline.moved
        self._getpid, self._pid = os.getpid, os.getpid()
        self.hooks = Hooks(self)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse markers that name no kind; look around the set-up of packages, and see first imports from now on."""
        if any(options.bears(item, (MARKER,)) for item in session.items):
            from pytest_vltair.leaks import allowed

            allowed.check(session.items, {*kinds.PROBES, *(one.probe.kind for one in self._baseline.watched)})
        self._fixtures.watch(session.items)
        self._meet_others()
        self._imports.install()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look before everybody else has begun with this test."""
        __tracebackhide__ = True
        self._last = item.nodeid
        if self._getpid() == self._pid:
            if self._alone is None:
                self._meet_others()
            if self._begun:
                self._baseline.refresh(self._alone is True)
            else:
                self._begun = True
                self._baseline.take()
            self._imports.running = True
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look after everybody else is done with this test."""
        __tracebackhide__ = True
        try:
            result = yield
        except BaseException:
            self._look_after(item)
            raise
        if self._look_after(item) and self.strict:
            pytest.fail(failure(self._bearer.leaks), pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Look around the set-up of what outlives a test."""
        __tracebackhide__ = True
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

    def pytest_plugin_registered(self) -> None:
        """See before the next test who else there is."""
        self._alone = None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Look after fixtures that end after the last test, as they do where the run was stopped.

        The innermost of the wrappers: those around it print the summary, and send what a worker has to say.
        """
        session.config.stash[LEAK_KINDS] = tuple(one.probe.kind for one in self._baseline.watched)
        self._imports.remove()
        result = yield
        if self._is_active():
            self._bearer.leaks = []
            leaks = self._judge.judge([], self._fixtures.take_ended(), None)
            self.found += [(self._last, leak) for leak in leaks]
            session.config.stash[LEFT_LATE] = [LateLeak(self._last, leak, None) for leak in leaks]
            if leaks and self.strict and not session.exitstatus:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output[OUTPUT] = {"last": self._last, "leaks": leaks, "notes": list(self._baseline.notes)}
        return result

    def _meet_others(self) -> None:
        """Look between tests, and between their phases, as soon as there is anybody who acts there."""
        alone = not _act(self._config, self.hooks)
        if not alone and not self._config.pluginmanager.hasplugin(BETWEEN):
            with unrewritten():
                from pytest_vltair.leaks.between import Between

                between = Between(self._baseline)
            self._config.pluginmanager.register(between.hooks, BETWEEN)
        self._alone = alone

    def _is_active(self) -> bool:
        """Whether this is the process that runs the tests, and not a fork of it, and it has begun."""
        return self._begun and self._getpid() == self._pid

    def _look_after(self, item: pytest.Item) -> bool:
        """Whether anything was left behind that is not allowed."""
        self._imports.running = False
        if not self._begun or self._getpid() != self._pid:
            return False
        moved = self._moved()
        if moved or self._fixtures.ended:
            leaks = self._bearer.leaks = self._judge.judge(moved, self._fixtures.take_ended(), item)
            if leaks and not self._config.pluginmanager.is_registered(self._bearer):
                self._config.pluginmanager.register(self._bearer, "vltair-leaks-bearer")
            return bool(leaks)
        return False


def _act(config: pytest.Config, guard: object) -> bool:
    """Whether anybody but pytest itself may change the process between two tests."""
    if any(name in sys.modules for name in DEBUGGERS):
        return True
    impls = [impl for name in OUTSIDE for impl in getattr(config.hook, name).get_hookimpls()]
    for name in AROUND:
        around = getattr(config.hook, name).get_hookimpls()
        impls += around[[impl.plugin for impl in around].index(guard) + 1 :]
    return any(map(_is_foreign, impls))


def _is_foreign(impl: Any) -> bool:
    return not str(getattr(impl.function, "__module__", "")).startswith(HARMLESS)
