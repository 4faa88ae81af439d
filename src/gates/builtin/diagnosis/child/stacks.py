"""Stacks: which frames are the project's own, and where a process stood."""

# ruff: noqa: PTH117, PTH118

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from types import FrameType
from typing import Any

FOREIGN = frozenset({"site-packages", "dist-packages", "vltair_trial", ".venv", "venv", ".tox", ".nox", "node_modules"})
FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')
DEPTH = 40

Frame = tuple[str, int, str]
"""File, line and function."""


class Project:
    """The folder that is judged, as frames name it. Works on the names alone: tests may feign the file system."""

    def __init__(self, root: str) -> None:
        self._roots = tuple(dict.fromkeys(os.path.join(one, "") for one in (root, os.path.realpath(root))))
        self._sep, self._known = os.sep, dict[str, str | None]()

    def relative(self, file: str) -> str | None:
        """The path of a file below the project's root, with forward slashes; None for the files of others."""
        if file not in self._known:
            self._known[file] = self._find(file)
        return self._known[file]

    def _find(self, file: str) -> str | None:
        if file.startswith("<"):
            return None
        own = next((file[len(root) :] for root in self._roots if file.startswith(root)), None)
        if own is None and not os.path.isabs(file):
            own = file.removeprefix(os.curdir + self._sep)
        if own is None or not FOREIGN.isdisjoint(own.split(self._sep)) or own.startswith(".."):
            return None
        return own.replace(self._sep, "/")

    def deepest(self, frames: Iterable[Frame]) -> tuple[str, int, str] | None:
        """The first frame of the project's among some, innermost first: its path, line and function."""
        for file, line, function in frames:
            if (path := self.relative(file)) is not None:
                return path, line, function
        return None

    def told(self, frames: Iterable[Frame]) -> dict[str, Any]:
        """The fields of an event that says where a process stood, innermost first."""
        stood = list(frames)
        own = self.deepest(stood)
        words = [f"{self.relative(file) or _short(file)}:{line} in {name}" for file, line, name in stood[:DEPTH]]
        return {"path": own and own[0], "line": own and own[1], "stack": words}


def _short(file: str) -> str:
    return "/".join(re.split(r"[\\/]", file)[-2:])


def walked(frame: FrameType | None) -> list[Frame]:
    """A frame and those that called it."""
    found = []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return found


def hung(text: str, root: str) -> dict[str, Any]:
    """Where a process stood of which faulthandler wrote the stacks: its first thread is the last of them."""
    threads: list[list[Frame]] = [[]]
    for line in text.splitlines():
        if line.startswith(("Thread 0x", "Current thread 0x")):
            threads.append([])
        elif found := FRAME.match(line):
            threads[-1].append((found[1], int(found[2]), found[3]))
    return Project(root).told(next((one for one in reversed(threads) if one), []))
