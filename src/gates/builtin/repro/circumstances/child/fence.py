"""Fence: refuses what would be written outside of the places that a build was given, and writes it down."""

# ruff: noqa: PTH100, PTH115, PTH117, PTH118

from __future__ import annotations

import errno
import os
import sys
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PATHS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),), "os.utime": ((0, 3),), "os.truncate": ((0, None),), "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),), "os.chflags": ((0, None),), "os.rename": ((0, 2), (1, 3)), "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
}  # fmt: skip
"""Audit events that change what a path leads to: the place of the path among their arguments, and that of its folder's
descriptor (https://docs.python.org/3/library/audit_events.html). What a link leads to is only read."""

FOLLOWING = frozenset({"open", "os.chmod", "os.utime", "os.truncate", "os.setxattr", "os.removexattr", "os.chown"})
"""Events that go through a link at the end of a path; the others are about the link itself."""

CACHE = "__pycache__"


class Fence:
    """What may be written to, and the file that the rest is written down in."""

    def __init__(self, writable: list[str], refused: str) -> None:
        """Allow all below `writable`, below /dev, and caches of bytecode in the environment."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._record = os.open(refused, flags, 0o600)
        self._own = {*writable, os.devnull}
        self._below = tuple(os.path.join(one, "") for one in [*writable, "/dev"])
        self._prefix = os.path.realpath(sys.prefix)
        self._busy = False

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at one audit event.

        Raises:
            PermissionError: it writes where it may not.
        """
        if self._busy:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & WRITING:
                self._check(event, args[0], None)
        elif event in PATHS:
            for path, folder in PATHS[event]:
                self._check(event, args[path], None if folder is None else args[folder])

    def _check(self, event: str, path: Any, folder: Any) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        self._busy = True
        try:
            where = _resolved(path, folder, event in FOLLOWING)
        finally:
            self._busy = False
        if where in self._own or where.startswith(self._below):
            return
        if CACHE in where:
            # Bytecode is kept in the environment; elsewhere importing does without, and nobody meant to write there.
            if where.startswith(self._prefix):
                return
        else:
            os.write(self._record, os.fsencode(where) + b"\0")
        raise PermissionError(errno.EACCES, "A build writes below its own source, TMPDIR and HOME only", where)


def build(plan: dict[str, Any], writable: list[str]) -> None:
    """Refuse from now on, in this process, to write elsewhere than below `writable`."""
    sys.addaudithook(Fence(writable, plan["refused"]).hook)


def _resolved(path: Any, folder: Any, following: bool) -> str:
    """The absolute path without links, the last part only where `following`."""
    text = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(text):
        try:
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        except OSError:
            return os.devnull
    if following:
        return os.path.realpath(text)
    head, tail = os.path.split(os.path.abspath(text))
    return os.path.join(os.path.realpath(head), tail)
