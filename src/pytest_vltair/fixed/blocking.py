"""Blocking: checks in front of the functions of `socket` by which Python reaches other machines."""

from __future__ import annotations

import functools
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import pytest

from pytest_vltair.fixed.hosts import Hosts, Machine, address

METHODS = ("connect", "connect_ex", "sendto", "sendmsg")
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
NUMERIC = socket.NI_NUMERICHOST
SECTION = "blocked network"

_enumerate = threading.enumerate
_ident = threading.get_ident


class BlockedNetwork(pytest.fail.Exception):
    """A test reached for a host that it may not reach.

    It fails a test as `pytest.fail` does and, as that, is no `Exception`: code under test that handles `OSError`, tries
    again after any `Exception` or falls back on something else would hide that the test depends on the network.
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
        self._undo: list[tuple[Any, str, Any, Any]] = []

    def install(self) -> None:
        """Put the checks in place."""
        for name in METHODS:
            if hasattr(socket.socket, name):
                self._replace(socket.socket, name, self._method(name, getattr(socket.socket, name)))
        for name in LOOKUPS:
            self._replace(socket, name, self._lookup(name, getattr(socket, name)))

    def remove(self) -> None:
        """Take the checks away; what somebody else has put over one stays, and the check below lets all pass."""
        self._item = None
        self._threads = Threads()
        for owner, name, before, check in reversed(self._undo):
            if vars(owner).get(name) is not check:
                continue
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._undo.clear()

    def replaced(self) -> list[str]:
        """The functions that somebody else has replaced since."""
        return [name for owner, name, _, check in self._undo if vars(owner).get(name) is not check]

    def begin(self, item: pytest.Item, when: str) -> None:
        """Begin a phase."""
        self._threads.begin()
        self._item, self._when = item, when
        self._inside = True

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
        self._undo.append((owner, name, vars(owner).get(name), check))
        setattr(owner, name, check)
