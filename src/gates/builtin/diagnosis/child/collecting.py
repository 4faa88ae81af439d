"""Collecting: which file is collected, so that one that ends the process as it is imported can be named, and the line.

What calls `os._exit` says so before it does; a crash in C leaves the stack that pytest has faulthandler write.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from .events import Writer
from .stacks import Project, walked


class Collecting:
    """Notes each file before it is collected and after."""

    def __init__(self, writer: Writer, project: Project) -> None:
        self._writer, self._project = writer, project
        self._exit: Callable[[int], Any] = os._exit
        self._frame = sys._getframe  # noqa: SLF001
        self._mine = self._leave
        self._now = ""
        self._outer: list[tuple[str, Any]] = []

    def begin(self, nodeid: str) -> None:
        """A file is collected from now on; who ends the process meanwhile is told of."""
        self._outer.append((self._now, os._exit))
        self._now = nodeid
        os._exit = self._mine  # type: ignore[assignment]
        self._writer.write("collecting", id=nodeid)

    def end(self, *, well: bool) -> None:
        """It is over; unless `well` an exception that ends the session has left it, and it stays named."""
        self._now, before = self._outer.pop()
        if os._exit is self._mine:
            os._exit = before
        if well:
            self._writer.write("collecting", id=self._now)

    def _leave(self, status: int) -> None:
        """End the process as was asked for; a module may have kept this, and call it later."""
        if self._now:
            told = self._project.told(walked(self._frame(1)))
            message = f"it ended its process as it was imported, with code {status}"
            self._writer.write("left", id=self._now, message=message, **told)
        self._exit(status)
