"""Advisory service: a server on the loopback that answers OSV's API well, or as badly as a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gates.builtin.audit.controls import CONTROLS
from gates.builtin.audit.planting import WHOLE, record

Answer = tuple[int, Mapping[str, str], bytes]
Spoil = Callable[["Held", str, str, bytes], Answer | None]
"""What is answered in place of the right thing to a method, path and body; None for the right thing."""

JSON = {"Content-Type": "application/json"}
HANGS: Answer = (0, {}, b"")
DROPS: Answer = (-1, {}, b"")
SENT = 100
"""How many bytes more than it sends a server announces that is cut off."""


class Held:
    """Records by id, with the versions that each is about."""

    def __init__(self, *records: tuple[dict[str, Any], str]) -> None:
        """Pairs of a record and `name==version`; the controls are always known."""
        own = [
            (record(f"GATES-CONTROL-{one.name}", one.name, WHOLE, one.advisory), f"{one.name}=={one.version}")
            for one in CONTROLS
        ]
        self.records = {held["id"]: held for held, _ in (*records, *own)}
        self.about: dict[str, list[str]] = {}
        for held, pin in (*records, *own):
            self.about.setdefault(pin, []).append(held["id"])

    def ids(self, query: Mapping[str, Any]) -> list[str]:
        """The advisories about what is asked."""
        return self.about.get(f"{query['package']['name']}=={query['version']}", [])

    def answer(self, path: str, body: bytes) -> Answer:
        """The right answer."""
        asked = json.loads(body) if body else {}
        if path.endswith("/querybatch"):
            found = [
                [{"id": one, "modified": "2020-01-01T00:00:00Z"} for one in self.ids(each)] for each in asked["queries"]
            ]
            return as_json({"results": [{"vulns": one} if one else {} for one in found]})
        if path.endswith("/query"):
            vulns = [self.records[one] for one in self.ids(asked)]
            return as_json({"vulns": vulns} if vulns else {})
        held = self.records.get(path.rpartition("/")[2])
        return as_json(held) if held else (404, JSON, b'{"code":5,"message":"not found"}')


class Running:
    """A server: its address, and the requests it got as method, path and headers."""

    def __init__(self, url: str) -> None:
        """Nothing was asked yet."""
        self.url = url
        self.requests: list[tuple[str, str, dict[str, str]]] = []


def as_json(value: Any) -> Answer:
    """200 with a value."""
    return 200, JSON, json.dumps(value).encode()


@contextmanager
def serving(held: Held | None = None, spoil: Spoil | None = None) -> Iterator[Running]:
    """A server with records, spoilt or not."""
    known = held or Held()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            running.requests.append((self.command, self.path, dict(self.headers.items())))
            status, headers, data = (spoil and spoil(known, self.command, self.path, body)) or known.answer(
                self.path, body
            )
            if status <= 0:
                if status == 0:
                    ended.wait(60)
                self.close_connection = True
                return
            self.send_response(status)
            announced = int(headers.get("announced", len(data)))
            for name, value in {**headers, "Content-Length": str(announced)}.items():
                if name != "announced":
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = announced != len(data)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        running = Running(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            ended.set()
            server.shutdown()
            thread.join()
            time.sleep(0)


def always(answer: Answer) -> Spoil:
    """One answer to everything."""
    return lambda held, method, path, body: answer


def with_records(change: Mapping[str, Any], *without: str) -> Spoil:
    """The right answers, with every record but the controls' changed."""

    def spoil(held: Held, method: str, path: str, body: bytes) -> Answer | None:
        status, headers, data = held.answer(path, body)
        value = json.loads(data)
        for one in [*value.get("vulns", []), value]:
            if "affected" in one and not one["id"].startswith("GATES-CONTROL"):
                one.update(change)
                for name in without:
                    del one[name]
        return status, headers, json.dumps(value).encode()

    return spoil
