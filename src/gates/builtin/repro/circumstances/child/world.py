"""World: what this process is told of owners, order of folders, times of files and processors."""

# ruff: noqa: PTH116

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Self, cast

POSIX = os.name == "posix"


def apply(plan: dict[str, Any], now: int | None) -> None:
    """Patch the functions of `os`, `pwd` and `grp` before anything else has taken them."""
    owner = plan["owner"] if POSIX else None
    change = _changer(owner if owner and owner["patched"] else None, plan["since"], plan["until"], now)
    for name in ("stat", "lstat", "fstat"):
        _replace(name, _stat(getattr(os, name), change))
    order = ORDERS[plan["listing"]]
    _replace("listdir", _listdir(os.listdir, order))
    _replace("scandir", _scandir(os.scandir, order, change))
    if POSIX:
        _identify(owner, plan["user"])
    _call(plan["machine"])
    _count(plan["cpus"], plan["pinned"])


def _replace(name: str, function: Callable[..., Any]) -> None:
    """Put `function` in the place of one of os, and in the sets that say what it can do."""
    original = getattr(os, name)
    for attribute in ("__name__", "__qualname__", "__doc__", "__text_signature__"):
        value = getattr(original, attribute, None)
        if value is not None:
            setattr(function, attribute, value)
    setattr(os, name, function)
    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
        if original in able:
            able.add(function)


def _key(name: Any) -> bytes:
    """The bytes of a name: its characters depend on the locale."""
    return os.fsencode(name)


def _shuffled(name: Any) -> tuple[int, bytes]:
    raw = _key(name)
    return zlib.crc32(raw + b"\0order"), raw


ORDERS: dict[str, Callable[[list[Any], Callable[[Any], Any]], None]] = {
    "sorted": lambda items, name: items.sort(key=lambda item: _key(name(item))),
    "reversed": lambda items, name: items.sort(key=lambda item: _key(name(item)), reverse=True),
    "shuffled": lambda items, name: items.sort(key=lambda item: _shuffled(name(item))),
}

Order = Callable[[list[Any], Callable[[Any], Any]], None]
Change = Callable[[os.stat_result], os.stat_result]


def _changer(owner: dict[str, Any] | None, since: float, until: float, now: int | None) -> Change:
    """What makes a result of stat that of this world.

    Kernels stamp files by the real clock. What was stamped since the copy was made, this build's own files, is given
    the time of the build's clock, as it would have on a machine with that clock.
    """
    real = (os.getuid(), os.getgid()) if POSIX else (0, 0)
    first, last = int(since * 10**9), int(until * 10**9)
    names = tuple(name for name in ("st_atime", "st_mtime", "st_ctime", "st_birthtime") if hasattr(os.stat("."), name))
    places = {"st_atime": 7, "st_mtime": 8, "st_ctime": 9}

    def change(result: os.stat_result) -> os.stat_result:
        kind, (fields, rest) = cast("tuple[type, tuple[Any, Any]]", result.__reduce__())
        values = list(fields)
        if owner is not None and values[4] == real[0]:
            values[4], values[5] = owner["uid"], owner["gid"]
        if now is not None:
            for name in names:
                exact = rest.get(f"{name}_ns", int(rest.get(name, 0) * 10**9))
                if first <= exact <= last:
                    rest[name] = float(now)
                    if f"{name}_ns" in rest:
                        rest[f"{name}_ns"] = now * 10**9
                    if name in places:
                        values[places[name]] = now
        return cast("os.stat_result", kind(tuple(values), rest))

    return change


def _stat(original: Callable[..., os.stat_result], change: Change) -> Callable[..., os.stat_result]:
    def stat(*args: Any, **keys: Any) -> os.stat_result:
        return change(original(*args, **keys))

    return stat


def _listdir(original: Callable[..., list[Any]], order: Order) -> Callable[..., list[Any]]:
    def listdir(*args: Any, **keys: Any) -> list[Any]:
        names = original(*args, **keys)
        order(names, lambda name: name)
        return names

    return listdir


