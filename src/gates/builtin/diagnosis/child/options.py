"""Options: a project that has options of blocked plugins still starts, and what stops or splits a run early is off."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from .blocked import PLUGINS

TEXT, FLAG, LIST = "text", "flag", "list"


@dataclass(frozen=True)
class Blocked:
    """What a plugin adds to pytest: options with their kind and value, ini keys with their type, markers."""

    plugin: str
    options: Mapping[str, tuple[str, str, Any]]
    ini: Mapping[str, str | None]
    markers: tuple[str, ...] = ()


STAND_INS = (
    Blocked(
        "randomly",
        {
            "--randomly-seed": (TEXT, "randomly_seed", None),
            "--randomly-dont-reset-seed": (FLAG, "randomly_reset_seed", False),
            "--randomly-dont-reorganize": (FLAG, "randomly_reorganize", False),
        },
        {},
    ),
    Blocked(
        "random_order",
        {
            "--random-order": (FLAG, "random_order_enabled", False),
            "--random-order-bucket": (TEXT, "random_order_bucket", "module"),
            "--random-order-seed": (TEXT, "random_order_seed", None),
        },
        {},
        ("random_order(disabled=True): no reordering within a module or class",),
    ),
    Blocked("reverse", {"--reverse": (FLAG, "reverse", False)}, {}),
    Blocked(
        "rerunfailures",
        {
            "--force-reruns": (TEXT, "force_reruns", None),
            "--only-rerun": (LIST, "only_rerun", None),
            "--reruns": (TEXT, "reruns", None),
            "--reruns-delay": (TEXT, "reruns_delay", None),
            "--reruns-delay-backoff-factor": (TEXT, "reruns_delay_backoff_factor", None),
            "--rerun-except": (LIST, "rerun_except", None),
            "--rerun-exclude-path": (LIST, "rerun_exclude_path", None),
            "--reruns-mode": (TEXT, "reruns_mode", "strict"),
            "--fail-on-flaky": (FLAG, "fail_on_flaky", False),
            "--rerun-show-tracebacks": (FLAG, "rerun_show_tracebacks", False),
            "--max-suite-reruns": (TEXT, "max_suite_reruns", None),
        },
        {
            "reruns": None,
            "reruns_delay": None,
            "reruns_delay_backoff_factor": None,
            "only_rerun": "linelist",
            "rerun_except": "linelist",
        },
        ("flaky(reruns, reruns_delay, condition): not run again here",),
    ),
    Blocked(
        "flaky",
        {
            "--no-flaky-report": (FLAG, "flaky_report", False),
            "--no-success-flaky-report": (FLAG, "flaky_success_report", False),
            "--force-flaky": (FLAG, "force_flaky", False),
            "--max-runs": (TEXT, "max_runs", None),
            "--min-passes": (TEXT, "min_passes", None),
        },
        {},
        ("flaky(max_runs, min_passes): not run again here",),
    ),
    Blocked(
        "pytest-retry",
        {
            "--retries": (TEXT, "retries", None),
            "--retry-delay": (TEXT, "retry_delay", None),
            "--cumulative-timing": (TEXT, "cumulative_timing", None),
            "--retry-outcome": (TEXT, "retry_outcome", None),
        },
        {"retries": None, "retry_delay": None, "cumulative_timing": "bool", "retry_outcome": None},
        ("flaky(retries, delay, only_on, exclude, condition): not run again here",),
    ),
    Blocked(
        "repeat",
        {"--count": (TEXT, "count", 1), "--repeat-scope": (TEXT, "repeat_scope", "function")},
        {},
        ("repeat(n): run once here",),
    ),
    Blocked(
        "flakefinder",
        {
            "--flake-finder": (FLAG, "flake_finder_enable", False),
            "--flake-runs": (TEXT, "flake_runs", 1),
            "--flake-max-minutes": (TEXT, "flake_max_minutes", 0),
        },
        {},
    ),
    Blocked(
        "testmon",
        {
            "--testmon": (FLAG, "testmon", False),
            "--testmon-noselect": (FLAG, "testmon_noselect", False),
            "--testmon-nocollect": (FLAG, "testmon_nocollect", False),
            "--testmon-forceselect": (FLAG, "testmon_forceselect", False),
            "--no-testmon": (FLAG, "no-testmon", False),
            "--testmon-env": (TEXT, "environment_expression", None),
        },
        {"environment_expression": None, "testmon_ignore_dependencies": "args"},
    ),
    Blocked(
        "picked",
        {
            "--picked": ("maybe", "picked", None),
            "--mode": (TEXT, "picked_mode", None),
            "--parent-branch": (TEXT, "parent_branch", None),
        },
        {},
    ),
    Blocked("xdist.looponfail", {"--looponfail": (FLAG, "looponfail", False), "-f": (FLAG, "looponfail", False)}, {}),
)

OFF: Mapping[str, Any] = {
    "maxfail": 0,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "stepwise_skip": False,
    "usepdb": False,
    "trace": False,
    "xmlpath": None,
    "htmlpath": None,
    "continue_on_collection_errors": True,
    "parallel_threads": 1,  # pytest-run-parallel
    "workers": None,  # pytest-parallel
    "tests_per_worker": None,
}
"""Options, by their names in `config.option`, that every trial has otherwise than the project."""

ALONE: Mapping[str, Any] = {"numprocesses": None, "dist": "no", "tx": [], "distload": False, "looponfail": False}
"""Those of a trial that is not `parallel`."""


class Hooks:
    """Hooks that plugins of the project may have for blocked ones."""

    @pytest.hookspec(firstresult=True)
    def pytest_set_filtered_exceptions(self) -> None:
        """Of pytest-retry."""

    @pytest.hookspec(firstresult=True)
    def pytest_set_excluded_exceptions(self) -> None:
        """Of pytest-retry."""


def block(manager: pytest.PytestPluginManager) -> None:
    """Have pytest not load them, and forget those that it was told to load before."""
    for name in PLUGINS:
        for one in (name, f"pytest_{name}"):
            manager.set_blocked(one)


def credit(manager: pytest.PytestPluginManager) -> None:
    """Have a blocked plugin that is installed count as one that `required_plugins` may ask for."""
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return
    original = manager.list_plugin_distinfo

    def listed() -> list[Any]:
        from importlib import metadata

        held = [
            (None, SimpleNamespace(project_name=one.metadata["Name"], version=one.version))
            for one in metadata.distributions()
            if any(point.group == "pytest11" and manager.is_blocked(point.name) for point in one.entry_points)
        ]
        return [*original(), *held]

    setattr(manager, "list_plugin_distinfo", listed)  # noqa: B010 - pluggy has no other way


def add(parser: pytest.Parser, manager: pytest.PytestPluginManager) -> None:
    """Take the options and ini keys of blocked plugins, and do nothing with them."""
    group = parser.getgroup("blocked", "options of plugins that a trial runs without")
    for blocked in _absent(manager):
        for name, (kind, dest, value) in blocked.options.items():
            if not _taken(parser, name):
                group._addoption(name, dest=dest, default=value, **_how(kind))  # noqa: SLF001
        for key, type_ in blocked.ini.items():
            if key not in getattr(parser, "_inidict", {}):
                parser.addini(key, "not used in a trial", type=type_, default=None)  # type: ignore[arg-type]


def mark(config: pytest.Config) -> None:
    """Take the markers of blocked plugins."""
    for blocked in _absent(config.pluginmanager):
        for line in blocked.markers:
            config.addinivalue_line("markers", line)


def hook(manager: pytest.PytestPluginManager) -> None:
    """Take the hooks that are implemented for blocked plugins."""
    if manager.is_blocked("pytest-retry"):
        manager.add_hookspecs(Hooks)


def neutralise(option: argparse.Namespace, *, parallel: bool) -> None:
    """Put every option that stops, splits or selects otherwise than the trial says to what has no effect."""
    for name, value in {**OFF, **({} if parallel else ALONE)}.items():
        if hasattr(option, name):
            setattr(option, name, value)
    if parallel and getattr(option, "dist", None) == "no":
        option.dist = "load"


def uncovered(config: pytest.Config, args: list[str]) -> None:
    """Have pytest-cov measure nothing: it is slow, and its limit would fail the run."""
    known = config.known_args_namespace
    if hasattr(known, "no_cov"):
        known.no_cov = True
        known.cov_source = []
        args.append("--no-cov")


def unwarned(config: pytest.Config) -> None:
    """After all were parsed: pytest-cov does not warn, and faulthandler's one timer is the trial's."""
    if hasattr(config.option, "no_cov_should_warn"):
        config.option.no_cov_should_warn = False
    cache = getattr(config, "_inicache", None)
    if cache is not None:
        cache["faulthandler_timeout"] = 0.0


def _absent(manager: pytest.PytestPluginManager) -> list[Blocked]:
    return [one for one in STAND_INS if manager.is_blocked(one.plugin) and not manager.has_plugin(one.plugin)]


def _taken(parser: pytest.Parser, name: str) -> bool:
    groups = [parser._anonymous, *parser._groups]  # noqa: SLF001
    return any(name in option.names() for group in groups for option in group.options)


def _how(kind: str) -> dict[str, Any]:
    if kind == FLAG:
        return {"action": "store_const", "const": False}
    if kind == LIST:
        return {"action": "append"}
    return {"action": "store", "nargs": "?"} if kind == "maybe" else {"action": "store"}
