"""Seen: what this process really has of each factor, looked at without a trace and without another process."""

# ruff: noqa: PTH102, PTH106, PTH108, PTH109, PTH116, PTH118, PTH123, PTH208

from __future__ import annotations

import datetime as dt
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from . import looks
from .load import Load
from .network import ANSWERED, Network
from .rng import Rng
from .surroundings import variables
from .switch import Switch

NAMES = ("m", "b", "z", "q", "a", "k", "t", "e", "w", "h", "c", "s")


class Observer:
    """Looks at one process."""

    def __init__(self, spec: Mapping[str, Any], switches: Mapping[str, Switch], worker: int) -> None:
        self._spec, self._switches, self._worker = spec, switches, worker
        self._folder = f"{spec['events']}.probe-{os.getpid()}"

    def all(self) -> dict[str, Any]:
        """What it has of every factor that can be looked at; one that cannot be is left out."""
        asked: dict[str, Callable[[], Any]] = {
            "hashseed": looks.hashes, "timezone": looks.zone, "locale": looks.language, "clock": self._clock,
            "network": self._network, "directory": self._directory, "umask": self._umask,
            "environment": self._environment, "user": self._user, "listing": self._listing, "cpus": looks.processors,
            "optimize": looks.optimisation, "load": self._load, "rngseed": self._rng,
            "python": lambda: ".".join(map(str, sys.version_info[:3])),
        }  # fmt: skip
        found = {}
        with suppress(OSError):
            os.mkdir(self._folder, 0o777)
        for name, look in asked.items():
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
        found: dict[str, Any] = {"route": looks.route(), "loopback": looks.loopback()}
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
