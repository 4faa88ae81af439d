"""Loaded by pytest in a run of the corpus: makes the factors that need no other process, and notes each outcome."""

from __future__ import annotations

import copy
import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import pytest

ASKED: dict[str, Any] = json.loads(os.environ["CORPUS_ASKED"])
NOTES = Path(os.environ["CORPUS_NOTES"])
LATE = 0.8
LOCAL = ("127.", "::1", "localhost")


class Entries(Iterator[Any]):
    """A listing in order that is used as the one of `os.scandir`."""

    def __init__(self, entries: list[Any]) -> None:
        self.rest = iter(entries)

    def __next__(self) -> Any:
        return next(self.rest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None: ...


def in_order() -> None:
    """Folders name their files by the alphabet, one way or the other."""
    listed, scanned = os.listdir, os.scandir
    backwards = ASKED["listing"] == "reverse"

    def listdir(path: Any = ".") -> list[Any]:
        return sorted(listed(path), key=str, reverse=backwards)

    def scandir(path: Any = ".") -> Entries:
        with scanned(path) as entries:
            return Entries(sorted(entries, key=lambda entry: str(entry.name), reverse=backwards))

    os.listdir = listdir
    os.scandir = scandir  # type: ignore[assignment]


def remote(address: Any) -> bool:
    return isinstance(address, tuple) and not str(address[0]).startswith(LOCAL)


def without_network() -> None:
    """Names and connections of other machines are answered on this one, or refused."""
    looked_up, connected = socket.getaddrinfo, socket.socket.connect
    on = ASKED["network"] == "on"
    port = answering() if on else 0

    def getaddrinfo(host: Any, *args: Any, **named: Any) -> Any:
        if host is None or not remote((host,)):
            return looked_up(host, *args, **named)
        if not on:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return looked_up("192.0.2.1", *args, **named)

    def connect(self: socket.socket, address: Any) -> None:
        if remote(address) and not on:
            raise OSError(101, "Network is unreachable")
        connected(self, ("127.0.0.1", port) if remote(address) else address)

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign,assignment]


def answering() -> int:
    """The port of a server that greets whoever asks."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])


def late() -> None:
    """Other threads begin late, or the main one sleeps too long."""
    run, sleep = threading.Thread.run, time.sleep

    def belated(self: threading.Thread) -> None:
        sleep(LATE)
        run(self)

    if ASKED["load"] == "background":
        threading.Thread.run = belated  # type: ignore[method-assign]
    else:
        time.sleep = lambda seconds: sleep(float(seconds) + LATE)


def begin() -> None:
    """Make every factor that was asked for."""
    if ASKED["clock"]:
        import time_machine

        time_machine.travel(datetime.fromisoformat(ASKED["clock"]).timestamp()).start()
    if ASKED["listing"]:
        in_order()
    if ASKED["network"]:
        without_network()
    if ASKED["load"]:
        late()
    if ASKED["cpus"]:
        os.cpu_count = lambda: ASKED["cpus"]
        os.sched_getaffinity = lambda _pid: set(range(ASKED["cpus"]))
    seed()


def seed() -> None:
    if ASKED["rngseed"] >= 0:
        random.seed(ASKED["rngseed"])


def note(**what: str) -> None:
    with NOTES.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(what) + "\n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    seed()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [again(item) if turn else item for item in items for turn in range(ASKED["repeat"])]


def again(item: pytest.Item) -> pytest.Item:
    """The same test once more, in the same module, class and session."""
    other = copy.copy(item)
    other.stash = pytest.Stash()
    if isinstance(other, pytest.Function):
        other._initrequest()
    return other


def pytest_runtest_logstart(nodeid: str) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        note(nodeid=nodeid, outcome="begun")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    broken = report.failed and report.when != "call"
    note(nodeid=report.nodeid, outcome="error" if broken else report.outcome, when=report.when)


begin()
