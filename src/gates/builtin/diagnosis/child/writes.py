"""Writes: notes of what this process changes outside of the folders that were given to it. Nothing is refused."""

# ruff: noqa: PTH100, PTH115, PTH117, PTH118

from __future__ import annotations

import os
import sys
from typing import Any

from .switch import Lines, Note

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PATHS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "open": ((0, None),), "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)), "os.link": ((1, 3),), "os.symlink": ((1, 2),), "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),), "os.chown": ((0, 3),),
}  # fmt: skip
"""Audit events that change what a path leads to: the place of the path among their arguments, and that of the
descriptor of its folder (https://docs.python.org/3/library/audit_events.html)."""

FOLLOWING = frozenset({"open", "os.truncate", "os.chmod", "os.chown"})
"""Events that go through a link at the end of a path; the others are about the link itself."""

CACHE = f"{os.sep}__pycache__{os.sep}"
MOST = 1000


class Writes:
    """An audit hook; it tells each path once for each test."""

    def __init__(self, writable: list[str], lines: Lines, note: Note) -> None:
        places = {*writable, *map(os.path.realpath, writable), "/dev", "/proc"}
        self._below = tuple(os.path.join(one, "") for one in places)
        self._lines, self._note = lines, note
        self._told: set[tuple[str, str]] = set()
        self.quiet = False

    def install(self) -> None:
        """Listen from now on, for as long as this process lives: there is no way back."""
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at one event; an error here would be one of the project's calls."""
        if event not in PATHS or self.quiet:
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & WRITING):
            return
        self.quiet = True
        try:
            for at, folder in PATHS[event]:
                self._look(event, args[at], args[folder] if folder is not None and folder < len(args) else None)
        except Exception:  # noqa: BLE001, S110 - the call goes on whatever we make of it
            pass
        finally:
            self.quiet = False

    def _look(self, event: str, path: Any, folder: Any) -> None:
        if isinstance(path, int):
            return
        text = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0 and not os.path.isabs(text):
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        head, tail = os.path.split(os.path.abspath(text))
        real = os.path.realpath(text) if event in FOLLOWING else os.path.join(os.path.realpath(head), tail)
        if os.path.join(real, "").startswith(self._below) or CACHE in real:
            return
        if (self._lines.nodeid, real) in self._told or len(self._told) >= MOST:
            return
        self._told.add((self._lines.nodeid, real))
        place, line = self._lines.here()
        self._note({"e": "wrote", "id": self._lines.nodeid, "what": real, "path": place, "line": line})
