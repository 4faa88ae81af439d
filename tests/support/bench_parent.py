"""The other end of a run that is led: a real socket, and orders that are given by a plan."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.bench.paired import protocol

TOKEN = "c0ffee"
ARGV = ("-p", "vltair")

Said = dict[str, Any]
Orders = Callable[[Said], "Said | bytes | None"]


def burst(calls: int = 2, loops: int = 3, slow: float = 0.0) -> Said:
    """The order to time."""
    return {"do": "burst", "calls": calls, "loops": loops, "slow": slow}


RELEASE: Said = {"do": "release"}


class Plan:
    """Selects what was collected, has each benchmark timed some bursts, and releases it."""

    def __init__(self, *bursts: Said, select: Callable[[list[str]], Iterable[str]] = lambda ids: ids) -> None:
        self._bursts = bursts or (burst(),)
        self._select = select
        self._left: list[Said] = []

    def __call__(self, said: Said) -> Said | None:
        match said["event"]:
            case "collected":
                return {"do": "select", "ids": list(self._select([one["id"] for one in said["benchmarks"]]))}
            case "ready":
                self._left = [*self._bursts, RELEASE]
        return self._left.pop(0) if said["event"] in {"ready", "burst"} else None


class Run:
    """A run that has ended: what it said, its exit code, and what it printed."""

    def __init__(self, said: list[Said], code: int, out: str, err: str) -> None:
        self.said = said
        self.code = code
        self.out = out
        self.err = err

    @property
    def events(self) -> list[str]:
        """The events, in order."""
        return [one["event"] for one in self.said]

    @property
    def collected(self) -> Said:
        """What was collected."""
        (found,) = [one for one in self.said if one["event"] == "collected"]
        return found

    @property
    def endings(self) -> dict[str, tuple[str, str]]:
        """How each benchmark ended: by the name of its test, outcome and message."""
        ended = [one for one in self.said if one["event"] == "ended"]
        return {one["id"].partition("::")[2]: (one["outcome"], one["message"]) for one in ended}

    def times(self, name: str) -> list[float]:
        """All that was timed of one."""
        return [
            time for one in self.said if one["event"] == "burst" and one["id"].endswith(name) for time in one["times"]
        ]


def lead(
    folder: Path,
    *args: str,
    orders: Orders | None = None,
    python: str | Path = sys.executable,
    environment: dict[str, str] | None = None,
    packages: Sequence[str] = (),
    alone: bool = True,
    timeout: float = 60.0,
) -> Run:
    """The run of pytest in a folder, led by `orders`: what is to be said to each thing that is said.

    Other plugins that are installed are loaded where it is not to be `alone`.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(timeout)
        port = server.getsockname()[1]
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "VLTAIR_"))},
            "VLTAIR_BENCH": f"127.0.0.1:{port}:{TOKEN}:head",
            "VLTAIR_BENCH_PACKAGES": ",".join(packages),
            **({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if alone else {}),
            **(environment or {}),
        }
        out, err = folder / "out.txt", folder / "err.txt"
        with out.open("wb") as written, err.open("wb") as complained:
            argv = [str(python), "-m", "pytest", *ARGV, *args]
            child = subprocess.Popen(
                argv, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=written, stderr=complained
            )
            try:
                said = _converse(server, orders or Plan(), timeout)
                code = child.wait(timeout)
            finally:
                child.kill()
                child.wait()
    return Run(said, code, out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace"))


def _converse(server: socket.socket, orders: Orders, timeout: float) -> list[Said]:
    said: list[Said] = []
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in lines:
            msgspec.json.decode(line, type=protocol.Said)
            said.append(json.loads(line))
            order = orders(said[-1])
            if order is not None:
                connection.sendall(order if isinstance(order, bytes) else json.dumps(order).encode() + b"\n")
            if order == b"":
                break
    return said
