"""Descriptors: files and sockets that a test opened and left open."""

from __future__ import annotations

import gc
import io
import os
import socket
import stat
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_vltair.leaks import audit
from pytest_vltair.leaks.values import MISSING

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

EVENTS = ("open", "socket.__new__", "subprocess.Popen", "sqlite3.connect", "os.scandir", "mmap.__new__", "os.forkpty")
"""What Python says before it opens something; of `os.dup` and `os.pipe` it says nothing, hence the count."""

FOLDER = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
"""Where the system lists what this process has open; there is no such place on Windows."""

QUIET = ("/dev/", "/proc/", "/sys/", "anon_inode:", "/memfd:")
"""Beginnings of what libraries open once and keep: devices, and what event loops wait with."""

LIMIT = 1024
"""How many descriptors are tried where there is no list."""

OWNERS: tuple[tuple[type, Callable[[Any], int], Callable[[Any], None]], ...] = (
    (io.TextIOWrapper, io.TextIOWrapper.fileno, io.TextIOWrapper.close),
    (io.BufferedWriter, io.BufferedWriter.fileno, io.BufferedWriter.close),
    (io.BufferedRandom, io.BufferedRandom.fileno, io.BufferedRandom.close),
    (io.BufferedReader, io.BufferedReader.fileno, io.BufferedReader.close),
    (io.FileIO, io.FileIO.fileno, io.FileIO.close),
    (socket.socket, socket.socket.fileno, socket.socket.close),
)
"""What owns a descriptor, how it is asked and closed: the outermost first, so that nothing unwritten is lost."""


class Descriptor(NamedTuple):
    """A thing that is open: its number, what tells it from another that had the number, and what it is called."""

    number: int
    identity: tuple[int, int, int]
    name: str


class Descriptors:
    """Everything open, by number."""

    kind = "descriptors"

    def __init__(self) -> None:
        self._stat = os.stat
        self._fstat = os.fstat
        self._listdir = os.listdir
        self._readlink = getattr(os, "readlink", None)
        self._close = os.close
        self._opened = self._collected = False
        self._raw: set[str] = set()
        self._looked: State = {}
        self._uvloops: tuple[int, int, int] | None = None
        self._last = self._count()
        audit.listen(EVENTS, self._hear)

    def look(self) -> State:
        """Every descriptor that is open, by number and identity, save those of devices and event loops."""
        self._opened = self._collected = False
        self._looked = self._open()
        self._last = self._count()
        return self._looked

    def changed(self, known: State) -> bool:
        """Whether others are open than `known`."""
        if self._opened or (self._last and self._count() != self._last):
            self.look()
        return known is not self._looked and known.keys() != self._looked.keys()

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """What was closed is no leak, nor what is garbage, a logging handler's or the current event loop's."""
        if before is not MISSING or after is MISSING or after.number in _kept() or self._is_uvloops(after):
            return True
        if not self._collected:
            self._collected = True
            gc.collect()
        return key not in self._open()

    def describe(self, _key: Hashable, _before: Any, after: Any) -> str:
        """`descriptor 11 is left open: /srv/shop/data.csv`."""
        return f"descriptor {after.number} is left open: {after.name}{_address(after)}"

    def restore(self, key: Hashable, _before: Any, after: Any) -> bool:
        """Close it by what owns it; without an owner only a file that `os.open` was called for.

        A library that works below Python would go on to use the number, and hit whatever has it by then.
        """
        closed = False
        for owner, close in _owners(after.number):
            with suppress(Exception):  # it is closed though what it had not written is lost
                close(owner)
            closed = True
        if key in self._open() and not closed and after.name in set(map(os.path.realpath, self._raw)):
            self._close(after.number)
        self._opened = True
        return key not in self._open()

    def _is_uvloops(self, seen: Descriptor) -> bool:
        """Whether it may be the pipe that libuv makes with its first loop, and keeps for the process."""
        if not seen.name.startswith("pipe:") or "uvloop" not in sys.modules or _owners(seen.number):
            return False
        self._uvloops = self._uvloops or seen.identity
        return self._uvloops == seen.identity

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        self._opened = True
        if event == "open" and args[1] is None and isinstance(args[0], (str, bytes)):
            if len(self._raw) >= LIMIT:
                self._raw.clear()
            self._raw.add(os.path.abspath(os.fsdecode(args[0])))  # noqa: PTH100 - a string, as the system has it

    def _open(self) -> dict[Hashable, Descriptor]:
        found = map(self._seen, self._numbers())
        return {one[:2]: one for one in found if one is not None and not one.name.startswith(QUIET)}

    def _count(self) -> int:
        """How many descriptors there are, where the system says so at once: Linux 6.2 and newer."""
        try:
            return self._stat(FOLDER).st_size if FOLDER == "/proc/self/fd" else 0
        except OSError:
            return 0

    def _numbers(self) -> Iterable[int]:
        try:
            return [int(name) for name in self._listdir(FOLDER) if name.isdigit()]
        except OSError:
            return range(LIMIT)

    def _seen(self, number: int) -> Descriptor | None:
        try:
            found = self._fstat(number)
        except OSError:  # the list's own, or none
            return None
        name = ""
        if self._readlink is not None and FOLDER == "/proc/self/fd":
            try:
                name = self._readlink(f"{FOLDER}/{number}")
            except OSError:
                return None
        return Descriptor(
            number, (found.st_dev, found.st_ino, stat.S_IFMT(found.st_mode)), name or _sort(found.st_mode)
        )


