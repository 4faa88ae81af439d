"""Hosts: which of them a blocked network still reaches."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Ports = set[int] | None
"""Ports that are allowed; None stands for all."""

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
LEGACY = re.compile(r"[0-9a-fx.]*[0-9][0-9a-fx.]*")
LOCAL = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
WRAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
SAMPLES = "write example.org, 192.0.2.1, 192.0.2.0/24, 2001:db8::/32, example.org:443 or [2001:db8::1]:443"

_aton = socket.inet_aton


@dataclass(frozen=True)
class Rule:
    """One entry of what is allowed: a name, or a network of one address or more, and one port or all."""

    name: str | None
    network: Network | None
    port: int | None


def rule(text: object) -> Rule:
    """The rule that an entry means.

    Raises:
        ValueError: it means none; the message continues a sentence that names it.
    """
    if not isinstance(text, str):
        raise ValueError(f"is no host: {SAMPLES}")  # noqa: TRY004 - the same to whoever reads it
    written = text.strip()
    if "://" in written:
        raise ValueError(f"is a URL and no host: {SAMPLES}")
    bare, port = _port(written)
    host = bare.removeprefix("[").removesuffix("]") if bare.startswith("[") else bare
    try:
        return Rule(None, _plain(ipaddress.ip_network(host)), port)
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f"is no network: did you mean {ipaddress.ip_network(host, strict=False)}?") from None
    name = normal(host)
    labels = name.split(".")
    if len(name) > 253 or labels[-1].isdigit() or not all(map(LABEL.fullmatch, labels)):
        raise ValueError(f"is no host: {SAMPLES}")
    return Rule(name, None, port)


def _plain(network: Network) -> Network:
    """`network`, in IPv4 where IPv6 only wraps that."""
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(WRAPPED):
        start = int(network.network_address) - int(WRAPPED.network_address)
        return ipaddress.IPv4Network((start, network.prefixlen - WRAPPED.prefixlen))
    return network


def _port(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text, None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"names no port from 1 to 65535: {SAMPLES}")
    return host, int(port)


def normal(name: str) -> str:
    """`name` as it is compared: in lower case and ASCII, without the dot at its end."""
    lower = name.lower().removesuffix(".")
    if lower.isascii():
        return lower
    try:
        return lower.encode("idna").decode("ascii")
    except UnicodeError:
        return lower


def address(host: str) -> Address | None:
    """The address that `host` is, also in the short forms that C understands; None where it is a name."""
    try:
        found: Address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if not LEGACY.fullmatch(host.lower()):
            return None
        try:
            found = ipaddress.IPv4Address(_aton(host))
        except (OSError, ValueError):
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found if mapped is None else mapped


class Hosts:
    """Hosts that may be reached: by rules, and the addresses that were found for their names."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._networks: list[tuple[Network, int | None]] = []
        self._names: dict[str, Ports] = {}
        self._found: dict[Address, Ports] = {}
        for one in rules:
            if one.network is not None:
                self._networks.append((one.network, one.port))
            elif one.name is not None:
                self._names[one.name] = _joined(self._names.get(one.name, set()), one.port)

    def may_look_up(self, host: str) -> bool:
        """Whether the name or address `host` is one of them, on whatever port."""
        found = address(host)
        return normal(host) in self._names if found is None else bool(self._ports(found) != set())

    def learn(self, name: str, addresses: Iterable[str]) -> None:
        """Allow what was found for a name, on the ports of that name, if it is one of these."""
        ports = self._names.get(normal(name), set())
        if ports != set():
            for one in map(address, addresses):
                if one is not None:
                    self._found[one] = ports

    def may_reach(self, host: str, port: object) -> bool:
        """Whether `host`, a name or an address, may be reached on `port`."""
        found = address(host)
        ports = self._names.get(normal(host), set()) if found is None else self._ports(found)
        return ports is None or port in ports

    def _ports(self, found: Address) -> Ports:
        ports = self._found.get(found, set())
        for network, port in self._networks:
            if found in network:
                ports = _joined(ports, port)
        return ports


def _joined(ports: Ports, port: int | None) -> Ports:
    return None if ports is None or port is None else ports | {port}


class Machine:
    """What is this machine itself: its loopback, and the name that it calls itself."""

    def __init__(self) -> None:
        self._names = LOCAL | {normal(socket.gethostname())}
        self._found: set[Address] = set()

    def __contains__(self, host: str) -> bool:
        """Whether `host` is this machine."""
        found = address(host)
        if found is not None:
            return found.is_loopback or found.is_unspecified or found in self._found
        name = normal(host)
        return name in self._names or name.endswith(".localhost")

    def learn(self, name: str, addresses: Iterable[str]) -> None:
        """Count what was found for a name of this machine as this machine."""
        if name in self:
            self._found.update(one for one in map(address, addresses) if one is not None)
