"""Wire: the connection to gates, over which lines of JSON go, one at a time."""

from __future__ import annotations

import json
import math
import os
import socket
from contextlib import suppress
from os import _exit, fstat, getpid, write
from typing import Any, NoReturn

import pytest

STATUS = 4
"""The exit code of a process whose connection is gone; pytest's own for wrong usage."""

WAIT = 10.0
"""Seconds in which somebody must answer."""

LEAST = {"calls": 1, "loops": 1, "slow": 0.0}
"""The fields of an order to time, and the least that each may be."""


class Wire:
    """Says what happens here and hears what is to be done; ends the process where that is no longer possible."""

    def __init__(self, connection: socket.socket, where: str, token: str, side: str) -> None:
        # Methods of the object: a test may put other ones into the class, or close the door for new sockets.
        self._send = connection.sendall
        self._receive = connection.recv
        self._number = connection.fileno()
        self._identity = _identity(self._number)
        self._where = where
        self._pid = getpid()
        self._kept = b""
        self._stderr = os.dup(2)
        self._complaints = _identity(self._stderr)
        self.doing = ""
        self.say("hello", token=token, side=side, pid=self._pid)

    def alone(self) -> None:
        """Return only in the process that connected; a copy of it says so and ends."""
        if getpid() != self._pid:
            try:
                self._send(_line("forked", {"id": self.doing}))
            finally:
                _exit(0)

    def say(self, event: str, **fields: object) -> None:
        """Say that something happened."""
        self.alone()
        try:
            if _identity(self._number) != self._identity:
                self.lose("the connection to gates was closed by what ran here")
            self._send(_line(event, fields))
        except OSError as error:
            self.lose(f"the connection to gates at {self._where} is gone: {error.strerror or error}")

    def ask(self, *expected: str, event: str, **fields: object) -> dict[str, Any]:
        """What is to be done now that something happened: one of the orders that are expected."""
        self.say(event, **fields)
        try:
            while b"\n" not in self._kept:
                more = self._receive(1 << 16)
                if not more:
                    self.lose(f"gates at {self._where} closed the connection")
                self._kept += more
        except OSError as error:
            self.lose(f"the connection to gates at {self._where} is gone: {error.strerror or error}")
        line, _, self._kept = self._kept.partition(b"\n")
        told = read(line)
        if told is None or told["do"] not in expected:
            self.lose(f"gates at {self._where} said what is no order here: {line[:80].decode(errors='replace')!r}")
        return told

    def lose(self, why: str) -> NoReturn:
        """End the process with one sentence, past whatever code of the project would catch or delay it."""
        text = f"vltair: {why}\n".encode(errors="replace")
        try:
            kept = _identity(self._stderr) == self._complaints
        except OSError:
            kept = False
        with suppress(OSError):
            write(self._stderr if kept else 2, text)
        _exit(STATUS)


def connect(text: str) -> Wire:
    """The connection that `HOST:PORT:TOKEN:SIDE` names.

    Raises:
        pytest.UsageError: it names none, or nobody answers there.
    """
    host, port, token, side = ["", *text.rsplit(":", 3)][-4:] if text.count(":") >= 3 else ("", "", "", "")
    if not (host and port.isascii() and port.isdigit() and int(port) < 1 << 16 and token and side):
        raise pytest.UsageError("VLTAIR_BENCH is set by gates and has the form HOST:PORT:TOKEN:SIDE; this one has not")
    where = f"{host}:{port}"
    try:
        connection = _connection(host, int(port))
    except OSError as error:
        raise pytest.UsageError(f"gates does not answer at {where}: {error.strerror or error}") from error
    return Wire(connection, where, token, side)


def _connection(host: str, port: int) -> socket.socket:
    """The connection to a port, or with port 0 to the file that the host is: a process without a network has that."""
    if not port and host.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(host)
        return connection
    connection = socket.create_connection((host.strip("[]"), port), WAIT)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def plain(text: str) -> str:
    """The text as any reader of JSON takes it: what stands for bytes of no encoding is spelled."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _line(event: str, fields: dict[str, object]) -> bytes:
    return json.dumps({"event": event, **fields}).encode() + b"\n"


def read(line: bytes) -> dict[str, Any] | None:
    """The order that a line gives, None where it gives none."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    match told.get("do"):
        case "burst":
            told.setdefault("slow", 0.0)
            fits = all(_number(told.get(name), least) for name, least in LEAST.items())
        case "select":
            ids = told.get("ids")
            fits = isinstance(ids, list) and all(isinstance(one, str) for one in ids)
        case do:
            fits = do == "release"
    return told if fits else None


def _number(value: object, least: float) -> bool:
    if type(value) is not int and (type(value) is not float or type(least) is not float):
        return False
    return math.isfinite(value) and value >= least


def _identity(number: int) -> tuple[int, int] | None:
    """What tells an open socket from another file of the same number; None where the system does not say."""
    if os.name == "nt":
        return None
    status = fstat(number)
    return status.st_dev, status.st_ino
