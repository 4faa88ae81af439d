"""Others: who but pytest itself may change the process between two tests, and the look that takes account of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Generator
from contextlib import suppress
from typing import Any

import pytest

from pytest_vltair import options

OUTSIDE = (
    *("pytest_runtest_protocol", "pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"),
    *("pytest_runtest_makereport", "pytest_report_teststatus", "pytest_report_to_serializable"),
    *("pytest_exception_interact", "pytest_warning_recorded", "pytest_enter_pdb", "pytest_leave_pdb"),
    *("pytest_runtestloop", "pytest_assertion_pass"),
)
"""Hooks that are called outside of the phases of a test: who is there acts between tests, or between phases."""

AROUND = ("pytest_runtest_setup", "pytest_runtest_teardown")
"""Hooks of which wrappers may act before and after the guard's own, which take in all that belongs to the test."""

OWN = ("_pytest", "pytest_vltair", "xdist")
"""Packages of which no hook changes anything that is looked at."""

HARMLESS = {
    "_hypothesis_pytestplugin": ("pytest_runtest_makereport",),
    "pytest_benchmark": ("pytest_runtest_makereport",),
    "pytest_cov": ("pytest_runtestloop",),
    "pytest_instafail": ("pytest_runtest_logreport",),
    "pytest_rerunfailures": (
        *("pytest_runtest_protocol", "pytest_runtest_makereport", "pytest_runtest_logreport"),
        "pytest_report_teststatus",
    ),
    "pytest_sugar": (
        *("pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"),
        "pytest_report_teststatus",
    ),
    "pytest_timeout": ("pytest_runtest_protocol", "pytest_exception_interact", "pytest_enter_pdb"),
}
"""Hooks of other plugins that were read: they keep what they are told to themselves, or print it.

pytest-mock, pytest-asyncio, anyio, pytest-randomly and pytest-socket act within the phases of a test only.
"""

ASKED = {"pytest_rerunfailures": ("flaky", "reruns", "force_reruns"), "pytest_timeout": ("timeout", "PYTEST_TIMEOUT")}
"""Options, settings, variables and markers by which those of `HARMLESS` run fixtures, or handle signals, after all."""

DEBUGGERS = ("pydevd", "_pydevd_bundle")
"""They act without any hook."""


class Before:
    """Looks before everybody else has begun with a test: in the place that the guard has among all wrappers."""

    def __init__(self, look: Callable[[pytest.Item], None]) -> None:
        self._look = look

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look."""
        __tracebackhide__ = True
        self._look(item)
        return (yield)


def wrap_set_up(config: pytest.Config) -> bool:
    """Whether anybody but pytest itself has a wrapper around the set-up of tests."""
    impls = config.hook.pytest_runtest_setup.get_hookimpls()
    return any((impl.wrapper or impl.hookwrapper) and _package(impl) not in OWN for impl in impls)


def act(session: pytest.Session, guards: Collection[object]) -> bool:
    """Whether anybody but pytest itself may change the process between two tests, or around the plugins `guards`."""
    if any(name in sys.modules for name in DEBUGGERS):
        return True
    hook = session.config.hook
    there = {(_package(impl), name) for name in OUTSIDE for impl in getattr(hook, name).get_hookimpls()}
    for name in AROUND:
        around = getattr(hook, name).get_hookimpls()
        outer = around[max(at for at, impl in enumerate(around) if impl.plugin in guards) + 1 :]
        there.update((_package(impl), name) for impl in outer)
    others = [(package, name) for package, name in there if package not in OWN]
    return any(name not in HARMLESS.get(package, ()) for package, name in others) or any(
        _is_asked(session, ASKED[package]) for package, _ in others if package in ASKED
    )


def _package(impl: Any) -> str:
    return str(getattr(impl.function, "__module__", "")).partition(".")[0]


def _is_asked(session: pytest.Session, words: Collection[str]) -> bool:
    config = session.config
    for word in words:
        if config.getoption(word, None) is not None or word in os.environ:
            return True
        with suppress(ValueError):
            if config.getini(word):
                return True
    return any(options.bears(item, words) for item in session.items)
