"""Relay: a server on the loopback that stands between a tool and the advisory service, and writes down what passes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gates.builtin.audit.service.recording import Recording

LARGEST = 16 * 1024 * 1024
"""Bytes of one request: a lock with ten thousand distributions makes one of about a megabyte."""


class _Server(ThreadingHTTPServer):
    # Threads end with their connections, which end with the tool.
    daemon_threads = True
    block_on_close = False
    recording: Recording

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a tool that was ended leaves its connection half open."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one piece: in two, the second waits 40 ms for the first to be acknowledged.
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Pass it on."""
        self._pass()

    def do_POST(self) -> None:
        """Pass it on."""
        self._pass()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: what passes is in the recording."""

    def _pass(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            self.send_error(413)
            return
        reply = self.server.recording.pass_on(self.command, self.path, self.rfile.read(int(length)))
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind or "application/json")
        # What was answered to one run says nothing to the next.
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


@contextmanager
def opened(recording: Recording) -> Iterator[str]:
    """The address of a relay, without a path, for as long as the context lasts.

    Raises:
        OSError: this machine has no loopback to listen on.
    """
    with closing(recording.service), _Server(("127.0.0.1", 0), _Handler) as server:
        server.recording = recording
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
