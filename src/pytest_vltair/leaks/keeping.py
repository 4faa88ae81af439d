"""Keeping: where what tests leave behind is moved to, and how what was there before comes back."""

# Strings all the way, as the system has them.
# ruff: noqa: PTH110, PTH112, PTH114, PTH118, PTH119, PTH120
from __future__ import annotations

import os
import shutil
import stat
import tempfile

from pytest_vltair.leaks.touched import Before

STATE = ".gates"
"""The project's own folder for what can be thrown away, if it has one."""


class Keeping:
    """Moves and writes with functions that it took hold of when it was made; raises nothing."""

    def __init__(self, root: str) -> None:
        self._state = os.path.join(root, STATE)
        self._folders: dict[bool, str] = {}
        self._count = 0
        self._pid = os.getpid()
        self._rename, self._move = os.rename, shutil.move
        self._makedirs, self._symlink, self._chmod, self._utime = os.makedirs, os.symlink, os.chmod, os.utime
        self._lstat, self._mkdtemp, self._open = os.lstat, tempfile.mkdtemp, open

    def folder(self, own: bool) -> str:
        """Where things are kept: the project's `own` in its state, if it has such, all else in the temporary folder."""
        if own not in self._folders:
            self._folders[own] = self._made(own)
        return self._folders[own]

    def move_back(self, source: str, target: str, was: Before) -> None:
        """Move to `source` what a test has moved from there, if it still is at `target`, and `source` is free."""
        try:
            moved = was.status is not None and os.path.samestat(self._lstat(target), was.status)
            if moved and not os.path.lexists(source):
                self._rename(target, source)
        except OSError:
            pass

    def put(self, path: str, was: Before, now: Before, own: bool) -> None:
        """Make `path` what it was, as far as that is possible; where it is not, nothing is touched."""
        try:
            if was.status is None:
                self._keep(path, own)
            elif now.status is not None and _differ_in_mode_only(was, now):
                self._chmod(path, stat.S_IMODE(was.status.st_mode))
            elif was.content is not None or stat.S_ISDIR(was.status.st_mode):
                if now.status is not None:
                    self._keep(path, own)
                self._write(path, was.status, was.content or b"")
        except (OSError, shutil.Error):
            pass

    def _write(self, path: str, status: os.stat_result, content: bytes) -> None:
        self._makedirs(os.path.dirname(path), exist_ok=True)
        if stat.S_ISLNK(status.st_mode):
            self._symlink(os.fsdecode(content), path)
            return
        if stat.S_ISDIR(status.st_mode):
            self._makedirs(path, exist_ok=True)
        else:
            with self._open(path, "xb") as file:
                file.write(content)
            self._utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        self._chmod(path, stat.S_IMODE(status.st_mode))

    def _keep(self, path: str, own: bool) -> None:
        self._count += 1
        self._move(path, os.path.join(self.folder(own), f"{self._count:04}-{os.path.basename(path)}"))

    def _made(self, own: bool) -> str:
        if own and os.path.isdir(self._state) and not os.path.islink(self._state):
            try:
                ignore = os.path.join(self._state, ".gitignore")
                if not os.path.exists(ignore):
                    with self._open(ignore, "xb") as file:
                        file.write(b"*\n")
                folder = os.path.join(self._state, "left-behind")
                self._makedirs(folder, exist_ok=True)
                return self._mkdtemp(prefix=f"{self._pid}-", dir=folder)
            except OSError:
                pass
        return self._mkdtemp(prefix="vltair-left-behind-")


def _differ_in_mode_only(was: Before, now: Before) -> bool:
    if was.status is None or now.status is None or stat.S_IFMT(was.status.st_mode) != stat.S_IFMT(now.status.st_mode):
        return False
    return was.content == now.content and (was.content is not None or was.status.st_size == now.status.st_size)
