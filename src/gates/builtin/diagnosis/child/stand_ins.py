"""Stand-ins: what plugins that a trial runs without add to pytest, by which a project that uses them still starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

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


class Hooks:
    """Hooks that plugins of the project may have for blocked ones."""

    @pytest.hookspec(firstresult=True)
    def pytest_set_filtered_exceptions(self) -> None:
        """Of pytest-retry."""

    @pytest.hookspec(firstresult=True)
    def pytest_set_excluded_exceptions(self) -> None:
        """Of pytest-retry."""


def taken(kind: str) -> dict[str, Any]:
    """How argparse takes an option of that kind, so that it does nothing."""
    if kind == FLAG:
        return {"action": "store_const", "const": False}
    if kind == LIST:
        return {"action": "append"}
    return {"action": "store", "nargs": "?"} if kind == "maybe" else {"action": "store"}
