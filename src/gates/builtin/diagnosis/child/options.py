"""Options: a project that has options of blocked plugins still starts, and what stops or splits a run early is off."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from .blocked import PLUGINS
from .stand_ins import STAND_INS, Blocked, Hooks, taken

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
                group._addoption(name, dest=dest, default=value, **taken(kind))  # noqa: SLF001
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


def unsummed(config: pytest.Config) -> None:
    """Have hypothesis sum nothing up: it is imported as a whole for that, which takes longer than all the rest."""
    plugin = config.pluginmanager.get_plugin("hypothesispytest")
    if plugin is not None:
        name = "pytest_terminal_summary"
        setattr(config.hook, name, config.pluginmanager.subset_hook_caller(name, [plugin]))


def _absent(manager: pytest.PytestPluginManager) -> list[Blocked]:
    return [one for one in STAND_INS if manager.is_blocked(one.plugin) and not manager.has_plugin(one.plugin)]


def _taken(parser: pytest.Parser, name: str) -> bool:
    groups = [parser._anonymous, *parser._groups]  # noqa: SLF001
    return any(name in option.names() for group in groups for option in group.options)
