"""Quiet: the requests to end that this process may get, and times in which it does not hear them, or only after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
REQUESTS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
"""^C, and what asks a process to end where there is such a signal: `kill`, a closed terminal, ^\\, ^Break."""


def deaf(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; unlike SIG_IGN this is not handed on to a child that is started meanwhile."""


def handle(handler: Handler) -> dict[int, Handler]:
    """Handle every request to end so, except those that whoever started this process lets it ignore (as nohup does).

    Returns the handlers that there were. Only for the main thread.
    """
    before: dict[int, Handler] = {}
    for number in REQUESTS:
        known = signal.getsignal(number)
        if known not in {None, signal.SIG_IGN}:
            before[number] = known
            signal.signal(number, handler)
    return before


@contextmanager
def undisturbed() -> Iterator[None]:
    """Inside, no request to end is heard, if this is the thread that would hear it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = handle(deaf)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deferred() -> Iterator[None]:
    """Inside, requests to end wait; the last of them is heard at the end, if this is the thread that would hear it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = handle(lambda number, _frame: waiting.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[-1])
