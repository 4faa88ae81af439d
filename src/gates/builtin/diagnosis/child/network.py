"""Network: what becomes of a reach for another machine. Loopback, this machine's own addresses and pipes stay."""

# ruff: noqa: PTH123

from __future__ import annotations

import errno
import functools
import ipaddress
import os
import socket
from collections.abc import Callable
from itertools import cycle
from typing import Any

from .answers import Answers
from .switch import Lines, Note, Switch, replace

OFF, ANSWERED, REAL = "off", "answered", "real"
PENDING = (errno.EINPROGRESS, errno.EAGAIN, errno.EALREADY, errno.EINTR)
INTERNET = (socket.AF_INET, socket.AF_INET6)
LOCAL = frozenset({"", "localhost", "localhost.localdomain", "localhost6", "ip6-localhost", "ip6-loopback"})


class Network(Switch):
    """`off` refuses other machines, `answered` has a server of our own stand in, `real` lets them be reached."""

    def __init__(self, base: str, asked: str | None, lines: Lines, note: Note) -> None:
        super().__init__(base, asked)
        self._lines, self._note = lines, note
        self._noted: set[tuple[Any, ...]] = set()
        self._names: dict[str, str] = {}
        self._free = cycle(f"192.0.2.{last}" for last in range(1, 255))
        self.quiet = False

    def install(self) -> None:
        """Stand in front of the functions of `socket` by which Python looks up and reaches machines."""
        self._machine = Machine()
        self._answers = Answers()
        for name in ("connect", "connect_ex", "sendto"):
            replace(socket.socket, name, self._reach(name, getattr(socket.socket, name)))
        if hasattr(socket.socket, "sendmsg"):
            replace(socket.socket, "sendmsg", self._sendmsg(socket.socket.sendmsg))
        replace(socket, "getaddrinfo", self._getaddrinfo(socket.getaddrinfo))
        for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
            replace(socket, name, self._gethost(name, getattr(socket, name)))

    def _tell(self, what: str, event: str = "outward") -> None:
        if self.quiet:
            return
        path, line = self._lines.here()
        if (self._lines.nodeid, event, what, path, line) not in self._noted:
            self._noted.add((self._lines.nodeid, event, what, path, line))
            self._note({"e": event, "id": self._lines.nodeid, "what": what, "path": path, "line": line})

    def _real(self, what: str, original: Callable[..., Any], *args: Any) -> Any:
        """What another machine says; that it says nothing is noted."""
        try:
            found = original(*args)
        except OSError as error:
            if error.errno not in PENDING:
                self._tell(what, "unreached")
            raise
        if isinstance(found, int) and found in errno.errorcode and found not in PENDING and "connect" in what:
            self._tell(what, "unreached")
        return found

    def _foreign(self, sock: socket.socket, to: Any) -> bool:
        """Whether an address is one of another machine; what is no address, the original says so."""
        if sock.family not in INTERNET or not isinstance(to, tuple) or len(to) < 2:
            return False
        host = _text(to[0])
        if host is None or self._machine.has(host):
            return False
        port = to[1]
        self._tell(f"connect {self._names.get(host, host)}:{port}")
        return True

    def _instead(self, sock: socket.socket) -> Any:
        """Where the socket goes in place of another machine.

        Raises:
            OSError: the network is off.
        """
        found = self._answers.address(sock) if self.value == ANSWERED else None
        if found is None:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        return found

    def _reach(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def reach(sock: socket.socket, /, *args: Any) -> Any:
            if not args or not self._foreign(sock, args[-1]):
                return original(sock, *args)
            if self.value == REAL:
                return self._real(f"{name} {args[-1][0]}", original, sock, *args)
            try:
                instead = self._instead(sock)
            except OSError as error:
                if name == "connect_ex":
                    return error.errno
                raise
            return original(sock, *args[:-1], instead)

        return reach

    def _sendmsg(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def sendmsg(sock: socket.socket, /, *args: Any) -> Any:
            if len(args) < 4 or not self._foreign(sock, args[3]) or self.value == REAL:
                return original(sock, *args)
            return original(sock, *args[:3], self._instead(sock))

        return sendmsg

    def _unknown(self, host: Any) -> str:
        """The host, where it is a name that other machines would be asked for; else nothing."""
        name = _text(host)
        if name is None or self._machine.has(name) or address(name) is not None:
            return ""
        self._tell(f"look up {name}")
        return name

    def _stand_in(self, name: str) -> str:
        """The address that a name has where all machines are answered for.

        Raises:
            socket.gaierror: the network is off.
        """
        if self.value == OFF:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        known = next((one for one, of in self._names.items() if of == name), None)
        found = known or next(one for one in self._free if not _is_own(one))
        self._names[found] = name
        return found

    def _getaddrinfo(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(
            host: Any,
            port: Any,
            family: int = 0,
            type: int = 0,  # noqa: A002
            proto: int = 0,
            flags: int = 0,
        ) -> Any:
            name = self._unknown(host)
            if not name:
                return original(host, port, family, type, proto, flags)
            if self.value == REAL:
                found = self._real(f"look up {name}", original, host, port, family, type, proto, flags)
                self._names.update((one[4][0], name) for one in found)
                return found
            here: Any = self._stand_in(name)
            if family == socket.AF_INET6:
                here = f"2001:db8::{here.rpartition('.')[2]}"
            return original(here.encode() if isinstance(host, bytes) else here, port, family, type, proto, flags)

        return getaddrinfo

    def _gethost(self, which: str, original: Callable[..., Any]) -> Callable[..., Any]:
        backwards = which == "gethostbyaddr"

        def gethost(host: Any, /) -> Any:
            name = self._unknown(host)
            if not name and backwards and address(_text(host) or "") is not None:
                name = "" if self._machine.has(_text(host) or "") else str(host)
            if not name:
                return original(host)
            if self.value == REAL:
                return self._real(f"look up {name}", original, host)
            if backwards and self.value == OFF:
                raise socket.herror(2, "Host name lookup failure")
            found = str(host) if backwards and address(name) is not None else self._stand_in(name)
            return found if which == "gethostbyname" else (self._names.get(found, name), [], [found])

        return gethost


class Machine:
    """What is this machine itself."""

    def __init__(self) -> None:
        self._names = {socket.gethostname().lower(), *_hosts_file()}

    def has(self, host: str) -> bool:
        """Whether a name or an address is of this machine: whether something could listen there."""
        if host.startswith("127.") or host in {"::1", "localhost", "0.0.0.0", "::"}:  # noqa: S104 - nothing is bound
            return True
        found = address(host)
        if found is not None:
            return found.is_loopback or found.is_unspecified or _is_own(str(found))
        name = host.lower().removesuffix(".")
        return name in LOCAL or name in self._names or name.endswith(".localhost")


@functools.lru_cache(maxsize=1024)
def _is_own(host: str) -> bool:
    """Whether a socket can be bound to an address: it is one of this machine's interfaces."""
    found = ipaddress.ip_address(host)
    if found.is_multicast or host == "255.255.255.255":
        return False
    family = socket.AF_INET if found.version == 4 else socket.AF_INET6
    try:
        with _PLAIN(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


_PLAIN = socket.socket  # a plugin may put another class in its place that refuses to be made


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, also in the short forms that C understands; None where it is a name."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if not host[:1].isdigit():
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _hosts_file() -> set[str]:
    """The names that the file of hosts knows: nobody is asked for them."""
    try:
        with open("/etc/hosts", encoding="utf-8", errors="replace") as stream:
            lines = [line.partition("#")[0].split() for line in stream]
    except OSError:
        return set()
    return {name.lower() for line in lines for name in line[1:]}


def _text(host: object) -> str | None:
    """A host as text, as C reads it; None for what is no host."""
    if isinstance(host, str):
        return "255.255.255.255" if host == "<broadcast>" else host
    return bytes(host).decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else None
