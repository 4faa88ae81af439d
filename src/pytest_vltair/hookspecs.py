"""The hooks of this plugin that other plugins and conftest.py may implement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import Probe


def __dir__() -> list[str]:
    """The hooks alone: pluggy looks closely at each name that there is."""
    return ["pytest_vltair_leak_probes", "pytest_vltair_seed"]


@pytest.hookspec()
def pytest_vltair_seed(seed: int) -> None:
    """Seed a generator of your own; called with 32 bits whenever a seed is set: per phase of a test, per fixture."""


@pytest.hookspec()
def pytest_vltair_leak_probes(config: pytest.Config) -> Iterable[Probe]:
    """More kinds of leaks to look for; called once, when the session starts."""
    raise NotImplementedError
