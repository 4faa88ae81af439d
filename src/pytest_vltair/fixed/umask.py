"""Umask: which permissions new files are not given."""

from __future__ import annotations

import os

import pytest

from pytest_vltair.settings import Given, Settings

_umask = os.umask
_OWN = 0o600 if os.name == "nt" else 0o777  # Windows keeps the owner's bits only


class Umask:
    """Holds the umask at a value."""

    name = "umask"

    def __init__(self, given: Given, _settings: Settings) -> None:
        digits = given.text.removeprefix("0o")
        if not 1 <= len(digits) <= 4 or set(digits) - set("01234567") or int(digits, 8) > 0o777:
            given.wrong("is no umask: write it in octal, 000 to 777, such as 022")
        self._mask = int(digits, 8)
        self.demanded = f"{self._mask:03o}"
        self._before: int | None = None

    def apply(self, _config: pytest.Config) -> None:
        """Set the umask."""
        self._before = _umask(self._mask)

    def restore(self) -> None:
        """Set the umask that was."""
        if self._before is not None:
            _umask(self._before)

    def shown(self) -> str:
        """The umask that files are made under."""
        mask = _umask(0o077)  # there is no other way to ask that every system has; what comes in between stays private
        _umask(mask)
        return self.demanded if not (mask ^ self._mask) & _OWN else f"{mask:03o}"
