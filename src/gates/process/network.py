"""Network: whether a child can be kept from it here, found out by trying once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.process import loopback

if TYPE_CHECKING:
    from gates.process.child import Completed

PROBE = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), 5).close()
others = [name for _, name in socket.if_nameindex() if name != "lo"]
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    probe.connect(("192.0.2.1", 9))  # RFC 5737: an address of nobody; connecting a datagram socket sends nothing
    print("a route leads out")
except OSError:
    print("denied")
"""

_answers: dict[str, str] = {}
_lock = threading.Lock()


def launcher() -> tuple[str, ...]:
    """The words before a command that start it without a network."""
    return (sys.executable, "-I", "-S", str(Path(loopback.__file__)))


def obstacle(run: Callable[[Sequence[str]], Completed]) -> str:
    """Why the network cannot be denied here, as one clause; empty when it can. Tried once per process."""
    with _lock:
        if sys.platform not in _answers:
            _answers[sys.platform] = _try(run)
        return _answers[sys.platform]


def _try(run: Callable[[Sequence[str]], Completed]) -> str:
    if not sys.platform.startswith("linux"):
        return f"no way to deny the network to a child is known on {sys.platform}"
    done = run((*launcher(), sys.executable, "-I", "-S", "-c", PROBE))
    if done.status == "OK" and done.text.strip() == "denied":
        return ""
    return refusal(done.stderr) or f"a child in a network namespace of its own did not work: {done.text.strip()}"


def refusal(stderr: bytes) -> str:
    """What the launcher says it was refused; empty when it started its command."""
    for line in stderr.decode("utf-8", "replace").splitlines():
        if line.startswith(loopback.MARK):
            return f"the kernel refuses a network namespace: {line.removeprefix(loopback.MARK)}"
    return ""
