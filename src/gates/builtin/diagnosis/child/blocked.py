"""Blocked: plugins that a trial runs without, as it does itself what they do. Plain data: nothing is imported."""

from __future__ import annotations

PLUGINS = (
    "randomly",
    "random_order",
    "random-order",
    "reverse",
    "rerunfailures",
    "flaky",
    "pytest-retry",
    "pytest_retry",
    "retry",
    "repeat",
    "flakefinder",
    "xdist.looponfail",
    "looponfail",
    "testmon",
    "picked",
)
"""Names by which pytest knows them: those of their entry points, and of their modules. The child blocks them itself."""
