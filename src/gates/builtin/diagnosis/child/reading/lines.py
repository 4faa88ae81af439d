"""Lines: some lines of the project run in other circumstances than all the rest."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from types import FrameType
from typing import Any, Protocol

from .places import Project, helpers


class Turned(Protocol):
    """A factor that can be turned on and off."""

    def apply(self) -> None:
        """Turn it to the asked value."""

    def remove(self) -> None:
        """Turn it back."""


class Lines:
    """Turns factors on while one of the lines runs, with what it calls outside of the project and thin helpers."""

    def __init__(self, places: Iterable[tuple[str, int]], project: Project, switches: list[Turned]) -> None:
        self._places = frozenset(places)
        self._project, self._switches = project, switches
        self._held: list[bool] = []
        self._on = False

    def start(self) -> None:
        """Begin, in this thread."""
        self._thread = threading.get_ident()
        sys.settrace(self.trace)

    def turn(self, on: bool) -> None:
        """Turn all of them, unless they are so."""
        if on == self._on:
            return
        self._on = on
        for switch in self._switches if on else reversed(self._switches):
            switch.apply() if on else switch.remove()

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Called by the interpreter as each function begins."""
        code = frame.f_code
        if event != "call" or not (path := self._project.path(code)):
            return None
        self._held.append(self._on)
        helps = self._on and code.co_name in helpers(code.co_filename)
        if not helps:
            resumed = frame.f_lineno != code.co_firstlineno and (path, frame.f_lineno) in self._places
            self.turn(resumed)
        return self._helping if helps else self.line

    def line(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Called by the interpreter as each line of a function of the project begins, and as the function ends."""
        if event == "line":
            self.turn((self._project.path(frame.f_code), frame.f_lineno) in self._places)
        elif event == "return":
            self.turn(bool(self._held) and self._held.pop())
        return self.line

    def _helping(self, _frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "return":
            self.turn(bool(self._held) and self._held.pop())
        return self._helping
