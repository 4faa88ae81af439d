"""Home: an empty directory, in which no test finds what somebody configured for himself."""

# Strings all the way, as the system has them.
# ruff: noqa: PTH114, PTH118
from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

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
    _rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        _free(path)
        _rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        sys.stderr.write(f"vltair: the home of this run could not be removed: {path}\n")


def _free(path: str) -> None:
    """Give back the permissions that a test took away below `path`, and there only: links may lead anywhere."""
    if os.path.islink(path):
        return
    _open_up(path)
    for folder, folders, files in os.walk(path):
        # Only on Windows do a file's own permissions keep it from being removed.
        for name in (*folders, *(files if os.name == "nt" else ())):
            _open_up(os.path.join(folder, name))


def _open_up(path: str) -> None:
    with suppress(OSError):
        if not os.path.islink(path):
            _chmod(path, stat.S_IRWXU)
