"""Seen: what this process really has of each factor, looked at without a trace and without another process."""

# ruff: noqa: PTH102, PTH106, PTH108, PTH109, PTH116, PTH118, PTH123, PTH208

from __future__ import annotations

import _locale
import datetime as dt
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from .load import Load
from .network import ANSWERED, Network
from .rng import Rng
from .surroundings import variables
from .switch import Switch

PROBE = "vltair"
JANUARY, JULY = 1_736_942_400, 1_752_580_800  # noon of 15 January and of 15 July 2025 in UTC
FOREIGN = "192.0.2.1"
NAMES = ("m", "b", "z", "q", "a", "k", "t", "e", "w", "h", "c", "s")


class Observer:
    """Looks at one process."""

    def __init__(self, spec: Mapping[str, Any], switches: Mapping[str, Switch], worker: int) -> None:
        self._spec, self._switches, self._worker = spec, switches, worker
        self._folder = f"{spec['events']}.probe-{os.getpid()}"

    def all(self) -> dict[str, Any]:
        """What it has of every factor that can be looked at; one that cannot be is left out."""
        looks: dict[str, Callable[[], Any]] = {
            "hashseed": _hash, "timezone": _timezone, "locale": _language, "clock": self._clock,
            "network": self._network, "directory": self._directory, "umask": self._umask,
            "environment": self._environment, "user": self._user, "listing": self._listing, "cpus": _cpus,
            "optimize": _optimize, "load": self._load, "rngseed": self._rng,
            "python": lambda: ".".join(map(str, sys.version_info[:3])),
        }  # fmt: skip
        found = {}
        with suppress(OSError):
            os.mkdir(self._folder, 0o777)
        for name, look in looks.items():
            with suppress(Exception), self._turned(name):
                found[name] = look()
        _clear(self._folder)
        return found

    @contextmanager
    def _turned(self, name: str) -> Any:
        """In a run with lines, turn the factor on while it is looked at."""
        switch = self._switches.get(name)
        if switch is None or switch.on or not self._spec.get("at") or name not in self._spec.get("settings", {}):
            yield
            return
        switch.apply()
        try:
            yield
        finally:
            switch.remove()

    def _clock(self) -> dict[str, Any]:
        """What the clocks say, and whether they are moved at all, be it by nothing."""
        travels = getattr(self._switches.get("clock"), "travels", False)
        return {"time": time.time(), "datetime": dt.datetime.now(dt.UTC).timestamp(), "travels": travels}

    def _network(self) -> dict[str, Any]:
        """Where a datagram for another machine would go (none is sent), what a name is, and whether loopback works."""
        switch = self._switches.get("network")
        found: dict[str, Any] = {"route": _route(), "loopback": _loopback()}
        if isinstance(switch, Network) and switch.value in {"off", ANSWERED}:
            try:
                found["lookup"] = socket.getaddrinfo("vltair.invalid", 9)[0][4][0]
            except OSError:
                found["lookup"] = "refused"
        return found

    def _directory(self) -> dict[str, Any]:
        root, cwd = (os.path.realpath(one) for one in (self._spec["root"], os.getcwd()))
        inside = cwd == root or cwd.startswith(os.path.join(root, ""))
        return {"root": root.replace(os.sep, "/"), "cwd": cwd.replace(os.sep, "/"), "inside": inside}

    def _umask(self) -> dict[str, Any]:
        """The mask, and the mode of a file that is made with it."""
        mask = os.umask(0o077)
        os.umask(mask)
        path = os.path.join(self._folder, "mode")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
        mode = os.stat(path).st_mode & 0o777
        os.unlink(path)
        return {"mask": f"{mask:03o}", "mode": f"{mode:03o}"}

    def _environment(self) -> dict[str, str | None]:
        asked = variables(self._spec.get("settings", {}).get("environment", ""))
        return {name: os.environ.get(name) for name in sorted(asked)}

    def _user(self) -> dict[str, Any]:
        """Who it is, and whether permissions hold for it."""
        path = os.path.join(self._folder, "locked")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o000))
        try:
            os.close(os.open(path, os.O_RDONLY))
            reads = True
        except PermissionError:
            reads = False
        finally:
            os.unlink(path)
        return {"euid": os.geteuid() if hasattr(os, "geteuid") else None, "reads": reads}

    def _listing(self) -> dict[str, Any]:
        """The order of a folder by each function, and by the file system itself."""
        folder = os.path.join(self._folder, "names")
        os.mkdir(folder)
        for name in NAMES:
            os.close(os.open(os.path.join(folder, name), os.O_CREAT | os.O_WRONLY))
        switch = self._switches.get("listing")
        with os.scandir(folder) as entries:
            scanned = [entry.name for entry in entries]
        native = getattr(switch, "native", os.listdir)(folder)
        return {"listdir": os.listdir(folder), "scandir": scanned, "native": native}

    def _load(self) -> dict[str, Any]:
        """Whether a thread begins late, and a sleep of this one ends late, by a little here; how many processes run."""
        switch = self._switches.get("load")
        found: dict[str, Any] = {"background": False, "foreground": False, "running": _running()}
        if isinstance(switch, Load) and switch.value in found:
            late, switch.late = switch.late, 0.05
            switch.begin_test()
            found["background"] = _begins_late()
            switch.begin_test()
            found["foreground"] = _sleeps_late()
            switch.late = late
            switch.begin_test()
        return found

    def _rng(self) -> dict[str, Any]:
        switch = self._switches.get("rngseed")
        if not isinstance(switch, Rng):
            return {}
        first = switch.first
        if self._spec.get("at"):
            import random

            first = [random.random(), 0]  # noqa: S311 - it is what is shown
        return {"first": first, "worker": self._worker}