def _scandir(original: Callable[..., Any], order: Order, change: Change) -> Callable[..., Listing]:
    def scandir(*args: Any, **keys: Any) -> Listing:
        with original(*args, **keys) as found:
            entries = [Entry(entry, change) for entry in found]
        order(entries, lambda entry: entry.name)
        return Listing(entries)

    return scandir


class Listing:
    """What os.scandir returns, in the order of the plan."""

    def __init__(self, entries: list[Entry]) -> None:
        """All entries, read already."""
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Entry]:
        """Itself."""
        return self

    def __next__(self) -> Entry:
        """The next entry."""
        return next(self._entries)

    def close(self) -> None:
        """End the listing."""
        self._entries = iter(())

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the listing."""
        self.close()


class Entry:
    """An os.DirEntry whose `stat` is that of this world."""

    __slots__ = ("_change", "_entry", "name", "path")

    def __init__(self, entry: os.DirEntry[Any], change: Change) -> None:
        """Stand for `entry`."""
        self._entry, self._change, self.name, self.path = entry, change, entry.name, entry.path

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """What isinstance is told."""
        return os.DirEntry

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """The changed result."""
        return self._change(self._entry.stat(follow_symlinks=follow_symlinks))

    def __getattr__(self, name: str) -> Any:
        """Whatever else an entry can tell."""
        return getattr(self._entry, name)

    def __fspath__(self) -> Any:
        """Its path."""
        return self.path

    def __repr__(self) -> str:
        """As an entry is shown."""
        return repr(self._entry)


def _identify(owner: dict[str, Any] | None, user: str) -> None:
    """Names for the numbers of the process, home and login of its user, and, without a name space, the numbers."""
    import grp
    import pwd

    if owner is not None and owner["patched"]:
        uid, gid = owner["uid"], owner["gid"]
        for name in ("getuid", "geteuid"):
            _replace(name, lambda: uid)
        for name in ("getgid", "getegid"):
            _replace(name, lambda: gid)
        _replace("getgroups", lambda: [gid])
        if hasattr(os, "getresuid"):
            _replace("getresuid", lambda: (uid, uid, uid))
            _replace("getresgid", lambda: (gid, gid, gid))
    if hasattr(os, "getlogin"):
        _replace("getlogin", lambda: user)
    _known(pwd, "getpwuid", "getpwnam", "getpwall", _account(pwd, owner))
    if owner is not None:
        group = grp.struct_group((owner["group"], "x", owner["gid"], []))
        _known(grp, "getgrgid", "getgrnam", "getgrall", group)


def _call(machine: str) -> None:
    """Let the machine have the name `machine`."""
    import _socket

    _socket.gethostname = lambda: machine
    if hasattr(os, "uname"):
        real = os.uname()
        named = os.uname_result((real.sysname, machine, real.release, real.version, real.machine))
        _replace("uname", lambda: named)


def _account(pwd: Any, owner: dict[str, Any] | None) -> Any:
    """The entry of this process' user, its home as the variable says."""
    home = os.environ.get("HOME", "/")
    if owner is not None:
        return pwd.struct_passwd((owner["name"], "x", owner["uid"], owner["gid"], "", home, "/bin/sh"))
    try:
        found = pwd.getpwuid(os.getuid())
    except KeyError:
        return None
    return pwd.struct_passwd((*found[:5], home, found[6]))


def _known(module: Any, by_number: str, by_name: str, every: str, mine: Any) -> None:
    """Let the functions of pwd or grp know the entry `mine`."""
    if mine is None:
        return
    numbers, names, entries = (getattr(module, name) for name in (by_number, by_name, every))
    setattr(module, by_number, lambda number: mine if number == mine[2] else numbers(number))
    setattr(module, by_name, lambda name: mine if name == mine[0] else names(name))
    setattr(module, every, lambda: [mine, *(entry for entry in entries() if entry[2] != mine[2])])


def _count(cpus: int, pinned: bool) -> None:
    """Let the machine have `cpus` processors; `pinned` to one of them."""
    if hasattr(os, "sched_getaffinity"):
        if pinned:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        _replace("sched_getaffinity", lambda _pid, /: set(range(cpus)))
    _replace("cpu_count", lambda: cpus)
    if hasattr(os, "process_cpu_count"):
        _replace("process_cpu_count", lambda: cpus)
