"""Other plugins beside this one: whether they are here, and a run with everything on."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

EVERYTHING = (
    "--vltair=guard",
    "--vltair-leaks=error",
    "--vltair-network=block",
    "--vltair-clock=2020-02-29T12:00:00Z",
    "-o",
    "vltair_entropy=seeded",
    "-o",
    "vltair_home=fresh",
)
QUIET = ("-p", "no:cacheprovider", "-W", "ignore")
COMPLETE = "VLTAIR_TEST_MANNERS"
"""Set by the session `manners` of nox, which installs every plugin: there, nothing may be missing."""

ORDERED = ("-p", "no:randomly")


def needs(*modules: str) -> None:
    """Skip where one of these is not installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing and os.environ.get(COMPLETE):
        pytest.fail(f"{', '.join(missing)} should be installed here")
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed: nox -s manners")


def run(pytester: pytest.Pytester, *args: str, timeout: float = 600) -> pytest.RunResult:
    """A run with everything on, in a process of its own."""
    return pytester.runpytest_subprocess(*QUIET, *EVERYTHING, *args, timeout=timeout)
