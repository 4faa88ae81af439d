"""Other machines are refused, answered for or left alone; loopback, pipes and event loops never notice."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from diagnose.perturbed import perturbed
from gates.builtin.diagnosis.child import network as module
from gates.builtin.diagnosis.child.network import Network
from gates.builtin.diagnosis.child.switch import Lines

REACH = """
import socket
from urllib.request import ProxyHandler, build_opener

def tried(call):
    try:
        return call()
    except OSError as error:
        return [type(error).__name__, error.errno]

def stream(method, to):
    with socket.socket() as one:
        one.settimeout(20)
        return getattr(one, method)(to)

def datagram(call):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return call(one)

def six():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
        return one.connect(("2001:db8::7", 9))

told = {
    "getaddrinfo": tried(lambda: socket.getaddrinfo("example.org", 80)[0][4][0]),
    "named": tried(lambda: socket.getaddrinfo(host=b"example.org", port="http", type=socket.SOCK_STREAM)[0][4][0]),
    "gethostbyname": tried(lambda: socket.gethostbyname("example.org")),
    "gethostbyname_ex": tried(lambda: socket.gethostbyname_ex("example.org")[2]),
    "gethostbyaddr": tried(lambda: socket.gethostbyaddr("198.51.100.7")[2]),
    "connect": tried(lambda: stream("connect", ("198.51.100.7", 80))),
    "connect_ex": tried(lambda: stream("connect_ex", ("198.51.100.7", 80))),
    "short": tried(lambda: stream("connect_ex", ("198.51.25607", 80))),
    "create_connection": tried(lambda: socket.create_connection(("example.org", 80), timeout=20).close()),
    "page": tried(lambda: build_opener(ProxyHandler({})).open("http://example.org/", timeout=20).read().decode()),
    "sendto": tried(lambda: datagram(lambda one: one.sendto(b"x", ("198.51.100.7", 9)))),
    "flags": tried(lambda: datagram(lambda one: one.sendto(b"x", 0, ("198.51.100.7", 9)))),
    "sendmsg": tried(lambda: datagram(lambda one: one.sendmsg([b"x"], [], 0, ("198.51.100.7", 9)))),
    "own": tried(lambda: datagram(lambda one: (one.connect(("198.51.100.7", 9)), one.getsockname()[0])[1])),
}
"""


def test_off_refuses(tmp_path: Path) -> None:
    told = perturbed(tmp_path, REACH + "tell(**told)")
    unknown, unreachable = ["gaierror", -3], ["OSError", 101]
    assert told == {
        "getaddrinfo": unknown, "named": unknown, "gethostbyname": unknown, "gethostbyname_ex": unknown,
        "gethostbyaddr": ["herror", 2], "connect": unreachable, "connect_ex": 101, "short": 101,
        "create_connection": unknown, "page": ["URLError", None], "sendto": unreachable, "flags": unreachable,
        "sendmsg": unreachable, "own": unreachable,
    }  # fmt: skip


def test_answered_has_a_server(tmp_path: Path) -> None:
    told = perturbed(tmp_path, REACH + "import threading\ntell(threads=threading.active_count(), **told)",
                     {"network": "answered"})  # fmt: skip
    name = "192.0.2.1"
    assert told == {
        "threads": 1, "getaddrinfo": name, "named": name, "gethostbyname": name, "gethostbyname_ex": [name],
        "gethostbyaddr": ["198.51.100.7"], "connect": None, "connect_ex": 0, "short": 0, "create_connection": None,
        "page": "ok", "sendto": 1, "flags": 1, "sendmsg": 1, "own": "127.0.0.1",
    }  # fmt: skip


def test_attempts_are_noted_with_their_line(tmp_path: Path) -> None:
    script = """
    import socket
    circumstances.before_test("test_a.py::test_a")
    for _ in range(3):
        try:
            socket.create_connection(("example.org", 80))
        except OSError:
            pass
    circumstances.after_test("test_a.py::test_a")
    with socket.socket() as one:
        one.connect_ex(("198.51.100.7", 443))
    tell(notes=NOTES)
    """
    told = perturbed(tmp_path, script)
    assert told["notes"] == [
        {"e": "outward", "id": "test_a.py::test_a", "what": "look up example.org", "path": "script.py", "line": 6},
        {"e": "outward", "id": "", "what": "connect 198.51.100.7:443", "path": "script.py", "line": 11},
    ]
    answered = perturbed(tmp_path, script, {"network": "answered"})
    assert [note["what"] for note in answered["notes"]] == [
        "look up example.org", "connect example.org:80", "connect 198.51.100.7:443",
    ]  # fmt: skip


LOCAL = """
import asyncio, errno, http.server, os, pickle, socket, socketserver, subprocess, sys, tempfile, threading
import multiprocessing
from unittest import mock
from urllib.request import ProxyHandler, build_opener

class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"hello")
    def log_message(self, *args): pass

