"""Bench: what a process does whose benchmarks gates times, beside others that run other code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

VARIABLE = "VLTAIR_BENCH"
PACKAGES = "VLTAIR_BENCH_PACKAGES"
CODSPEED = ("CODSPEED_ENV", "CODSPEED_RUNNER_MODE")
"""Variables that switch the measurements of pytest-codspeed on."""


def begin(pluginmanager: pytest.PytestPluginManager) -> None:
    """Say hello to gates, and have it lead this run; the processes that the run starts are not led.

    Raises:
        pytest.UsageError: the variable names no address, or nobody answers there.
    """
    import random

    from pytest_vltair.bench import quiet, running, session, wire

    random.seed(quiet.SEED)
    text = os.environ.pop(VARIABLE)
    packages = os.environ.pop(PACKAGES, "")
    for name in CODSPEED:
        os.environ.pop(name, None)
    names = tuple(name for name in (part.strip() for part in packages.split(",")) if name)
    connection = wire.connect(text)
    tests = running.Running(connection)
    pluginmanager.register(tests, "vltair-bench-tests")
    pluginmanager.register(session.Led(connection, tests, names), "vltair-bench")
