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


def by_project(config: pytest.Config) -> dict[str, str]:
    """The key of the project's configuration that holds each factor."""
    hooks: Any = sys.modules.get("pytest_vltair.hooks")
    fixing: Any = None if hooks is None else config.stash.get(hooks.FIXING, None)
    names = () if fixing is None else fixing.account()
    return {FACTORS[name]: f"vltair_{name.replace('-', '_')}" for name in names if name in FACTORS}
