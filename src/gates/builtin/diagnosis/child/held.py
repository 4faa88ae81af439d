"""Held: factors that the project pins by itself, with pytest-vltair; a diagnosis cannot vary them, and need not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

FACTORS = {
    "seed": "rngseed",
    "timezone": "timezone",
    "locale": "locale",
    "clock": "clock",
    "network": "network",
    "directory": "directory",
    "umask": "umask",
    "environment": "environment",
    "order": "order",
}
"""What pytest-vltair calls them, and what a trial does."""

VARIABLES = {
    "colour": "NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE COLORTERM PY_COLORS PYTHON_COLORS TERM",
    "columns": "COLUMNS LINES",
    "home": "HOME USERPROFILE",
}
"""Settings of pytest-vltair that pin a part of the environment, and which."""


def by_project(config: pytest.Config) -> dict[str, Any]:
    """The key of the project's configuration that holds each factor, and under `variables` those that are pinned."""
    hooks: Any = sys.modules.get("pytest_vltair.hooks")
    fixing: Any = None if hooks is None else config.stash.get(hooks.FIXING, None)
    names = () if fixing is None else fixing.account()
    held: dict[str, Any] = {FACTORS[name]: f"vltair_{name}" for name in names if name in FACTORS}
    pinned = [variable for name in names for variable in VARIABLES.get(name, "").split()]
    return {**held, "variables": pinned} if pinned else held
