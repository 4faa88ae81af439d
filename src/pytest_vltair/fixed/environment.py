"""Environment: only the variables that are named, and those without which nothing runs."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

import pytest

from pytest_vltair.fixed.variables import Variables, environ
from pytest_vltair.settings import Given, Settings

ALWAYS = (
    *("PATH", "PATHEXT", "HOME", "USER", "USERNAME", "LOGNAME", "TMPDIR", "TEMP", "TMP", "TERM", "SHELL"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"),
    *("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES*", "PROCESSOR_*", "NUMBER_OF_PROCESSORS"),
    *("PYTHON*", "PYTEST_*", "COVERAGE_*", "COV_CORE_*", "VLTAIR_*", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("LD_LIBRARY_PATH", "DYLD_*", "TZ", "TZDIR", "LANG", "LANGUAGE", "LC_*", "LOCPATH"),
    *("DEBUGPY_*", "PYDEVD_*", "TEST_RUN_PIPE", "RUN_TEST_IDS_PIPE"),
)
"""Kept whatever is named: what programs are found and started by, tools of testing, and what has a key of its own."""


class Environment:
    """Takes away every variable that is neither named nor always kept."""

    name = "environment"

    def __init__(self, given: Given, _settings: Settings) -> None:
        names = given.text.split()
        for name in names:
            if not re.fullmatch(r"[\w*?\[\]!()-]+", name):
                given.wrong(f"has {name!r}, which is no name: name variables, or patterns such as AWS_*, one a line")
        self.demanded = " ".join(names)
        self._kept = tuple(map(_folded, (*ALWAYS, *names)))
        self._gone: list[str] = []
        self._variables = Variables()

    def apply(self, _config: pytest.Config) -> None:
        """Take the others away."""
        self._gone = [name for name in environ if not self._keeps(_folded(name))]
        self._variables.change(dict.fromkeys(self._gone))

    def restore(self) -> None:
        """Put back what was taken away."""
        self._variables.restore()

    def shown(self) -> str:
        """The names that are kept, and which of the others came back."""
        back = [name for name in self._gone if name in environ]
        return f"{self.demanded}, and again {', '.join(back)}" if back else self.demanded

    def _keeps(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._kept)


def _folded(name: str) -> str:
    return name.upper() if os.name == "nt" else name
