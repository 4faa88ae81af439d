"""Recursion limit: how deep Python's calls may go."""

from __future__ import annotations

import sys

import pytest

from pytest_vltair.settings import Given, Settings

_get, _set = sys.getrecursionlimit, sys.setrecursionlimit


class RecursionLimit:
    """Holds the recursion limit at a value."""

    name = "recursion-limit"

    def __init__(self, given: Given, _settings: Settings) -> None:
        if not (given.text.isascii() and given.text.isdigit() and 0 < int(given.text) < 2**31):
            given.wrong("is no recursion limit: write a number such as 1000")
        self._given = given
        self.demanded = str(int(given.text))
        self._before = _get()

    def apply(self, _config: pytest.Config) -> None:
        """Set the limit.

        Raises:
            pytest.UsageError: pytest itself already calls deeper than that.
        """
        try:
            _set(int(self.demanded))
        except RecursionError:
            self._given.wrong("is too low: pytest itself already calls deeper")

    def restore(self) -> None:
        """Set the limit that was."""
        _set(self._before)

    def shown(self) -> str:
        """The limit in force."""
        return str(_get())