def _hash() -> dict[str, Any]:
    return {
        "probe": hash(PROBE),
        "algorithm": sys.hash_info.algorithm,
        "width": sys.hash_info.width,
        "variable": os.environ.get("PYTHONHASHSEED"),
    }


def _timezone() -> dict[str, Any]:
    """The offsets of local time in winter and in summer, as C and as Python have them."""
    offsets = [time.localtime(moment).tm_gmtoff for moment in (JANUARY, JULY)]
    zone = [dt.datetime.fromtimestamp(moment, dt.UTC).astimezone().utcoffset() for moment in (JANUARY, JULY)]
    python = [int(one.total_seconds()) for one in zone if one is not None]
    return {"offsets": offsets, "python": python, "names": list(time.tzname), "variable": os.environ.get("TZ")}


def _language() -> dict[str, Any]:
    """The encodings, and what the variables give where they are asked: the process is put back to what it had."""
    import locale

    found: dict[str, Any] = {
        "preferred": locale.getpreferredencoding(False),
        "filesystem": sys.getfilesystemencoding(),
        "utf8": sys.flags.utf8_mode,
    }
    held = _locale.setlocale(_locale.LC_ALL)
    try:
        _locale.setlocale(_locale.LC_ALL, "")
        found["name"] = _locale.setlocale(_locale.LC_CTYPE)
        found["decimal"] = _locale.localeconv()["decimal_point"]
        found["order"] = "letters" if _locale.strcoll("a", "B") < 0 else "codes"
        found["day"] = _locale.nl_langinfo(_locale.DAY_2) if hasattr(_locale, "DAY_2") else ""
    except _locale.Error as error:  # type: ignore[attr-defined]
        found["error"] = str(error)
    finally:
        _locale.setlocale(_locale.LC_ALL, held)
    return found


def _route() -> str:
    """Where another machine is reached: its own address, loopback that answers for it, or `refused`."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((FOREIGN, 9))
            return str(probe.getpeername()[0])
    except OSError:
        return "refused"


def _loopback() -> bool:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 10):
            return True
    except OSError:
        return False


def _cpus() -> dict[str, Any]:
    import multiprocessing

    return {
        "count": os.cpu_count(),
        "multiprocessing": multiprocessing.cpu_count(),
        "process": os.process_cpu_count() if hasattr(os, "process_cpu_count") else None,
        "affinity": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
    }


def _optimize() -> dict[str, Any]:
    return {"flag": sys.flags.optimize, "debug": __debug__}


def _begins_late() -> bool:
    start, at = time.monotonic(), []
    thread = threading.Thread(target=lambda: at.append(time.monotonic()))
    thread.start()
    thread.join()
    return at[0] - start >= 0.05


def _sleeps_late() -> bool:
    start = time.monotonic()
    time.sleep(0.001)
    return time.monotonic() - start >= 0.05


def _running() -> int | None:
    """How many processes of this machine want a processor now; None where nobody says so."""
    try:
        with open("/proc/loadavg", encoding="ascii") as stream:
            return int(stream.read().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return None


def _clear(folder: str) -> None:
    """Remove what was made to be looked at."""
    names = os.path.join(folder, "names")
    for name in NAMES:
        with suppress(OSError):
            os.unlink(os.path.join(names, name))
    for one in (names, folder):
        with suppress(OSError):
            os.rmdir(one)