def _sort(mode: int) -> str:
    return "a socket" if stat.S_ISSOCK(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a file"


def _owners(number: int) -> list[tuple[Any, Callable[[Any], None]]]:
    """Who owns a descriptor and how it is closed, outermost first."""
    found: list[tuple[int, Any, Callable[[Any], None]]] = []
    objects = gc.get_objects()
    for one in objects:
        for rank, (kind, fileno, close) in enumerate(OWNERS):
            if issubclass(type(one), kind) and _number(one, fileno) == number:
                found.append((rank, one, close))
    return [(one, close) for _, one, close in sorted(found, key=lambda each: each[0])]


def _number(owner: Any, fileno: Callable[[Any], int]) -> int:
    try:
        return fileno(owner)
    except Exception:  # noqa: BLE001 - closed, detached, or a test's own class below
        return -1


def _kept() -> set[int]:
    """What logging handlers write to, and with what `multiprocessing` and the current event loop hear of others."""
    kept = set(_pipes())
    logging = sys.modules.get("logging")
    for reference in tuple(getattr(logging, "_handlerList", ())):
        stream = getattr(reference(), "stream", None)
        if type(stream) is io.TextIOWrapper:
            kept.add(_number(stream, io.TextIOWrapper.fileno))
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    loop = getattr(getattr(policy, "_local", None), "_loop", None)
    for name in ("_ssock", "_csock"):
        end = getattr(loop, name, None)
        if isinstance(end, socket.socket):
            kept.add(_number(end, socket.socket.fileno))
    return kept


def _pipes() -> Iterator[int]:
    """The ends of `multiprocessing`'s own pipes: a process that still runs is a leak of its own, and owns them."""
    servants = (("resource_tracker", "_resource_tracker", "_fd"), ("forkserver", "_forkserver", "_forkserver_alive_fd"))
    for module, servant, field in servants:
        found = getattr(getattr(sys.modules.get(f"multiprocessing.{module}"), servant, None), field, None)
        if found is not None:
            yield found
    for process in tuple(getattr(sys.modules.get("multiprocessing.process"), "_dangling", ())):
        popen = process.__dict__.get("_popen")
        for numbers in getattr(getattr(popen, "finalizer", None), "_args", None) or ():
            yield from numbers if isinstance(numbers, (tuple, list)) else (numbers,)


def _address(seen: Descriptor) -> str:
    """Where a socket leads, as far as it says."""
    for owner, _ in _owners(seen.number):
        if isinstance(owner, socket.socket):
            ends = [_end(socket.socket.getsockname, owner), _end(socket.socket.getpeername, owner)]
            return "".join(f", {word} {end}" for word, end in zip(("at", "to"), ends, strict=True) if end)
    return ""


def _end(ask: Callable[[Any], Any], owner: Any) -> str:
    try:
        found = ask(owner)
    except OSError:
        return ""
    return ":".join(map(str, found[:2])) if isinstance(found, tuple) else os.fsdecode(found)
