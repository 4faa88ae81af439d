"""Listing: the order in which folders name what they hold, by `os.listdir` and `os.scandir` and all that use them."""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Iterator
from types import GenericAlias
from typing import Any, Self

from .switch import Switch, replace, tell

USERS = ("pathlib", "pathlib._local", "pathlib._abc", "pathlib.types", "pathlib._os", "glob", "shutil", "fnmatch")


class Entries(Iterator[Any]):
    """A listing in order that is used as the one of `os.scandir`."""

    __class_getitem__: Any = classmethod(GenericAlias)

    def __init__(self, entries: list[Any]) -> None:
        self._rest: Iterator[Any] = iter(entries)

    def __next__(self) -> Any:
        return next(self._rest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Name nothing more."""
        self._rest = iter(())


Entries.__name__ = Entries.__qualname__ = "ScandirIterator"
Entries.__module__ = "posix" if os.name == "posix" else "nt"


def _shuffled(name: bytes) -> tuple[int, bytes]:
    return binascii.crc32(b"vltair" + name), name


def _order(value: str) -> Callable[[list[Any], Callable[[Any], Any]], list[Any]]:
    key: Callable[[bytes], Any] = _shuffled if value == "shuffled" else bytes

    if value == "wrapped":
        return lambda found, _: found

    def ordered(found: list[Any], name: Callable[[Any], Any]) -> list[Any]:
        return sorted(found, key=lambda one: key(os.fsencode(name(one))), reverse=value == "reversed")

    return ordered


class Listing(Switch):
    """Folders list in order (`sorted`, `reversed`, `shuffled`), or as the file system does (`native`).

    `wrapped` is as the file system does too, by way of what stands in for it.
    """

    def install(self) -> None:
        """Stand in for both functions; what they raise, they still raise."""
        listed, scanned = os.listdir, os.scandir
        self.native = listed

        def listdir(path: Any = None) -> list[Any]:
            found: list[Any] = listed(path)
            return found if self.value == "native" else _order(self.value)(found, lambda name: name)

        def scandir(path: Any = None) -> Any:
            if self.value == "native":
                return scanned(path)
            with scanned(path) as entries:
                return Entries(_order(self.value)(list(entries), lambda entry: entry.name))

        made: dict[str, Callable[..., Any]] = {"listdir": listdir, "scandir": scandir}
        for name, function in made.items():
            before = replace(os, name, function)
            tell(before, function, USERS)
            if before in os.supports_fd:  # `shutil.rmtree` looks there
                os.supports_fd.add(function)
