"""Warning filters: what a test changed of how warnings are treated.

pytest puts the filters back after each test by itself, unless it is told not to (`-p no:warnings`); a test that relies
on that is named all the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from pytest_vltair.leaks.ordered import Ordered


class WarningFilters(Ordered):
    """`warnings.filters`, filter by filter."""

    kind = "warnings"
    names = ("warnings.filters",)

    def __init__(self) -> None:
        super().__init__()
        self._caught = warnings.catch_warnings

    def lists(self) -> Sequence[list[Any]]:
        """The filters in force."""
        current = getattr(warnings, "_get_filters", None)  # those of this context, from Python 3.14 on
        return (current() if current is not None else warnings.filters,)  # type: ignore[return-value]

    def touched(self) -> None:
        """Let Python forget what it remembers of the filters: entering and leaving does, and nothing else."""
        with self._caught():
            pass
