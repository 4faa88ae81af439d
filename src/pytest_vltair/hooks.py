"""The hooks that pytest calls; whatever they start is imported only when an option asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from pytest_vltair import hookspecs, options

if TYPE_CHECKING:
    from pytest_vltair.fixed.session import Fixing
    from pytest_vltair.leaks.report import LateLeak
    from pytest_vltair.recording import Recorder

RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()
FIXING: pytest.StashKey[Fixing] = pytest.StashKey()
LEAK_KINDS: pytest.StashKey[tuple[str, ...]] = pytest.StashKey()
"""The kinds of leaks that the guard looks for in this process, for the record."""
LEFT_LATE: pytest.StashKey[list[LateLeak]] = pytest.StashKey()
"""What fixtures left behind that ended when the session did, after the report of the last test."""
NAMING_TESTS: pytest.StashKey[list[pytest.Item]] = pytest.StashKey()
"""The tests of this process, where any of them names a requirement and no controller of xdist speaks for it."""


class _OwnModules:
    """Finds this package's modules as Python would without pytest; first in the one place where they are, if at all."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if not path or not name.startswith("pytest_vltair."):
            return None
        file = f"{path[0]}{os.sep}{name.rpartition('.')[2]}.py"
        if not os.path.isfile(file):  # noqa: PTH113 - a Path costs what all of this saves
            return PathFinder.find_spec(name, path)
        return spec_from_file_location(name, file, loader=SourceFileLoader(name, file), submodule_search_locations=None)


@contextmanager
def unrewritten() -> Iterator[None]:
    """Inside, this package is imported without pytest's assertion rewriting, which takes longer than all the rest."""
    sys.meta_path.insert(0, _OwnModules)
    try:
        yield
    finally:
        sys.meta_path.remove(_OwnModules)


