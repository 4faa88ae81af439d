"""Guard: asks every probe around each test what it left behind, names it, and puts it back."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair import options
from pytest_vltair.hooks import LEAK_KINDS, LEFT_LATE, Hooks, unrewritten
from pytest_vltair.importing import FirstImports
from pytest_vltair.leaks import kinds, others
from pytest_vltair.leaks.attribution import Fixtures
from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.judging import MARKER, Judge
from pytest_vltair.leaks.report import OUTPUT, Bearer, LateLeak, Summary, failure

if TYPE_CHECKING:
    from pytest_vltair.leaks.allowed import Line
    from pytest_vltair.settings import Given, Settings

MODES = ("off", "report", "error")
BEFORE = "vltair-leaks-before"
BETWEEN = "vltair-leaks-between"


def start(config: pytest.Config, settings: Settings) -> None:
    """Watch the tests of this run for leaks, unless the mode is off.

    Raises:
        pytest.UsageError: a setting is wrong.
    """
    given = settings["leaks"]
    if given is None or given.choice(*MODES) == "off":
        return
    probes = list(kinds.probes(config, settings))
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
        config.pluginmanager.register(guard.before, BEFORE)


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
        self._session: pytest.Session | None = None
        self._alone = self._inside = False
        self._bearer = Bearer(self)
        self._moved = baseline.moved
        self._getpid, self._pid = os.getpid, os.getpid()
        self.hooks = Hooks(self)
        self.before = Hooks(others.Before(self.look_before))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse markers that name no kind; look around the set-up of packages, and see first imports from now on."""
        if any(options.bears(item, (MARKER,)) for item in session.items):
            from pytest_vltair.leaks import allowed

            allowed.check(session.items, {*kinds.PROBES, *(one.probe.kind for one in self._baseline.watched)})
        self._fixtures.watch(session.items)
        self._session = session
        self._meet_others(session)
        self._imports.install()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Go without `Before` where nobody but pytest itself acts by the time that this object's own hook is called.

        The first look is taken here then: in a set-up pytest's own wrappers are at work already.
        """
        if self._inside:
            self._config.pluginmanager.unregister(self.before)
            self._begun = True
            self._baseline.take()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Look before the set-up of this test at the little that may have changed, none of it by pytest's wrappers."""
        if self._inside:
            self.look_before(item)

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
        if self._session is not None:
            self._meet_others(self._session)

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

    def look_before(self, item: pytest.Item) -> None:
        """Hold this test responsible for nothing that is there before it."""
        self._last = item.nodeid
        if self._begun:
            self._baseline.refresh(self._alone)
        else:
            self._begun = True
            self._baseline.take()
        self._imports.running = True

    def _meet_others(self, session: pytest.Session) -> None:
        """Look between tests, and between their phases, from when on there is anybody who acts there."""
        plugins, before = self._config.pluginmanager, self._inside
        self._alone = not others.act(session, (self.hooks, self.before))
        # Others' probes are never asked among what pytest itself does around a set-up.
        self._inside = (
            self._alone
            and not others.wrap_set_up(self._config)
            and all(one.probe.kind in kinds.PROBES for one in self._baseline.watched)
        )
        if before and not self._inside and not plugins.hasplugin(BEFORE):
            plugins.register(self.before, BEFORE)
        if not self._alone and not plugins.hasplugin(BETWEEN):
            with unrewritten():
                from pytest_vltair.leaks.between import Between

                between = Between(self._baseline)
            plugins.register(between.hooks, BETWEEN)

    def _is_active(self) -> bool:
        """Whether this is the process that runs the tests, and not a fork of it, and it has begun."""
        return self._begun and self._getpid() == self._pid

    def _look_after(self, item: pytest.Item) -> bool:
        """Whether anything was left behind that is not allowed."""
        self._imports.running = False
        if not self._is_active():
            return False
        moved = self._moved()
        if moved or self._fixtures.ended:
            leaks = self._bearer.leaks = self._judge.judge(moved, self._fixtures.take_ended(), item)
            if leaks and not self._config.pluginmanager.is_registered(self._bearer):
                self._config.pluginmanager.register(self._bearer, "vltair-leaks-bearer")
            return bool(leaks)
        return False
