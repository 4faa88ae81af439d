"""Others: plugins that act between two tests, or between the phases of one; where there is none nobody looks there."""

from __future__ import annotations

import sys
from typing import Any

import pytest

BETWEEN = (
    *("pytest_runtest_protocol", "pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"),
    *("pytest_runtest_makereport", "pytest_report_teststatus", "pytest_report_to_serializable"),
    *("pytest_exception_interact", "pytest_warning_recorded", "pytest_enter_pdb", "pytest_leave_pdb"),
    *("pytest_runtestloop", "pytest_assertion_pass"),
)
"""Hooks that are called outside of a test's phases."""

AROUND = ("pytest_runtest_setup", "pytest_runtest_teardown")
"""Hooks of which wrappers may act before and after the guard's own, which take in all that belongs to the test."""

HARMLESS = ("_pytest.", "pytest_vltair.", "xdist.", "_hypothesis", "pytest_cov.")
"""Where hooks are from that change nothing that is looked at."""

DEBUGGERS = ("pydevd", "_pydevd_bundle")
"""They act without any hook."""


def act(config: pytest.Config, guard: object) -> bool:
    """Whether anybody but pytest itself may change the process between two tests."""
    if any(name in sys.modules for name in DEBUGGERS):
        return True
    impls = [impl for name in BETWEEN for impl in getattr(config.hook, name).get_hookimpls()]
    for name in AROUND:
        around = getattr(config.hook, name).get_hookimpls()
        impls += around[[impl.plugin for impl in around].index(guard) + 1 :]
    return any(map(_is_foreign, impls))


def _is_foreign(impl: Any) -> bool:
    return not str(getattr(impl.function, "__module__", "")).startswith(HARMLESS)
