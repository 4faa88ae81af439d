"""Guard: asks every probe around each test what it left behind, names it, and puts it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vltair.leaks import kinds

if TYPE_CHECKING:
    import pytest

    from pytest_vltair.settings import Settings

MODES = ("off", "report", "error")


def start(config: pytest.Config, settings: Settings) -> None:
    """Watch the tests of this run for leaks, unless the mode is off.

    Raises:
        pytest.UsageError: a setting is wrong.
    """
    given = settings["leaks"]
    if given is None or given.choice(*MODES) == "off":
        return
    kinds.chosen(settings["leaks-kinds"])
