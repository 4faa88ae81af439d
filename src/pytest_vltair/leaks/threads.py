"""Threads: those that a test started and that still run when it is over."""

from __future__ import annotations

import _thread
import sys
import threading
import time
import types
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.values import MISSING, Sign

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

GRACE = 0.1
"""Seconds that new threads have to end by themselves."""

TOOLS = frozenset({"_pydevd_bundle", "_pydev_bundle", "coverage", "debugpy", "execnet", "pydevd", "pytest_timeout"})
"""Packages whose threads belong to what runs the tests."""

NAMES = ("pytest_timeout", "pydevd.", "tqdm_monitor", "asyncio_default_watcher", "QueueManagerThread", "loky-")
"""Beginnings of the names of threads that tools and libraries keep for the whole process."""

PLUMBING = frozenset({"asyncio", "concurrent", "multiprocessing", "queue", "selectors", "socketserver", "threading"})
"""Modules that only carry what a thread does."""

FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)

_Dummy: type = getattr(threading, "_DummyThread", type(None))
_dict_of = object.__getattribute__


class Threads:
    """The live threads, by identity."""

    kind = "threads"

    def __init__(self) -> None:
        self._enumerate = threading.enumerate
        self._sleep = time.sleep
        self._clock = time.monotonic
        self._frames = sys._current_frames  # noqa: SLF001 - public, for all its name
        self._started = getattr(_thread, "_count", None)
        self._until = 0.0

    def look(self) -> State:
        """Every live thread that could be a test's, by its identity."""
        looked: State = {id(one): one for one in self._enumerate() if _is_own(one)}
        self._until = self._clock() + GRACE
        return looked

    def changed(self, known: State) -> bool:
        """Whether there are other threads than `known`."""
        return (known or len(self._enumerate()) != 1) and self.look().keys() != known.keys()

    def signs(self, known: State) -> Sequence[Sign] | None:
        """That there is no thread at all but the main one, where that is so."""
        if known or self._started is None or self._started():
            return None
        return [Sign(self._started, 0)]

    def same(self, _key: Hashable, _before: Any, after: Any) -> bool:
        """Threads that end are none of a test's leaks; new ones get a moment for it."""
        while after is not MISSING:
            if self._has_ended(after) or _waits(after, self._frames().get(_field(after, "_ident") or -1)):
                return True
            if self._clock() >= self._until:
                return False
            self._sleep(0.002)
        return True

    def describe(self, _key: Hashable, _before: Any, after: Any) -> str:
        """`thread "Thread-1 (poll)" still runs poll in shop/feed.py:12`."""
        return f'thread "{_field(after, "_name")}" still runs{self._work(after)}'

    def restore(self, _key: Hashable, _before: Any, after: Any) -> bool:
        """Whether it has ended; a thread cannot be ended from outside."""
        return self._has_ended(after)

    def _has_ended(self, thread: object) -> bool:
        return all(one is not thread for one in self._enumerate())

    def _work(self, thread: object) -> str:
        """What it is doing: the innermost function that is not plumbing; that it only waits, for one of a pool."""
        frame = self._frames().get(_field(thread, "_ident") or -1)
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            if module.partition(".")[0] not in PLUMBING:
                code = frame.f_code
                return f" {code.co_qualname} ({code.co_filename}:{frame.f_lineno})"
            frame = frame.f_back
        target = _field(thread, "_target")
        if _module(target) == "concurrent.futures.thread":
            return ": it waits in a ThreadPoolExecutor that was not shut down"
        return f" {target.__qualname__}" if isinstance(target, FUNCTIONS) else ""


_MAIN = threading.main_thread()


def _is_own(thread: threading.Thread) -> bool:
    """Whether it is neither the main thread, nor one that Python did not start, nor one of a tool's."""
    if thread is _MAIN or issubclass(type(thread), _Dummy):
        return False
    name = _field(thread, "_name")
    if isinstance(name, str) and name.startswith(NAMES):
        return False
    modules = (type(thread).__module__, _module(_field(thread, "_target")))
    return not any(one.partition(".")[0] in TOOLS for one in modules)


def _waits(thread: object, frame: types.FrameType | None) -> bool:
    """Whether trio keeps it for whoever needs a thread next, and nobody does."""
    if _module(_field(thread, "_target")) != "trio._core._thread_cache":
        return False
    while frame is not None and frame.f_code.co_name != "_handle_job":
        frame = frame.f_back
    return frame is None


def _module(target: object) -> str:
    """Where what a thread was started with is from."""
    module: object = target.__module__ if isinstance(target, FUNCTIONS) else type(target).__module__
    return str(module)


def _field(thread: object, name: str) -> Any:
    """An attribute of a thread as `threading` keeps it, whatever its class makes of names."""
    held: Mapping[str, Any] = _dict_of(thread, "__dict__")
    return held.get(name)
