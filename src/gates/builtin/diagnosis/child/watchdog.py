"""Watchdog: a test that takes longer than it may is written down with the line where it stands, and its process ended.

A thread does so as long as it gets the interpreter's lock; where a test holds that in C, faulthandler's own does, which
needs none: it leaves the stacks in a file. Both go by the machine's monotonic clock, whatever the tests do to theirs.
"""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import os
import sys
from typing import Any

from .events import Writer
from .stacks import Project, walked

CODE = 124
GRACE = 2.0


class Watchdog:
    """Watches one test at a time; `_thread` is used as threads of `threading` are counted and replaced by tests."""

    def __init__(self, writer: Writer, project: Project, limit: float) -> None:
        self._writer, self._project, self._limit = writer, project, limit
        self._monotonic = writer.monotonic
        self._until: float | None = None
        self._due: float | None = None  # when faulthandler's timer ends the process
        self._main = _thread.get_ident()
        self._frames, self._exit = sys._current_frames, os._exit  # noqa: SLF001
        self._later, self._cancel = faulthandler.dump_traceback_later, faulthandler.cancel_dump_traceback_later
        self._ended, self._asleep = _thread.allocate_lock(), _thread.allocate_lock()
        if limit <= 0:
            return
        self._file = os.open(writer.stack_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._begin()
        if hasattr(os, "register_at_fork"):
            # Python 3.12 warns a program that forks while any thread runs, and the warning may be an error.
            before, after = (self._pause, self._resume) if sys.version_info >= (3, 12) else (None, None)
            named: dict[str, Any] = {"before": before, "after_in_parent": after} if before else {}
            os.register_at_fork(after_in_child=self._forget, **named)

    def watch(self) -> None:
        """From now on the time of a test runs."""
        if self._limit > 0:
            self._until = self._monotonic() + self._limit
            if self._due is None or self._due < self._until + GRACE:
                self.renew()

    def renew(self) -> None:
        """Put faulthandler's timer anew: pytest takes it away when a test fails.

        To start and end its thread takes longer than many a test: it is put so late that it does for some tests more.
        """
        self._due = None
        if self._until is not None:
            now = self._monotonic()
            due = max(self._until, now) + GRACE + self._limit
            with contextlib.suppress(RuntimeError, ValueError, OSError):
                self._later(due - now, file=self._file, exit=True)
                self._due = due

    def rest(self) -> None:
        """No test runs; the timer is taken away by the thread, before its time comes."""
        self._until = None

    def _begin(self) -> None:
        self._ended.acquire()
        self._asleep.acquire()
        _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        pause = max(0.02, min(1.0, self._limit / 10))
        while not self._ended.acquire(timeout=pause):
            until, due, now = self._until, self._due, self._monotonic()
            if until is not None and now > until:
                self._stop()
            elif until is None and due is not None and due < now + max(GRACE, self._limit / 2):
                self._due = None
                self._cancel()
        self._ended.release()
        self._asleep.release()

    def _stop(self) -> None:
        """Say where the test stands, and end this process."""
        try:
            told = self._project.told(walked(self._frames().get(self._main)))
            self._writer.write("hung", id=self._writer.nodeid, turn=self._writer.turn, **told)
        finally:
            self._exit(CODE)

    def _pause(self) -> None:
        if self._due is not None:
            self._cancel()
        self._ended.release()
        self._asleep.acquire()
        self._asleep.release()
        self._ended.acquire()
        self._ended.release()
        _gone()

    def _resume(self) -> None:
        self._begin()
        self.renew()

    def _forget(self) -> None:
        self._until = self._due = None


_listed = os.listdir


def _gone() -> None:
    """Wait until the operating system has no more threads than Python; a thread that has ended takes a moment to go."""
    wait = _thread.allocate_lock()
    wait.acquire()
    for _ in range(20):
        try:
            if len(_listed("/proc/self/task")) <= _thread._count() + 1:  # noqa: SLF001
                return
        except OSError:
            return
        wait.acquire(timeout=0.001)
