"""Threads: which of them do the work of tests, and which are those of pytest, its plugins and a debugger."""

from __future__ import annotations

import sys
import threading
from weakref import WeakSet


class Threads:
    """Tells the threads of tests, which start in their phases, from those that somebody started around them."""

    def __init__(self) -> None:
        self._enumerate = threading.enumerate
        self._ident = threading.get_ident
        self._foreign: WeakSet[threading.Thread] = WeakSet()
        self._own: WeakSet[threading.Thread] = WeakSet()
        self._frames = sys._current_frames  # noqa: SLF001 - nothing else knows the threads of `_thread`
        self._raw: frozenset[int] | None = None
        self._runner = 0
        self._inside = False

    def begin(self) -> None:
        """Begin a phase, in the thread that runs the tests: what has started since the last is foreign."""
        self._runner = self._ident()
        if self._raw is None:
            self._raw = frozenset(self._frames())
        live = self._enumerate()
        if len(live) > 1:
            self._foreign.update(one for one in live if one.ident != self._runner and one not in self._own)
        self._inside = True

    def end(self) -> None:
        """End a phase: what it has started belongs to the tests, also in what it does later."""
        self._inside = False
        live = self._enumerate()
        if len(live) > 1:
            self._own.update(one for one in live if one.ident != self._runner and one not in self._foreign)

    def refuse(self) -> bool:
        """Whether the current thread is at work for a test."""
        ident = self._ident()
        if ident == self._runner:
            return self._inside
        thread = next((one for one in self._enumerate() if one.ident == ident), None)
        if thread is None:
            return self._inside and ident not in (self._raw or ())
        return thread in self._own or (self._inside and thread not in self._foreign)
