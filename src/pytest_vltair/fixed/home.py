"""Home: an empty directory, in which no test finds what somebody configured for himself."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_vltair.fixed.variables import Variables, environ
from pytest_vltair.settings import Given, Settings

_rmtree, _chmod, _expanduser = shutil.rmtree, os.chmod, os.path.expanduser


class Home:
    """Holds HOME at an empty directory of this process."""

    name = "home"

    def __init__(self, given: Given, _settings: Settings) -> None:
        self.demanded = given.choice("fresh")
        self._given = given
        self._path: str | None = None
        self._variables = Variables()

    def apply(self, config: pytest.Config) -> None:
        """Make the directory and point every variable to it.

        Raises:
            pytest.UsageError: there is no place for it outside the project.
        """
        parent = Path(tempfile.gettempdir()).resolve()
        if parent.is_relative_to(config.rootpath.resolve()):
            self._given.wrong(f"needs a place outside the project, and TMPDIR is in it: {parent}")
        try:
            self._path = tempfile.mkdtemp(prefix="vltair-home-", dir=parent)
        except OSError as error:
            self._given.wrong(f"cannot be made in {parent}: {error.strerror or error}")
        self._variables.change(_variables(self._path))

    def restore(self) -> None:
        """Put the variables back and remove the directory."""
        self._variables.restore()
        if self._path is not None:
            _remove(self._path)

    def shown(self) -> str:
        """`fresh`, or where the home is instead."""
        home = _expanduser("~")
        return self.demanded if home == self._path and Path(home).is_dir() else home


def _variables(home: str) -> dict[str, str | None]:
    values: dict[str, str | None] = dict.fromkeys(name for name in environ if name.startswith("XDG_"))
    values |= {"HOME": home, "USERPROFILE": home}
    if os.name == "nt":
        drive, path = os.path.splitdrive(home)
        values |= {"HOMEDRIVE": drive, "HOMEPATH": path}
        values |= {"APPDATA": rf"{home}\AppData\Roaming", "LOCALAPPDATA": rf"{home}\AppData\Local"}
    return values


def _remove(path: str) -> None:
    _rmtree(path, onerror=_insist)
    if Path(path).exists():
        sys.stderr.write(f"vltair: the home of this run could not be removed: {path}\n")


def _insist(function: Callable[[str], object], path: str, _error: Any) -> None:
    """Try again with the permissions that a test took away; what is left is told when all is done."""
    try:
        for one in (Path(path).parent, Path(path)):
            _chmod(one, stat.S_IRWXU)
        function(path)
    except OSError:
        pass
