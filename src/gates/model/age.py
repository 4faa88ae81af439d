"""Age: whether what was taken at one moment is still good at another."""

from __future__ import annotations

from datetime import datetime

CLOCKS = 60.0
"""Seconds by which the clock of whoever took it may be ahead."""


def is_good(taken: datetime, now: datetime, limit: float) -> bool:
    """Whether it is at most `limit` seconds old; what is from the future is as old as can be."""
    return -CLOCKS <= (now - taken).total_seconds() <= limit
