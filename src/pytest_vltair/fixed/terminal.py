"""Terminal: how wide it is and whether it has colours, as the tests and their children see it; pytest's own stays."""

from __future__ import annotations

import shutil

import pytest

from pytest_vltair.fixed.variables import Variables, environ
from pytest_vltair.settings import Given, Settings

_get_terminal_size = shutil.get_terminal_size
_LINES = "24"

_VARIABLES: dict[str, dict[str, str | None]] = {
    "off": {
        "NO_COLOR": "1",
        "FORCE_COLOR": None,
        "CLICOLOR": "0",
        "CLICOLOR_FORCE": None,
        "COLORTERM": None,
        "PY_COLORS": None,
        "TERM": "dumb",
    },
    "on": {
        "NO_COLOR": None,
        "FORCE_COLOR": "1",
        "CLICOLOR": "1",
        "CLICOLOR_FORCE": "1",
        "COLORTERM": None,
        "PY_COLORS": "0",  # else pytest, which heeds FORCE_COLOR, would colour what it writes into reports
        "TERM": "xterm-256color",
    },
}


class Columns:
    """Holds the terminal at a width."""

    name = "columns"

    def __init__(self, given: Given, _settings: Settings) -> None:
        if not (given.text.isascii() and given.text.isdigit() and 0 < int(given.text) < 2**15):
            given.wrong("is no width: write a number of columns such as 80")
        self.demanded = str(int(given.text))
        self._variables = Variables()

    def apply(self, config: pytest.Config) -> None:
        """Set COLUMNS and LINES; pytest's own lines stay as wide as they were."""
        if config.pluginmanager.hasplugin("terminalreporter"):
            writer = config.get_terminal_writer()
            writer.fullwidth = writer.fullwidth
        self._variables.change({"COLUMNS": self.demanded, "LINES": _LINES})

    def restore(self) -> None:
        """Put the variables back."""
        self._variables.restore()

    def shown(self) -> str:
        """The width that Python finds."""
        return str(_get_terminal_size().columns)


class Colour:
    """Holds the variables that ask programs for colours, or for none."""

    name = "colour"

    def __init__(self, given: Given, _settings: Settings) -> None:
        self.demanded = given.choice(*_VARIABLES)
        self._variables = Variables()

    def apply(self, _config: pytest.Config) -> None:
        """Set and take away variables; pytest has made up its mind about its own colours by now."""
        self._variables.change(_VARIABLES[self.demanded])

    def restore(self) -> None:
        """Put the variables back."""
        self._variables.restore()

    def shown(self) -> str:
        """`on`, `off`, or the variables that contradict."""
        wanted = _VARIABLES[self.demanded]
        wrong = [name for name, value in wanted.items() if environ.get(name) != value]
        return f"not {self.demanded}: {', '.join(wrong)}" if wrong else self.demanded
