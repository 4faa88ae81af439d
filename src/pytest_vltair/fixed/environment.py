"""Environment: only the variables that are named, and those without which nothing runs."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from string import ascii_letters, digits

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


_CHARACTERS = frozenset(f"{ascii_letters}{digits}_*?[]!()-")


class Environment:
    """Takes away every variable that is neither named nor always kept."""

    name = "environment"

    def __init__(self, given: Given, _settings: Settings) -> None:
        names = given.text.split()
        for name in names:
            if not set(name) <= _CHARACTERS:
                given.wrong(f"has {name!r}, which is no name: name variables, or patterns such as AWS_*, one a line")
        self.demanded = " ".join(names)
        kept = [*map(_folded, (*ALWAYS, *names))]
        self._names = {name for name in kept if name.isidentifier()}
        self._patterns = [name for name in kept if name not in self._names]
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
        return name in self._names or any(_matches(name, pattern) for pattern in self._patterns)


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern fits; most end in their only star, and need no regular expression."""
    start = pattern[:-1]
    if pattern.endswith("*") and start.isidentifier():
        return name.startswith(start)
    return fnmatchcase(name, pattern)


def _folded(name: str) -> str:
    return name.upper() if os.name == "nt" else name
