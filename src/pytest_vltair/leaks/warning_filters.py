"""Warning filters: what a test changed of how warnings are treated.

pytest puts the filters back after each test by itself, unless it is told not to (`-p no:warnings`); a test that relies
on that is named all the same.
"""

from __future__ import annotations

import warnings
from typing import Any

from pytest_vltair.leaks.ordered import Ordered


class WarningFilters(Ordered):
    """`warnings.filters`, filter by filter."""

    kind = "warnings"
    names = ("warnings.filters",)

    def __init__(self) -> None:
        super().__init__()
        self._of_context = getattr(warnings, "_get_filters", None)
        self._caught = warnings.catch_warnings

    def lists(self) -> tuple[list[Any], ...]:
        """The filters in force."""
        if self._of_context is None:
            return (warnings.filters,)  # type: ignore[return-value]
        return (self._of_context(),)  # from Python 3.14 on

    def touched(self) -> None:
        """Let Python forget what it remembers of the filters: entering and leaving does, and nothing else."""
        with self._caught():
            pass
