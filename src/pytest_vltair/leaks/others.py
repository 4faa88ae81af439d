"""Others: who but pytest itself may change the process between two tests, and the look that takes account of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Generator
from typing import Any

import pytest

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
    return any((impl.wrapper or impl.hookwrapper) and _is_foreign(impl) for impl in impls)


def act(config: pytest.Config, guards: Collection[object]) -> bool:
    """Whether anybody but pytest itself may change the process between two tests, or around the plugins `guards`."""
    if any(name in sys.modules for name in DEBUGGERS):
        return True
    impls = [impl for name in OUTSIDE for impl in getattr(config.hook, name).get_hookimpls()]
    for name in AROUND:
        around = getattr(config.hook, name).get_hookimpls()
        impls += around[max(at for at, impl in enumerate(around) if impl.plugin in guards) + 1 :]
    return any(map(_is_foreign, impls))


def _is_foreign(impl: Any) -> bool:
    return not str(getattr(impl.function, "__module__", "")).startswith(HARMLESS)
