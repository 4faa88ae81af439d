"""Channel: the loopback socket over which processes that run benchmarks speak with gates (`protocol`)."""

from __future__ import annotations

import secrets
import selectors
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from gates.builtin.bench.paired.protocol import Hello, Said, Told

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes; the list of some ten thousand benchmarks is a tenth of that."""

LONGEST_HELLO = 4096
"""Bytes that anybody may send before it is known who it is."""

BACKLOG = 8
DEEPEST = 70
"""Characters of a folder in which a socket can be."""

PATIENCE = 10.0
"""Seconds in which a process must take what it is told."""


class Silence(Exception):  # noqa: N818 - said by a process that says nothing
    """A process said nothing in time."""


class Closed(Exception):  # noqa: N818 - the end of a conversation, not always an error
    """A process closed its end, or said what cannot be understood (`said`)."""

    def __init__(self, said: str = "") -> None:
        super().__init__(said)
        self.said = said


class Line:
    """One process's end of the conversation; no line of it may have more than `longest` bytes."""

    def __init__(self, connection: socket.socket, longest: int = LONGEST_LINE) -> None:
        self._socket = connection
        self._held = bytearray()
        self._searched = 0
        self._decoder: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)
        self.longest = longest

    def receive(self, seconds: float) -> Said:
        """The next message; with 0 seconds, one that has come already.

        Raises:
            Silence: there was none within `seconds`.
            Closed: the process has gone, or does not speak the protocol.
        """
        until = time.monotonic() + seconds
        while (end := self._held.find(b"\n", self._searched)) < 0:
            self._searched = len(self._held)
            if self._searched > self.longest:
                raise Closed("a line without end")
            self._read(until - time.monotonic())
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._searched = 0
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Closed(str(error)) from error

    def _read(self, seconds: float) -> None:
        self._socket.settimeout(max(0.0, seconds))
        try:
            part = self._socket.recv(65536)
        except (TimeoutError, BlockingIOError):
            raise Silence from None
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        self._held += part

    def tell(self, message: Told) -> None:
        """Send a message.

        Raises:
            Closed: the process has gone, or does not listen.
        """
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(msgspec.json.encode(message) + b"\n")
        except OSError as error:
            raise Closed from error

    def fileno(self) -> int:
        """The number of its socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.close()


class Exchange:
    """Where processes connect; each proves by its token that it is one of those that were started."""

    def __init__(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        self._listener = listener
        self._selector = selector
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        name = listener.getsockname()
        self._address = f"{name}:0" if isinstance(name, str) else f"{name[0]}:{name[1]}"

    def address(self, token: str, side: str) -> str:
        """What the variable of a process must be."""
        return f"{self._address}:{token}:{side}"

    def accept(self, seconds: float) -> tuple[str, Line] | None:
        """The token and the line of a process that said hello, or None if none did in time.

        Who connects and says nothing, or anything else, keeps nobody waiting.
        """
        until = time.monotonic() + seconds
        while True:
            ready = self._selector.select(max(0.0, until - time.monotonic()))
            for key, _ in ready:
                if key.data is None:
                    self._greet()
                elif (token := self._heard(key.data)) is not None:
                    return token, key.data
            if not ready and time.monotonic() >= until:
                return None

    def close(self) -> None:
        """Hang up on all who have not said who they are."""
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                key.data.close()
        self._selector.close()

    def _greet(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            if self._listener.family == socket.AF_INET:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(connection, LONGEST_HELLO)
            self._selector.register(line, selectors.EVENT_READ, line)

    def _heard(self, line: Line) -> str | None:
        """The token that a newcomer says, None where it is not done with it, or is a stranger."""
        try:
            said = line.receive(0.0)
        except Silence:
            return None
        except Closed:
            said = None
        self._selector.unregister(line)
        if not isinstance(said, Hello):
            line.close()
            return None
        line.longest = LONGEST_LINE
        return said.token


@contextmanager
def opened(*, offline: bool = False) -> Iterator[Exchange]:
    """An exchange on this machine's loopback interface, closed at the end.

    Processes that are kept `offline` have an interface of their own, and find it as a file instead.
    """
    with _listener(offline=offline) as listener:
        exchange = Exchange(listener, selectors.DefaultSelector())
        try:
            yield exchange
        finally:
            exchange.close()


@contextmanager
def _listener(*, offline: bool) -> Iterator[socket.socket]:
    if not offline or not hasattr(socket, "AF_UNIX"):
        with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
            yield listener
        return
    # The path of such a file has at most some hundred bytes, and a folder for temporary files may be deep.
    below = tempfile.gettempdir() if len(tempfile.gettempdir()) < DEEPEST else "/tmp"  # noqa: S108
    folders = tempfile.TemporaryDirectory(prefix="vltair-", dir=below)
    with folders as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/line")
        listener.listen(BACKLOG)
        yield listener


def new_token() -> str:
    """A word that nobody can guess."""
    return secrets.token_hex(16)
