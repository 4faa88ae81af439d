"""Directory: the current one, wherever pytest was called from."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from pytest_vltair.settings import Given, Settings

_chdir, _getcwd = os.chdir, os.getcwd


class Directory:
    """Holds the current directory at the root of the project, or below it, from collection to the end of the tests."""

    name = "directory"

    def __init__(self, given: Given, _settings: Settings) -> None:
        path = PurePosixPath(given.text.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(given.text).anchor or ".." in path.parts:
            given.wrong("does not lie below the project's root: write rootdir, or a path below it such as tests")
        self._given = given
        self.demanded = str(path)
        self._before: str | None = None
        self._path = ""
        self.hooks = self

    def apply(self, config: pytest.Config) -> None:
        """Go there; a process that only leads workers stays, since they start where it is.

        Raises:
            pytest.UsageError: there is no such directory.
        """
        path = config.rootpath if self.demanded == "rootdir" else config.rootpath / self.demanded
        if not path.is_dir():
            self._given.wrong(f"is no directory of {config.rootpath}")
        self._path = str(path)
        if config.pluginmanager.hasplugin("dsession"):
            return
        for name in ("ignore", "ignore_glob"):  # pytest takes these to be relative to where it collects
            paths = getattr(config.option, name, None)
            if paths:
                setattr(config.option, name, [os.path.abspath(one) for one in paths])  # noqa: PTH100 - text
        self._before = _getcwd()
        _chdir(self._path)

    def restore(self) -> None:
        """Go back to where pytest was called."""
        before, self._before = self._before, None
        if before is not None:
            _chdir(before)

    def shown(self) -> str:
        """The current directory, as it is demanded, or in full where it is another."""
        if self._before is None:
            return self.demanded
        try:
            here = _getcwd()
        except OSError:
            return "removed"
        return self.demanded if _same(here, self._path) else here

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
        """Have a failure described from where pytest was called: elsewhere it writes long paths."""
        if call.excinfo is None or self._before is None or self.shown() != self.demanded:
            return (yield)
        _chdir(self._before)
        try:
            return (yield)
        finally:
            _chdir(self._path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Go back before plugins write their reports to paths that were meant from there."""
        with suppress(OSError):  # the end of the run tries again, and tells
            self.restore()


def _same(one: str, other: str) -> bool:
    return one == other or os.path.samefile(one, other)  # noqa: PTH121 - two strings