class Hooks:
    """The hooks of an object, and nothing else, to be registered with pytest in its place.

    pytest and pluggy look up every name of what is registered several times, and each method of a class by a walk
    through the class: a guarded start spent an eighth of its time in that.
    """

    def __init__(self, owner: object) -> None:
        for kind in type(owner).__mro__[:-1]:
            vars(self).update((name, getattr(owner, name)) for name in vars(kind) if name.startswith("pytest_"))

    def __dir__(self) -> Iterator[str]:
        return iter(vars(self))


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options of this plugin; be led by gates where it starts the run to time benchmarks."""
    options.add(parser)
    if "VLTAIR_BENCH" in os.environ:
        with unrewritten():
            from pytest_vltair import bench

            bench.begin(pluginmanager)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks that other plugins may implement."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Fix what is asked for, before anything of the project is imported."""
    if not options.determinism_asked(early_config):
        return
    with unrewritten():
        from pytest_vltair import settings
        from pytest_vltair.fixed.session import Fixing

        resolved = settings.resolve(early_config)
        if resolved.given:
            fixing = early_config.stash[FIXING] = Fixing(resolved)
            fixing.begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in options.MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Every value that is fixed, and the flags that repeat the run."""
    fixing = config.stash.get(FIXING, None)
    return None if fixing is None else fixing.header()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start what the options ask for: the factors, a shard, a recording, a worker's part of one."""
    config = session.config
    fixing = config.stash.get(FIXING, None)
    if fixing is not None:
        with unrewritten():
            fixing.settle(config)
            if fixing.settings["leaks"] is not None:
                from pytest_vltair.leaks import guard

                guard.start(config, fixing.settings)
    wanted = config.getoption("vltair_requirement", None)
    if wanted is not None or config.getini(options.REQUIREMENT_LIST):
        with unrewritten():
            from pytest_vltair.required import chosen

            chosen.start(config, wanted)
    shard = config.getoption("vltair_shard", None)
    durations = config.getoption("vltair_durations", None)
    record = config.getoption("vltair_record", None)
    if shard is None and durations is not None:
        raise pytest.UsageError(f"{options.DURATIONS} says how to cut a suite and needs {options.SHARD}")
    contexts = config.getoption("vltair_contexts", False)
    journal = record is None and options.recorded(config)
    if shard is not None or record is not None or contexts or journal:
        with unrewritten():
            _start(config, shard, durations, record, contexts=contexts, journal=journal)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the markers of this plugin act, where any test bears one."""
    borne = options.borne(items)
    if options.FLAKY in borne:
        with unrewritten():
            from pytest_vltair import flaky

            flaky.attend(items)
    if not borne.isdisjoint(options.ACTING):
        with unrewritten():
            from pytest_vltair.fixed import markers

            markers.attend(items)
    if borne.isdisjoint(options.NAMING):
        return
    config = items[0].config
    if hasattr(config, "workerinput"):
        with unrewritten():
            from pytest_vltair.required import section

            section.send(config, items)
    else:
        config.stash[NAMING_TESTS] = items


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what became of the requirements that tests name; workers of xdist, where there are any, have sent them."""
    config = terminalreporter.config
    if NAMING_TESTS in config.stash or (
        config.pluginmanager.hasplugin("dsession")
        and any(
            options.SENT in getattr(one, "__dict__", ()) for kept in terminalreporter.stats.values() for one in kept
        )
    ):
        with unrewritten():
            from pytest_vltair.required import section

            section.write(terminalreporter, config.stash.get(NAMING_TESTS, None))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse a file or class in which `covers`, `vltair_bench` or `vltair_flaky` says what cannot be."""
    report = yield
    nodes = (collector, *report.result) if report.result else ()
    marked = (mark for node in nodes for mark in node.own_markers)
    said = {
        mark.name
        for mark in marked
        if mark.kwargs or mark.name == options.FLAKY or (mark.args and mark.name == options.BENCH)
    }
    if options.COVERS in said:
        with unrewritten():
            from pytest_vltair import requirements

            requirements.check(report, nodes)
    if options.BENCH in said:
        with unrewritten():
            from pytest_vltair.bench import marks

            marks.check(report, nodes)
    if options.FLAKY in said:
        with unrewritten():
            from pytest_vltair import flaky

            flaky.check(report, nodes)
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each zone and locale that its markers name."""
    if options.bears(metafunc.definition, options.SWEEPING):
        from pytest_vltair.fixed import markers

        markers.sweep(metafunc)


def _start(
    config: pytest.Config,
    shard: str | None,
    durations: str | None,
    record: str | None,
    *,
    contexts: bool,
    journal: bool,
) -> None:
    from pytest_vltair.selection import LastFailed, Selection

    selection = Selection()
    if config.getoption("lf", False):
        last_failed = LastFailed(config, selection)
        config.pluginmanager.register(last_failed.inner)
        config.pluginmanager.register(last_failed)
    if shard is not None:
        from pytest_vltair import shards

        config.pluginmanager.register(
            shards.Sharder(config, options.shard(shard), durations, selection), "vltair-shards"
        )
    # Registered last, so that its wrapper sees the tests before and after everybody else's.
    config.pluginmanager.register(Hooks(selection), "vltair-selection")
    if contexts:
        from pytest_vltair import contexts as switching

        switching.start(config, selection.name)
    recorder: Recorder | None = None
    if record is not None:
        from pytest_vltair import recording

        recorder = recording.start(config, record, selection)
    elif journal:
        from pytest_vltair import journal as journals

        recorder = journals.start(config, selection)
    if recorder is not None:
        config.stash[RECORDER] = recorder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Finish a recording with the status that this run really ends with, after everything else has had its say."""
    try:
        status = yield
    except BaseException as error:
        recorder = config.stash.get(RECORDER, None)
        if recorder is not None:
            recorder.fail(error)
        raise
    recorder = config.stash.get(RECORDER, None)
    return status if recorder is None else recorder.finish(status)
