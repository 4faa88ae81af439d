"""Quiet: options under which a run would measure, spread, repeat or write something else than gates asked for."""

from __future__ import annotations

import os
from typing import Any

import pytest

SEED = 0
"""What `random` starts from, in the whole run and in each test."""

EARLY: dict[str, Any] = {"cov_source": []}
"""What is read before the first conftest.py."""

OWN = ("vltair_clock", "vltair_hash_seed", "vltair_leaks", "vltair_network", "vltair_order")
"""Settings of this plugin that stand between a test and what it calls, or begin the process anew."""

LATER: dict[str, Any] = {
    **EARLY,
    # pytest
    "cacheclear": False,
    "collectonly": False,
    "failedfirst": False,
    "lf": False,
    "maxfail": 0,
    "newfirst": False,
    "setuponly": False,
    "setupplan": False,
    "stepwise": False,
    "stepwise_skip": False,
    "trace": False,
    "usepdb": False,
    "xmlpath": None,
    # this plugin
    "vltair_contexts": False,
    "vltair_durations": None,
    "vltair_record": None,
    "vltair_shard": None,
    # pytest-benchmark
    "benchmark_autosave": None,
    "benchmark_compare": [],
    "benchmark_compare_fail": None,
    "benchmark_cprofile": None,
    "benchmark_csv": [],
    "benchmark_disable": False,
    "benchmark_histogram": [],
    "benchmark_json": None,
    "benchmark_only": False,
    "benchmark_save": None,
    "benchmark_skip": False,
    "benchmark_storage": f"file://{os.devnull}",
    # pytest-codspeed
    "codspeed": False,
    # pytest-xdist, pytest-forked
    "dist": "no",
    "distload": False,
    "forked": False,
    "looponfail": False,
    "numprocesses": None,
    "tx": [],
    # pytest-rerunfailures, pytest-retry, pytest-html, pytest-reportlog
    "fail_on_flaky": False,
    "htmlpath": None,
    "report_log": None,
    "reruns": None,
    "retries": None,
}

KEEPING = ("lfplugin", "nfplugin", "stepwiseplugin")
"""Plugins of pytest that write down what ran, for its next run."""


class Asked:
    """What the options say about benchmarks; `disabled` and `skipped` are sentences, or empty."""

    def __init__(self, option: Any) -> None:
        enabled = getattr(option, "benchmark_enable", False)
        only = getattr(option, "benchmark_only", False)
        disable = getattr(option, "benchmark_disable", False) and not enabled
        skip = getattr(option, "benchmark_skip", False) and not only
        self.disabled = "--benchmark-disable is given, which keeps it from being timed" if disable else ""
        self.skipped = "--benchmark-skip is given" if skip else ""


def early(config: pytest.Config) -> None:
    """Quieten what is read before the first conftest.py."""
    from pytest_vltair import options, settings

    given = config.known_args_namespace
    _apply(given, EARLY)
    if options.determinism_asked(config):
        _apply(given, dict.fromkeys(OWN, settings.KEEP))


def later(config: pytest.Config) -> Asked:
    """What the options say about benchmarks; quietens all others that stand in the way."""
    asked = Asked(config.option)
    _apply(config.option, LATER)
    if isinstance(getattr(config.option, "randomly_seed", None), str):
        # Drawn anew in each process otherwise: what is compared would have other data.
        config.option.randomly_seed = SEED
    return asked


def forget(config: pytest.Config) -> None:
    """Have pytest write down nothing for its next run."""
    for name in KEEPING:
        if config.pluginmanager.has_plugin(name):
            config.pluginmanager.unregister(name=name)


def sum_nothing_up(config: pytest.Config) -> None:
    """Have no plugin say at the end what nobody reads; hypothesis for one is imported as a whole for it."""
    plugins, hooks = config.pluginmanager, config.hook
    name = "pytest_terminal_summary"
    setattr(hooks, name, plugins.subset_hook_caller(name, plugins.get_plugins()))


def _apply(namespace: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if hasattr(namespace, name):
            setattr(namespace, name, value)
