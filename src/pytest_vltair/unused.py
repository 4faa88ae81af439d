"""Unused: hypothesis is not imported by a run that has no test of it."""

from __future__ import annotations

import sys

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Spare a run that has not used hypothesis its import, which its plugin does last of all to say nothing."""
    config = session.config
    plugins = config.pluginmanager
    summing = plugins.get_plugin("hypothesispytest")
    if (
        summing is not None
        and "hypothesis" not in sys.modules
        and not plugins.hasplugin("dsession")  # there is what workers have to say
        and not config.getoption("hypothesis_show_statistics", False)
    ):
        name = "pytest_terminal_summary"
        setattr(config.hook, name, plugins.subset_hook_caller(name, [summing]))
