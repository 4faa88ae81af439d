"""Touched: paths that a test is about to make, change or remove, seen just before it does."""

# Strings all the way: this runs inside of the test's own calls.
# ruff: noqa: PTH114, PTH117, PTH118
from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Collection
from pathlib import PurePath
from typing import Any, NamedTuple

KEPT = 1 << 20
"""Bytes up to which the content of a file is kept, to be put back."""

KEPT_IN_ALL = 64 << 20
"""Bytes of all contents kept at a time."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Before(NamedTuple):
    """What was at a path: how the system told it apart, and the content of a small file or the target of a link.

    `status` is None where there was nothing; `content` is None where it was not kept.
    """

    status: os.stat_result | None
    content: bytes | None = None

    def is_also(self, other: Before) -> bool:
        """Whether two looks saw the same: by content, by size where that is not kept; a folder by being one."""
        if self.status is None or other.status is None:
            return self.status is other.status
        if self.status.st_mode != other.status.st_mode:
            return False
        if self.content is not None and other.content is not None:
            return self.content == other.content
        return not stat.S_ISREG(self.status.st_mode) or self.status.st_size == other.status.st_size


class Touched:
    """Hears of every change before it is made, and notes what was there.

    `concerns` says whether a path is anybody's business at all, `keeps` whether its content is to be kept.
    """

    def __init__(self, concerns: Callable[[str], bool], keeps: Callable[[str], bool]) -> None:
        self.before: dict[str, Before] = {}
        self.fresh: set[str] = set()
        """What was touched since `fresh` was last emptied."""
        self.moved: dict[str, str] = {}
        """Where what was at a path has been moved to, last seen."""
        self._concerns = concerns
        self._keeps = keeps
        self._lstat = os.lstat
        self._getcwd = os.getcwd
        self._bytes = 0
        self.handlers: dict[str, Callable[[Any], object]] = {
            "open": self._opened,
            "os.rename": self._renamed,
            "os.remove": lambda args: self.note(args[0], args[1]),
            "os.rmdir": lambda args: self.note(args[0], args[1]),
            "os.mkdir": lambda args: self.note(args[0], args[2]),
            "os.link": lambda args: self.note(args[1], args[3]),
            "os.symlink": lambda args: self.note(args[1], args[2]),
            "os.truncate": lambda args: self.note(args[0]),
            "os.chmod": lambda args: self.note(args[0], args[2]),
            "sqlite3.connect": lambda args: self.note(args[0]),
        }

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Note what the event is about to change."""
        self.handlers[event](args)

    def forget(self, paths: Collection[str]) -> None:
        """Drop what is known of these paths."""
        for path in paths:
            before = self.before.pop(path, None)
            self._bytes -= len(before.content or b"") if before is not None else 0
            self.moved.pop(path, None)

    def note(self, name: Any, folder: int = -1) -> str | None:
        """The whole path of a name, once what is there has been noted; None where it concerns nobody."""
        if type(name) is int or not isinstance(name, (str, bytes, PurePath)):
            return None
        path = os.fsdecode(name)
        if not os.path.isabs(path):
            path = os.path.join(self._getcwd() if folder == -1 else _folder(folder), path)
        path = os.path.normpath(path)
        if not self._concerns(path):
            return None
        if path not in self.before:
            self.before[path] = before = self.seen(path)
            self._bytes += len(before.content or b"")
        self.fresh.add(path)
        return path

    def seen(self, path: str) -> Before:
        """What is at a path now."""
        try:
            status = self._lstat(path)
        except (OSError, ValueError):
            return Before(None)
        room = self._bytes + status.st_size <= KEPT_IN_ALL and self._keeps(path)
        return Before(status, content(path, status) if room else None)

    def _opened(self, args: tuple[Any, ...]) -> None:
        name, _, flags = args
        if flags & WRITING and type(name) is not int:
            path = self.note(name)
            if path is not None and os.path.islink(path):  # what is written to is where it leads
                self.note(os.path.realpath(path))

    def _renamed(self, args: tuple[Any, ...]) -> None:
        source, target = self.note(args[0], args[2]), self.note(args[1], args[3])
        if source is not None and target is not None and self.before[source].status is not None:
            self.moved[source] = target


def content(path: str, status: os.stat_result) -> bytes | None:
    """The content of a small file, or the target of a link; None for all else."""
    try:
        if stat.S_ISLNK(status.st_mode):
            return os.fsencode(_readlink(path))
        if stat.S_ISREG(status.st_mode) and status.st_size <= KEPT:
            with _open(path, "rb") as file:
                found: bytes = file.read(KEPT + 1)
                return found if len(found) <= KEPT else None
    except OSError:
        pass
    return None


_open = open
_readlink = os.readlink
_get_path: int | None = 50 if sys.platform == "darwin" else None  # F_GETPATH


def _folder(descriptor: int) -> str:
    """The folder that a descriptor stands for; the root where the system does not say, of which nothing is noted."""
    if _get_path is None:
        return _readlink(f"/proc/self/fd/{descriptor}")
    import fcntl

    return os.fsdecode(fcntl.fcntl(descriptor, _get_path, bytes(1024)).rstrip(b"\0"))
