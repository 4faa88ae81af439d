"""Variables: those of the environment that a factor sets or takes away, and how they are put back."""

from __future__ import annotations

import os
from collections.abc import Mapping

environ = os.environ
"""The real environment, whatever a test puts in the place of `os.environ`."""


class Variables:
    """Changes variables of the environment, and puts back those that it changed."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}

    def change(self, values: Mapping[str, str | None]) -> None:
        """Set each variable to its value, or take it away where that is None."""
        for name, value in values.items():
            self._before.setdefault(name, environ.get(name))
            put(name, value)

    def restore(self) -> None:
        """Put back every variable as it was before the first change, absent where it was absent."""
        while self._before:
            put(*self._before.popitem())


def put(name: str, value: str | None) -> None:
    """Set a variable, or take it away where the value is None."""
    if value is None:
        environ.pop(name, None)
    else:
        environ[name] = value