told = {}
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as made:
    threading.Thread(target=made.serve_forever, daemon=True).start()
    for host in ("127.0.0.1", "localhost", "127.9.9.9"[:9]):
        if host != "127.9.9.9":
            page = build_opener(ProxyHandler({})).open(f"http://{host}:{made.server_address[1]}/", timeout=30)
            told[host] = page.read().decode()
    made.shutdown()

async def ask():
    async def serve(reader, writer):
        writer.write(await reader.readline()); writer.close()
    made = await asyncio.start_server(serve, "localhost", 0)
    async with made:
        reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname()[:2])
        writer.write(b"hi\\n")
        line = await reader.readline()
        writer.close()
        return line.decode()
told["asyncio"] = asyncio.run(ask())

one, two = socket.socketpair()
one.sendall(b"x")
told["pair"] = two.recv(1).decode()
path = os.path.join(tempfile.mkdtemp(), "s")
with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
    server.bind(path); server.listen()
    client.connect(path)
    told["unix"] = client.getpeername() == path

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as a, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as b:
    a.bind(("", 0))
    b.sendto(b"x", ("0.0.0.0", a.getsockname()[1]))
    a.settimeout(30)
    told["datagram"] = a.recv(1).decode()

errors = []
for wrong in (lambda s: s.connect(("127.0.0.1",)), lambda s: s.connect("nowhere"), lambda s: s.connect(),
              lambda s: s.connect(("198.51.100.7",)), lambda s: socket.getaddrinfo(None, None)):
    with socket.socket() as s:
        try:
            wrong(s)
        except Exception as error:
            errors.append(type(error).__name__)
told["errors"] = errors
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    try:
        socket.create_connection(free.getsockname(), timeout=30)
    except ConnectionRefusedError:
        told["refused"] = True
with mock.patch("socket.socket.connect", return_value="m"), mock.patch("socket.getaddrinfo", return_value=[]):
    told["mocked"] = [socket.socket().connect(("198.51.100.7", 80)), socket.getaddrinfo("example.org", 80)]
told["back"] = socket.socket().connect_ex(("198.51.100.7", 80)) == errno.ENETUNREACH
told["pickled"] = pickle.loads(pickle.dumps(socket.getaddrinfo)) is socket.getaddrinfo
told["numeric"] = socket.getaddrinfo("198.51.100.7", 80)[0][4][0]
told["passive"] = bool(socket.getaddrinfo(None, 0, flags=socket.AI_PASSIVE))
told["own"] = isinstance(socket.getfqdn(), str)
told["notes"] = len([n for n in NOTES if "example" in n["what"]])
"""


def test_local_sockets_stay(tmp_path: Path) -> None:
    told: dict[str, Any] = perturbed(tmp_path, LOCAL + "tell(**told)")
    assert told == {
        "127.0.0.1": "hello", "localhost": "hello", "asyncio": "hi\n", "pair": "x", "unix": True, "datagram": "x",
        "errors": ["TypeError", "TypeError", "TypeError", "TypeError", "gaierror"], "refused": True,
        "mocked": ["m", []], "back": True, "pickled": True, "numeric": "198.51.100.7", "passive": True, "own": True,
        "notes": 0,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_are_not_harmed(tmp_path: Path, method: str) -> None:
    script = f"""
    import multiprocessing, subprocess, sys
    if __name__ == "__main__":
        with multiprocessing.get_context({method!r}).Pool(2) as pool:
            found = pool.map(abs, [-1, -2])
        done = subprocess.run([sys.executable, "-c", "print(7)"], capture_output=True)
        tell(found=found, program=done.stdout.decode())
    """
    assert perturbed(tmp_path, script, {"network": "answered", "listing": "reversed", "rngseed": "3"}) == {
        "found": [1, 2],
        "program": "7\n",
    }


def test_a_machine_that_does_not_answer_is_noted() -> None:
    notes: list[dict[str, Any]] = []
    network = Network("off", "real", Lines("/nowhere"), notes.append)
    with pytest.raises(OSError, match="refused"):
        network._real("connect a:1", failing, OSError(errno.ECONNREFUSED, "refused"))
    with pytest.raises(BlockingIOError):
        network._real("connect b:1", failing, BlockingIOError(errno.EINPROGRESS, "in progress"))
    assert network._real("connect_ex c:1", lambda: errno.ENETUNREACH) == errno.ENETUNREACH
    assert network._real("connect_ex d:1", lambda: errno.EINPROGRESS) == errno.EINPROGRESS
    assert network._real("sendto e:1", lambda: 13) == 13
    assert network._real("connect f:1", lambda: None) is None
    assert [(one["e"], one["what"]) for one in notes] == [("unreached", "connect a:1"), ("unreached", "connect_ex c:1")]


def failing(error: OSError) -> None:
    raise error


def test_a_stand_in_has_no_address_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_is_own", {"192.0.2.2", "192.0.2.3"}.__contains__)
    network = Network("off", "answered", Lines("/nowhere"), lambda note: None)
    network.on = True
    assert [network._stand_in(name) for name in ("a", "b", "c", "a")] == [f"192.0.2.{last}" for last in (1, 4, 5, 1)]
