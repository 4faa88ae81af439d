"""Channel: the loopback socket over which processes that run benchmarks speak with gates (`protocol`)."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from gates.builtin.bench.protocol import Hello, Said, Told

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes; the list of some ten thousand benchmarks is a tenth of that."""

TICK = 0.05


class Silence(Exception):  # noqa: N818 - said by a process that says nothing
    """A process said nothing in time."""


class Closed(Exception):  # noqa: N818 - the end of a conversation, not always an error
    """A process closed its end, or said what cannot be understood (`said`)."""

    def __init__(self, said: str = "") -> None:
        super().__init__(said)
        self.said = said


class Line:
    """One process's end of the conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._held = bytearray()
        self._decoder: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)

    def receive(self, seconds: float) -> Said:
        """The next message.

        Raises:
            Silence: there was none within `seconds`.
            Closed: the process has gone, or does not speak the protocol.
        """
        until = time.monotonic() + seconds
        while (end := self._held.find(b"\n")) < 0:
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                part = self._socket.recv(65536)
            except TimeoutError:
                raise Silence from None
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            self._held += part
            if len(self._held) > LONGEST_LINE:
                raise Closed("a line without end")
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Closed(str(error)) from error

    def tell(self, message: Told) -> None:
        """Send a message.

        Raises:
            Closed: the process has gone.
        """
        try:
            self._socket.settimeout(10.0)
            self._socket.sendall(msgspec.json.encode(message) + b"\n")
        except OSError as error:
            raise Closed from error

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.close()


class Exchange:
    """Where processes connect; each proves by its token that it is one of those that were started."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        host, port = listener.getsockname()[:2]
        self._address = f"{host}:{port}"

    def address(self, token: str, side: str) -> str:
        """What the variable of a process must be."""
        return f"{self._address}:{token}:{side}"

    def accept(self, seconds: float) -> tuple[str, Line] | None:
        """The token and the line of a process that connected, or None if none did in time."""
        self._listener.settimeout(seconds)
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return None
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(connection)
        try:
            hello = line.receive(5.0)
        except (Silence, Closed):
            line.close()
            return None
        if not isinstance(hello, Hello):
            line.close()
            return None
        return hello.token, line


@contextmanager
def opened() -> Iterator[Exchange]:
    """An exchange on this machine's loopback interface, closed at the end."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        yield Exchange(listener)


def new_token() -> str:
    """A word that nobody can guess."""
    return secrets.token_hex(16)
