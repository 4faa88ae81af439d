"""Children: processes that a test started and that still run when it is over."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Hashable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_vltair.leaks import audit
from pytest_vltair.leaks.values import MISSING, Sign

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

GRACE = 0.1
"""Seconds that a new child has to end by itself."""

PATIENCE = 1.0
"""Seconds that a child has to end after it was asked to, and again after it was made to."""

EVENTS = ("os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "subprocess.Popen")
"""What Python says before it starts a child; `multiprocessing` is asked for its own."""

MULTIPROCESSING = "multiprocessing.process"

SERVANTS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver", "loky.backend", "joblib.externals.loky")
"""Parts of the command lines of processes that libraries keep for the whole run."""


class Child(NamedTuple):
    """A child that runs: its number, when it started, and its command line."""

    pid: int
    started: str
    command: str


class Children:
    """The running children of this process, by number and start."""

    kind = "children"

    def __init__(self) -> None:
        self._kill = os.kill
        self._sleep = time.sleep
        self._clock = time.monotonic
        self._wait = getattr(os, "waitpid", None)
        self._list = listing()
        self._started = False
        self._until = 0.0
        self._looked: State = {}
        self._workers: set[int] = set()
        audit.listen(EVENTS, self._hear)

    def look(self) -> State:
        """Every child that runs, none of them a servant of a library."""
        self._started = False
        self._looked = {key: one for key, one in self._running().items() if not _is_servant(one)}
        self._until = self._clock() + GRACE
        return self._looked

    def changed(self, known: State) -> bool:
        """Whether other children run than `known`; the system is asked only if one was started since."""
        workers = set(map(id, _workers()))
        if not self._started and workers == self._workers:
            return known is not self._looked and known.keys() != self._looked.keys()
        self._workers = workers
        return self.look().keys() != known.keys()

    def signs(self, known: State) -> Sequence[Sign] | None:
        """That none was started, where `multiprocessing` has none."""
        if self._started or _workers() or self.changed(known):
            return None
        module = sys.modules.get(MULTIPROCESSING)
        if module is None:
            others = Sign(partial(sys.modules.__contains__, MULTIPROCESSING), expected=False)
        else:
            others = Sign(lambda: not getattr(module, "_children", ()), expected=True)
        return [Sign(lambda: self._started, expected=False), others]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Children that were there, or end, are none of a test's leaks; new ones get a moment for it."""
        while before is MISSING and after is not MISSING:
            if key not in self._running():
                return True
            if self._clock() >= self._until:
                return False
            self._sleep(0.002)
        return True

    def describe(self, _key: Hashable, _before: Any, after: Any) -> str:
        """`process 4711 still runs: sleep 60`."""
        return f"process {after.pid} still runs: {after.command}"

    def restore(self, key: Hashable, _before: Any, after: Any) -> bool:
        """End it; whether it has ended."""
        owner = _owner(after.pid)
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            try:
                self._kill(after.pid, number)
            except ProcessLookupError:
                break
            except OSError:
                return False
            if self._ended(key, after.pid, owner):
                break
        self._started = True
        return key not in self._running()

    def _hear(self, _event: str, _args: tuple[Any, ...]) -> None:
        self._started = True

    def _ended(self, key: Hashable, pid: int, owner: Any) -> bool:
        """Whether it ends in time; what nobody else would wait for is waited for here, and leaves no zombie."""
        end = self._clock() + PATIENCE
        while key in self._running():
            if self._clock() >= end:
                return False
            self._sleep(0.005)
        try:
            if owner is not None:
                owner.poll()
            elif self._wait is not None:
                self._wait(pid, os.WNOHANG)
        except Exception:  # noqa: BLE001, S110 - somebody waited for it already, or the owner is a test's invention
            pass
        return True

    def _running(self) -> State:
        return {(one.pid, one.started): one for one in self._list()}


def listing() -> Any:
    """The function that lists the children of this process on this system, which takes its tools with it."""
    if sys.platform == "linux" and os.path.exists(f"/proc/self/task/{os.getpid()}/children"):  # noqa: PTH110
        return _Proc().children
    return _by_psutil


class _Proc:
    """Children as /proc has them."""

    def __init__(self) -> None:
        self._open = open
        self._listdir = os.listdir
        self._sleep = time.sleep

    def children(self) -> list[Child]:
        """Those that run; what has ended and only waits to be waited for does not."""
        return [one for one in map(self._child, self._pids()) if one is not None]

    def _pids(self) -> Iterator[int]:
        for thread in self._names("/proc/self/task"):
            yield from map(int, self._read(f"/proc/self/task/{thread}/children").split())

    def _child(self, pid: int) -> Child | None:
        # After the name, which may hold anything: state, parent, … and the start as the 20th field.
        name, _, rest = self._read(f"/proc/{pid}/stat").partition(b"(")[2].rpartition(b")")
        fields = rest.split()
        if len(fields) < 20 or fields[0] in {b"Z", b"X"}:
            return None
        command = self._command(pid) or b"[" + name + b"]"  # as ps has it
        return Child(pid, fields[19].decode(), command.decode("utf-8", "replace"))

    def _command(self, pid: int) -> bytes:
        """The command line; for a moment within its execve, a process has none."""
        for _ in range(5):
            if command := self._read(f"/proc/{pid}/cmdline").replace(b"\0", b" ").strip():
                return command
            self._sleep(0.001)
        return b""

    def _names(self, folder: str) -> list[str]:
        try:
            return self._listdir(folder)
        except OSError:
            return []

    def _read(self, path: str) -> bytes:
        try:
            with self._open(path, "rb") as file:
                return file.read()
        except OSError:
            return b""


def _by_psutil() -> list[Child]:
    """Children as psutil has them; none where it is not installed."""
    try:
        import psutil

        found = psutil.Process().children()
    except Exception:  # noqa: BLE001 - not installed, not allowed, not possible here
        return []
    return [child for child in map(_seen_by_psutil, found) if child is not None]


def _seen_by_psutil(process: Any) -> Child | None:
    try:
        if process.status() == "zombie":
            return None
        return Child(process.pid, str(process.create_time()), " ".join(process.cmdline()))
    except Exception:  # noqa: BLE001 - it has ended meanwhile
        return None


def _workers() -> tuple[Any, ...]:
    """The processes that `multiprocessing` has started and not seen end."""
    module = sys.modules.get(MULTIPROCESSING)
    return tuple(getattr(module, "_children", ()))


def _is_servant(child: Child) -> bool:
    return any(part in child.command for part in SERVANTS)


def _owner(pid: int) -> Any:
    """The `Popen`, or what `multiprocessing` has in its place, that waits for a child; None if there is none."""
    for worker in _workers():
        popen = worker.__dict__.get("_popen")
        if getattr(popen, "pid", None) == pid:
            return popen
    for one in gc.get_objects():
        if issubclass(type(one), subprocess.Popen) and one.__dict__.get("pid") == pid:
            return one
    return None
