"""Rng: what tests take for chance: the shared generators, and what the operating system gives to seed others with."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Callable
from hashlib import shake_128
from itertools import count
from typing import Any

from .switch import Switch, replace, tell

NONE = "none"
EACH = "each:"
APART = 1_000_003  # between the seeds of two workers, which would draw other numbers without any seed too
USERS = ("uuid", "secrets", "random", "tempfile")
GENERATIONS = 64


def number(value: str, worker: int = 0) -> int | None:
    """The seed that a value means in the worker of that number; None where nothing is seeded."""
    return None if value == NONE else int(value.removeprefix(EACH)) + APART * worker


def worker_number(name: str | None) -> int:
    """The number in a name such as `gw1`, 0 where there is none."""
    digits = "".join(letter for letter in name or "" if letter.isdigit())
    return int(digits or 0)


class Stream:
    """Bytes that follow a seed, however many threads ask; a fork goes on with others than its parent and siblings."""

    def __init__(self) -> None:
        self._key: bytes | None = None
        self._count = count()
        self._forks = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._before, after_in_child=self._after)

    def seed(self, key: str | None) -> None:
        """Begin anew; None lets the real bytes pass."""
        self._key, self._count = None if key is None else key.encode(), count()

    def state(self) -> tuple[bytes | None, int]:
        """Where the stream stands."""
        at = next(self._count)
        self._count = count(at)
        return self._key, at

    def load(self, state: tuple[bytes | None, int], further: int = 0) -> None:
        """Go on from there, or so many reads further on."""
        self._key, self._count = state[0], count(state[1] + further)

    @property
    def flows(self) -> bool:
        """Whether it has a seed."""
        return self._key is not None

    def read(self, size: int) -> bytes:
        """The next bytes."""
        return shake_128(b"%b %d" % (self._key or b"", next(self._count))).digest(size)

    def _before(self) -> None:
        self._forks += 1

    def _after(self) -> None:
        if self._key is not None:
            self._key += b"/%d" % self._forks


class Rng(Switch):
    """`N` seeds once as the process starts, `each:N` before each test too, `none` nothing."""

    def __init__(self, base: str, asked: str | None = None, worker: int = 0) -> None:
        super().__init__(base, asked)
        self.worker = worker
        self.first: list[Any] = []
        self._held: Any = None  # what a single call is put back to; nothing where the whole process was turned

    def install(self) -> None:
        """Stand in for what the system gives, and seed with what the base has."""
        self.stream = Stream()
        self._main = threading.get_ident()
        urandom = _urandom(self.stream, os.urandom)
        before = replace(os, "urandom", urandom)
        tell(before, urandom, USERS)
        if hasattr(os, "getrandom"):
            replace(os, "getrandom", _getrandom(self.stream, os.getrandom))
        replace(random.Random, "seed", _seed(self.stream, random.Random.seed))
        random.seed = random._inst.seed  # noqa: SLF001 - it is a method of that one
        self._begin()

    def _begin(self) -> None:
        """Seed all anew, as at the start of a process; what is drawn first then is kept as a proof."""
        seed = number(self.value, self.worker)
        self.stream.seed(None if seed is None else f"{seed}")
        random.seed(seed)
        if seed is not None:
            _numpy_seed(seed)
        held, at = random.getstate(), self.stream.state()
        self.first = [random.random(), int.from_bytes(os.urandom(6), "big")]  # noqa: S311 - it is what is shown
        random.setstate(held)
        self.stream.load(at)

    def start(self) -> None:
        """Turn to the asked value for the whole process."""
        self.on = True
        self._begin()

    def begin_test(self, nodeid: str) -> None:
        """Seed before a test, where it was asked for; what the system gives differs from test to test."""
        seed = number(self.value, self.worker)
        if seed is not None and self.value.startswith(EACH):
            random.seed(seed)
            _numpy_seed(seed)
            self.stream.seed(f"{seed} {nodeid}")

    def apply(self) -> None:
        """Have one call draw what the asked seed gives."""
        if self.on:
            return
        super().apply()
        seed = number(self.value, self.worker)
        self._held = random.getstate(), self.stream.state(), _numpy_state()
        self._seed = seed
        self.stream.seed(None if seed is None else f"call {seed}")
        random.seed(seed)
        _numpy_seed(seed if seed is not None else random.SystemRandom().getrandbits(32))

    def remove(self) -> None:
        """Go on as if the call had drawn as much of what the base gives; a state that it set itself stays."""
        if self._held is None:
            return
        super().remove()
        (state, stream, numbers), self._held = self._held, None
        drawn = None if self._seed is None else _drawn(self._seed, random.getstate())
        self.stream.load(stream, self.stream.state()[1])
        if self._seed is None or drawn is not None:
            random.setstate(state)
            if drawn:
                random.getrandbits(32 * drawn)
        _numpy_load(numbers)


def _drawn(seed: int, state: Any) -> int | None:
    """How many words a generator with that seed has given to stand there; None where it does not come from it."""
    twin, generations = random.Random(seed), 0  # noqa: S311 - it is the same generator
    while generations < GENERATIONS:
        if twin.getstate()[1][:-1] == state[1][:-1]:
            return generations * 624 - (624 - state[1][-1]) if generations else 0
        twin.getrandbits(32 * 624)
        generations += 1
    return None


def _urandom(stream: Stream, original: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def urandom(size: int, /) -> bytes:
        return stream.read(size) if stream.flows and type(size) is int and size >= 0 else original(size)

    return urandom


def _getrandom(stream: Stream, original: Callable[..., bytes]) -> Callable[..., bytes]:
    def getrandom(size: int, flags: int = 0) -> bytes:
        return stream.read(size) if stream.flows and type(size) is int and size >= 0 else original(size, flags)

    return getrandom


def _seed(stream: Stream, original: Callable[..., None]) -> Callable[..., None]:
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None and stream.flows:
            a = int.from_bytes(stream.read(32), "big")
        original(self, a, version)

    return seed


def _numpy() -> Any:
    """The module of the shared generator of numpy, where the project has imported it."""
    return sys.modules.get("numpy.random")


def _numpy_seed(seed: int) -> None:
    found = getattr(_numpy(), "seed", None)
    if found is not None:
        found(seed % 2**32)


def _numpy_state() -> Any:
    found = getattr(_numpy(), "get_state", None)
    return found and found()


def _numpy_load(state: Any) -> None:
    if state is not None:
        _numpy().set_state(state)
