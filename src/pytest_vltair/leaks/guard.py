"""Guard: asks every probe around each test what it left behind, names it, and puts it back."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from typing import Any

import pytest

from pytest_vltair.importing import FirstImports
from pytest_vltair.leaks import allowed, kinds, others, report
from pytest_vltair.leaks.attribution import Fixtures
from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.judging import Judge
from pytest_vltair.leaks.probe import Probe
from pytest_vltair.leaks.report import ATTRIBUTE, LateLeak
from pytest_vltair.plugin import LEAK_KINDS, LEFT_LATE
from pytest_vltair.settings import Settings

MODES = ("off", "report", "error")
OUTPUT = "vltair_leaks"
BETWEEN = "vltair-leaks-between"


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
    config.pluginmanager.register(Header(names, given.text), "vltair-leaks-header")
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(Workers(summary, given.text), "vltair-leaks-workers")
    else:
        baseline = Baseline(probes)
        guard = Guard(config, baseline, Judge(baseline, allow), summary, given.text == "error")
        config.pluginmanager.register(guard, "vltair-leaks")


def _probes(config: pytest.Config, settings: Settings) -> Iterable[tuple[Probe, str]]:
    for name in kinds.chosen(settings["leaks-kinds"]):
        yield kinds.made(name, config), kinds.PROBES[name].between
    for found in config.hook.pytest_vltair_leak_probes(config=config):
        for probe in found:
            if probe.kind in kinds.PROBES:
                raise pytest.UsageError(f"{type(probe).__qualname__}: there is a kind {probe.kind!r} of leak already")
            yield probe, "anybody"


class Header:
    """Says what is looked for, and refuses markers of what is not."""

    def __init__(self, names: list[str], mode: str) -> None:
        self._names = names
        self._mode = mode

    def pytest_report_header(self) -> str:
        """What is looked for."""
        return f"vltair: leaks: {self._mode}: {', '.join(self._names)}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse markers that name no kind."""
        allowed.check(session.items, {*kinds.PROBES, *self._names})


class Workers:
    """Reads the leaks off the reports of tests that other processes run."""

    def __init__(self, summary: report.Summary, mode: str) -> None:
        self._summary = summary
        self._mode = mode

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

    def __init__(
        self, config: pytest.Config, baseline: Baseline, judge: Judge, summary: report.Summary, strict: bool
    ) -> None:
        self._config = config
        self._baseline = baseline
        self._judge = judge
        self._summary = summary
        summary.notes = baseline.notes
        self._strict = strict
        self._fixtures = Fixtures(baseline, self._is_active)
        # What a module changes when it is imported for the first time belongs to it, not to the test.
        self._imports = FirstImports(lambda _name: baseline.open(), baseline.close)
        self._begun = False
        self._last = ""
        self._alone: bool | None = None
        self._bearer = report.Bearer(summary)
        self._moved = baseline.moved
        self._getpid, self._pid = os.getpid, os.getpid()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Look around the set-up of packages."""
        self._fixtures.watch(session.items)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """See first imports from the first test to the last."""
        self._meet_others()
        self._imports.install()
        try:
            return (yield)
        finally:
            self._imports.remove()

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
        if self._look_after(item) and self._strict:
            pytest.fail(report.failure(self._bearer.leaks), pytrace=False)
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
        result = yield
        if self._is_active():
            self._bearer.leaks = []
            leaks = self._judge.judge([], self._fixtures.take_ended(), None)
            self._summary.found += [(self._last, leak) for leak in leaks]
            session.config.stash[LEFT_LATE] = [LateLeak(self._last, leak, None) for leak in leaks]
            if leaks and self._strict and not session.exitstatus:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output[OUTPUT] = {"last": self._last, "leaks": leaks, "notes": list(self._baseline.notes)}
        return result

    def _meet_others(self) -> None:
        """Look between tests, and between their phases, as soon as there is anybody who acts there."""
        alone = not others.act(self._config, self)
        if not alone and not self._config.pluginmanager.hasplugin(BETWEEN):
            from pytest_vltair.leaks.between import Between

            self._config.pluginmanager.register(Between(self._baseline), BETWEEN)
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
