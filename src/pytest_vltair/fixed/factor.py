"""Factor: one thing that makes runs differ, and how it is held at a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pytest


class Factor(Protocol):
    """One thing that is held at a value from `apply` to `restore`; made of its setting, which it has checked.

    Making one raises `pytest.UsageError` (by `Given.wrong`) for a value that cannot be; nothing is changed before
    `apply`. Whatever a factor does, it does with functions that it took hold of when it was made: tests patch them.
    """

    name: str
    """As in the header, the record and the gate: the name of its key."""

    demanded: str
    """What is asked for, as the header states it."""

    def apply(self, config: pytest.Config) -> None:
        """Take the value into force.

        Raises:
            pytest.UsageError: it cannot be had on this machine.
        """

    def restore(self) -> None:
        """Put back exactly what was there before `apply`; called once, also where `apply` raised."""

    def shown(self) -> str:
        """The value in force now, as this process itself shows it; equals `demanded` while the factor holds."""


class Stated(Factor, Protocol):
    """A factor of which the header says more than its value."""

    variables: Mapping[str, str]
    """What must be in the environment when Python starts, for the run to be repeated."""

    note: str
    """What is said after the value; nothing where it is empty."""


class Hooked(Factor, Protocol):
    """A factor that also works at each test: its `hooks` are registered with pytest once the session starts."""

    hooks: object
