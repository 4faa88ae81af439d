"""Answers: a server on loopback that stands in for all other machines."""

from __future__ import annotations

import _thread
import os
import socket
from contextlib import suppress
from typing import Any

REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
GREETING = b"220 ok\r\n"
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class Answers:
    """A server for each family and kind of socket, started when it is first needed, in each process anew."""

    def __init__(self) -> None:
        self._served: dict[tuple[int, Any, bool], Any] = {}
        self._make = socket.socket
        self._lock = _thread.allocate_lock()

    def address(self, sock: socket.socket) -> Any:
        """Where a socket of this kind is answered; None where loopback has no such addresses."""
        stream = bool(sock.type & socket.SOCK_STREAM)
        key = (os.getpid(), sock.family, stream)
        with self._lock:
            if key not in self._served:
                self._served[key] = self._serve(sock.family, stream)
            return self._served[key]

    def _serve(self, family: Any, stream: bool) -> Any:
        server = self._make(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        try:
            server.bind((LOOPBACK[family], 0))
            if stream:
                server.listen(64)
        except OSError:
            server.close()
            return None
        # Not by `threading`: tests count the threads that it knows.
        _thread.start_new_thread(_accept if stream else _swallow, (server,))
        return server.getsockname()


def _accept(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            peer, _ = server.accept()
            _thread.start_new_thread(_answer, (peer,))


def _answer(peer: socket.socket) -> None:
    """Answer a request when it is whole, greet a client that says nothing."""
    with suppress(OSError), peer:
        peer.settimeout(1.0)
        try:
            asked = peer.recv(65536)
            while asked and b"\r\n\r\n" not in asked and asked[:1].isalpha() and b" HTTP/" in asked:
                asked += peer.recv(65536)
        except TimeoutError:
            asked = b""
        peer.sendall(REPLY if asked else GREETING)


def _swallow(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            server.recvfrom(65536)
