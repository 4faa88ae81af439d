"""Load: what comes late on a busy machine. Other threads begin late, or the main one sleeps too long."""

from __future__ import annotations

import _thread
import threading
import time
from typing import Any

from .switch import Switch, replace

NONE = "none"
IN_TIME = "+0"


class Load(Switch):
    """`background` has threads begin late, `foreground` the main thread sleep longer; `busy` is made by the parent.

    `background+0` and `foreground+0` do so by no time at all.
    """

    late = 0.8
    often = 5  # of so many occasions in a test: a hundred would make a hang of what is only slow
    least = 0.02

    def install(self) -> None:
        """Stand in for what begins threads and what sleeps, where it was asked for."""
        self.begin_test()
        kinds = [value.removesuffix(IN_TIME) for value in (self.base, self.asked)]
        if "background" in kinds:
            self._threads()
        if "foreground" in kinds:
            self._sleep()

    def begin_test(self) -> None:
        """As often anew."""
        self._left = self.often

    def _seconds(self, kind: str) -> float | None:
        """How late, None where it is not to be late."""
        if self.value == f"{kind}{IN_TIME}":
            return 0.0
        if self.value != kind:
            return None
        self._left -= 1
        return self.late if self._left >= 0 else self.least

    def _threads(self) -> None:
        begin, sleep = threading.Thread.start, time.sleep

        def start(thread: threading.Thread) -> None:
            seconds = self._seconds("background") if _is_new(thread) else None
            if seconds is not None:
                _belate(thread, seconds, sleep)
            try:
                begin(thread)
            except BaseException:
                thread.__dict__.pop("run", None)
                raise

        replace(threading.Thread, "start", start)

    def _sleep(self) -> None:
        real, main = time.sleep, _thread.get_ident()

        def sleep(seconds: Any, /) -> None:
            real(seconds)
            if _thread.get_ident() == main:
                real(self._seconds("foreground") or 0.0)

        replace(time, "sleep", sleep)


def _is_new(thread: threading.Thread) -> bool:
    begun = getattr(thread, "_started", None)
    return begun is not None and not begun.is_set()


def _belate(thread: threading.Thread, seconds: float, sleep: Any) -> None:
    """Have this thread wait before it runs what it would have run."""
    own = thread.__dict__.get("run")

    def run() -> None:
        sleep(seconds)
        if own is None:
            thread.__dict__.pop("run", None)
        else:
            thread.__dict__["run"] = own
        thread.run()

    thread.__dict__["run"] = run
