"""Entropy: what the operating system gives tests as chance, made to follow their seed."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Generator
from hashlib import shake_128
from itertools import count
from typing import Any

import pytest

from pytest_vltair.fixed.libraries import Generator as Source
from pytest_vltair.fixed.seed import SEED
from pytest_vltair.settings import Given, Settings

_real = os.urandom
_pid = os.getpid
_from_bytes = int.from_bytes


class Stream:
    """Bytes that follow a seed, however many threads ask; other processes get real ones."""

    def __init__(self) -> None:
        self.active = False
        self._home = _pid()
        self._key = b""
        self._count = count()

    def seed(self, number: int) -> None:
        """Begin anew."""
        self._key, self._count = str(number).encode(), count()

    def save(self) -> tuple[bytes, int]:
        """Where the stream stands."""
        at = next(self._count)
        self._count = count(at)
        return self._key, at

    def load(self, state: tuple[bytes, int]) -> None:
        """Go on from there."""
        self._key, self._count = state[0], count(state[1])

    @property
    def flows(self) -> bool:
        """Whether a test of this very process is running; a fork of it would draw what its parent draws."""
        return self.active and _pid() == self._home

    def read(self, size: int) -> bytes:
        """The next bytes."""
        return shake_128(b"%b %d" % (self._key, next(self._count))).digest(size)


class Entropy:
    """Stands in for `os.urandom` and what seeds itself from it, while a test or its fixtures run."""

    name = "entropy"

    def __init__(self, given: Given, settings: Settings) -> None:
        self.demanded = given.choice("seeded")
        if settings["seed"] is None:
            given.wrong("needs a seed to follow, and vltair_seed is kept as it is")
        self.hooks = self
        self._stream = Stream()
        self._patched: list[tuple[Any, str, object, object]] = []

    def apply(self, config: pytest.Config) -> None:
        """Stand in, for modules that take hold of these functions when they are imported too."""
        # tempfile keeps the generator of its names for good: it must not be one that a test's seed began.
        tempfile.mktemp()  # noqa: S306 - nothing is made
        stream = self._stream
        config.stash[SEED].generators.add("entropy", Source(stream.seed, stream.save, stream.load))
        urandom = _bytes_of(stream, "urandom", os.urandom)
        self._patch(os, "urandom", urandom)
        self._patch(random, "_urandom", urandom)
        if hasattr(os, "getrandom"):
            self._patch(os, "getrandom", _getrandom(stream, os.getrandom))
        self._patch(random.Random, "seed", _seed(stream, random.Random.seed))
        self._patch(random, "seed", random.random.__self__.seed)  # type: ignore[attr-defined] # it is a method

    def restore(self) -> None:
        """Put back what nobody else has replaced meanwhile."""
        self._stream.active = False
        for owner, name, ours, original in reversed(self._patched):
            if owner.__dict__[name] is ours:
                setattr(owner, name, original)

    def shown(self) -> str:
        """`seeded`, if the first of them still stands in."""
        return self.demanded if os.urandom is self._patched[0][2] else "os.urandom was replaced"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Follow seeds while a test runs, and only then."""
        self._stream.active = True
        try:
            return (yield)
        finally:
            self._stream.active = False

    def _patch(self, owner: Any, name: str, ours: object) -> None:
        self._patched.append((owner, name, ours, owner.__dict__[name]))
        setattr(owner, name, ours)


def _bytes_of(stream: Stream, name: str, original: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def urandom(size: int, /) -> bytes:
        return stream.read(size) if stream.flows and type(size) is int and size >= 0 else original(size)

    urandom.__module__, urandom.__qualname__ = "os", name
    return urandom


def _getrandom(stream: Stream, original: Callable[..., bytes]) -> Callable[..., bytes]:
    def getrandom(size: int, flags: int = 0) -> bytes:
        return stream.read(size) if stream.flows and type(size) is int and size >= 0 else original(size, flags)

    getrandom.__module__, getrandom.__qualname__ = "os", "getrandom"
    return getrandom


def _seed(stream: Stream, original: Callable[..., None]) -> Callable[..., None]:
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None and stream.flows:
            a = _from_bytes(stream.read(32), "big")
        original(self, a, version)

    seed.__module__, seed.__qualname__, seed.__doc__ = "random", "Random.seed", original.__doc__
    return seed
