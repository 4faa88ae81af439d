"""Blocking: checks in front of the functions of `socket` by which Python reaches other machines."""

from __future__ import annotations

import functools
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from _pytest.outcomes import Failed

from pytest_vltair.fixed.hosts import Hosts, Machine, address
from pytest_vltair.fixed.threads import Threads

METHODS = ("connect", "connect_ex", "sendto", "sendmsg")
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
INTERNET = (socket.AF_INET, socket.AF_INET6)
SECTION = "blocked network"


class BlockedNetwork(Failed):
    """A test reached for a host that it may not reach.

    It fails a test as `pytest.fail` does and, as that, is no `Exception`: code that handles `OSError`, that tries again
    after any `Exception` or falls back on something else would hide that the test depends on the network.
    """


class Block:
    """The checks of one run; they let everything pass but in phases of tests, and in threads that tests started."""

    def __init__(self, hosts: Hosts, setting: str) -> None:
        self._hosts: list[Hosts | None] = [hosts]
        self._setting = setting
        self._machine = Machine()
        self._threads = Threads()
        self._item: pytest.Item | None = None
        self._when = ""
        self._put: list[tuple[Any, str, Any, Any]] = []

    def install(self) -> None:
        """Put the checks in place."""
        for name in METHODS:
            if hasattr(socket.socket, name):  # there is no sendmsg on Windows
                self._replace(socket.socket, name, self._method(name, getattr(socket.socket, name)))
        for name in LOOKUPS:
            make = self._name_info if name == "getnameinfo" else self._lookup
            self._replace(socket, name, make(getattr(socket, name)))
        self._tell(sys.modules.get("pytest_socket"))

    def remove(self) -> None:
        """Take the checks away; what somebody else has put over one stays, and the check below lets all pass."""
        self._item = None
        for owner, name, before, check in reversed(self._put):
            if vars(owner).get(name) is not check:
                continue
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._put.clear()

    def replaced(self) -> list[str]:
        """The functions that somebody else has replaced since."""
        return [f"{owner.__name__}.{name}" for owner, name, _, check in self._put if vars(owner).get(name) is not check]

    def begin(self, item: pytest.Item, when: str) -> None:
        """Begin a phase."""
        self._threads.begin()
        self._item, self._when = item, when

    def end(self) -> None:
        """End a phase."""
        self._threads.end()

    @contextmanager
    def allowing(self, hosts: Hosts | None) -> Iterator[None]:
        """Allow these hosts too, or all."""
        self._hosts.append(hosts)
        try:
            yield
        finally:
            self._hosts.remove(hosts)

    def _replace(self, owner: Any, name: str, check: Callable[..., Any]) -> None:
        self._put.append((owner, name, vars(owner).get(name), check))
        setattr(owner, name, check)

    def _tell(self, pytest_socket: Any) -> None:
        """pytest-socket puts what it took for the original back after each test: have it take the checks for that."""
        checks = {id(getattr(check, "__wrapped__", None)): check for _, _, _, check in self._put}
        for name, held in list(vars(pytest_socket).items()) if pytest_socket else ():
            if id(held) in checks:
                self._replace(pytest_socket, name, checks[id(held)])

    def _method(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """The check in front of a method: of `sendmsg` the address comes fourth, of the others it comes last."""
        last = name != "sendmsg"

        @functools.wraps(original)
        def check(sock: socket.socket, /, *args: Any) -> Any:
            __tracebackhide__ = True
            to = args[-1] if last and args else args[3] if len(args) > 3 else None
            if isinstance(to, tuple) and len(to) > 1 and sock.family in INTERNET:
                self._reach(to[0], to[1])
            return original(sock, *args)

        return check

    def _lookup(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def check(host: Any, *args: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            name = _text(host)
            self._look_up(name, reverse=original.__name__ == "gethostbyaddr")
            found = original(host, *args, **named)
            if name is not None:
                self._learn(name, _addresses(found))
            return found

        return check

    def _name_info(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def check(to: Any, flags: int, /) -> Any:
            __tracebackhide__ = True
            if isinstance(to, tuple) and to and not flags & socket.NI_NUMERICHOST:
                self._look_up(_text(to[0]), reverse=True)
            return original(to, flags)

        return check

    def _reach(self, to: Any, port: object) -> None:
        __tracebackhide__ = True
        host = _text(to)
        if host is None or host in self._machine or not self._threads.refuse():
            return
        if not any(one is None or one.may_reach(host, port) for one in self._hosts):
            where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            self._refuse(f"connecting to {host} port {port}", where)

    def _look_up(self, host: str | None, *, reverse: bool) -> None:
        __tracebackhide__ = True
        if host is None or host in self._machine or (address(host) and not reverse) or not self._threads.refuse():
            return
        if not any(one is None or one.may_look_up(host) for one in self._hosts):
            self._refuse(f"looking up {host}", host)

    def _learn(self, name: str, found: Iterable[str]) -> None:
        known = list(found)
        self._machine.learn(name, known)
        for one in self._hosts:
            if one is not None:
                one.learn(name, known)

    def _refuse(self, what: str, host: str) -> None:
        """Raise, and note it on the test, in case that code under test keeps what is raised to itself."""
        __tracebackhide__ = True
        test = "a test" if self._item is None else self._item.nodeid
        said = (
            f"{what} is blocked in the {self._when} of {test} ({self._setting}); allow it with a line {host} of "
            f'vltair_network_allow, or for this test by @pytest.mark.vltair_network("{host}")'
        )
        if self._item is not None:
            self._item.add_report_section(self._when, SECTION, f"{what} is blocked")
        raise BlockedNetwork(said)


def _text(host: object) -> str | None:
    """A host as text, as C reads it; None for what is no host, of which the original function says so."""
    if isinstance(host, str):
        return "255.255.255.255" if host == "<broadcast>" else host
    return bytes(host).decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else None


def _addresses(found: Any) -> Iterator[str]:
    """The addresses in what a look-up returned."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, tuple):
        yield from found[2]
    else:
        yield from (str(one[4][0]) for one in found)
