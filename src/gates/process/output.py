"""Output: what a child wrote, kept up to a limit, while the pipes are always drained to their end."""

from __future__ import annotations

import os
import select
import selectors
import threading
import time
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gates.process.redact import Redactor

CHUNK = 1 << 18
MARGIN = 1 << 14
"""Bytes kept beyond the limit, so that a secret across the cut is redacted as a whole before the cut is made."""


DRIP = 1 << 12
"""Bytes of one turn below which a child is taken for one that writes a little often, as pytest does its dots."""
REST = 0.02
"""Seconds for which such a child is left alone: a pipe holds what it writes; being woken for each dot costs much."""


class Capture:
    """The first bytes of one stream and the count of all of them; memory stays below the limit plus `MARGIN`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._kept = bytearray()

    def write(self, data: bytes) -> None:
        """Take what was read; what is over the limit is counted and dropped."""
        self.total += len(data)
        self._kept += data[: self.limit + MARGIN - len(self._kept)]

    @property
    def truncated(self) -> bool:
        """Whether the stream was longer than the limit."""
        return self.total > self.limit

    def value(self, redactor: Redactor | None) -> bytes:
        """What is kept and may be shown: redacted, then cut on a UTF-8 boundary with a mark where it was cut."""
        clean = _without_secrets(self._kept, redactor)
        if not self.truncated:
            return clean
        # A secret across the limit is masked in the longer text and torn in the shorter: where they part, it begins.
        same = common(_without_secrets(self._kept[: self.limit], redactor), clean)
        kept = boundary(clean, min(same, self.limit))
        return kept + f"\n[TRUNCATED at {len(kept)} bytes]\n".encode()


def _without_secrets(data: bytearray, redactor: Redactor | None) -> bytes:
    return bytes(data) if redactor is None else redactor.data(bytes(data))


def common(one: bytes, other: bytes) -> int:
    """The length of the longest prefix that both have."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def boundary(data: bytes, limit: int) -> bytes:
    """At most `limit` bytes of `data`, without the first part of a UTF-8 sequence at the end."""
    if len(data) <= limit:
        return data
    end = limit
    # A sequence has at most three continuation bytes (RFC 3629); more of them are no UTF-8 and are cut anywhere.
    while end > 0 and limit - end < 3 and data[end] & 0xC0 == 0x80:
        end -= 1
    return data[: limit if data[end] & 0xC0 == 0x80 else end]


class Pump(Protocol):
    """Moves what a child writes into captures."""

    def turn(self, seconds: float) -> None:
        """Move what is there, and wait for more for at most `seconds`."""

    @property
    def open(self) -> bool:
        """Whether somebody still holds the other end of a pipe."""

    def close(self) -> None:
        """Let go of the pipes, whoever still writes into them."""


class SelectorPump:
    """Pipes and the end of the process (a pidfd, where there is one) waited for in one call; POSIX only."""

    def __init__(self, streams: list[tuple[IO[bytes], Capture]], pid: int) -> None:
        self._streams = streams
        self._selector = selectors.DefaultSelector()
        self._pidfd = _pidfd(pid)
        self._drips = False
        for stream, capture in streams:
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, capture)
        if self._pidfd is not None:
            self._selector.register(self._pidfd, selectors.EVENT_READ, None)

    def turn(self, seconds: float) -> None:
        """Move what is there, and wait for more for at most `seconds`."""
        if not self._selector.get_map():
            time.sleep(min(seconds, 0.01))
            return
        if self._drips and self._pidfd is not None:
            _ends(self._pidfd, min(seconds, REST))
        moved = 0
        for key, _events in self._selector.select(seconds if self._pidfd is not None else min(seconds, 0.01)):
            if key.data is None:
                self._forget_process()
            else:
                moved += self._move(key.fileobj, key.data)
        self._drips = 0 < moved < DRIP

    def _move(self, stream: object, capture: Capture) -> int:
        try:
            data = os.read(stream.fileno(), CHUNK)  # type: ignore[attr-defined]
        except BlockingIOError:
            return 0
        except OSError:
            data = b""
        if data:
            capture.write(data)
        else:
            self._selector.unregister(stream)  # type: ignore[arg-type]
        return len(data)

    def _forget_process(self) -> None:
        if self._pidfd is not None:
            self._selector.unregister(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    @property
    def open(self) -> bool:
        """Whether somebody still holds the other end of a pipe."""
        return any(key.data is not None for key in self._selector.get_map().values())

    def close(self) -> None:
        """Let go of the pipes, whoever still writes into them."""
        self._forget_process()
        self._selector.close()
        for stream, _capture in self._streams:
            stream.close()


class ThreadPump:
    """One thread per pipe, for platforms where pipes cannot be selected."""

    def __init__(self, streams: list[tuple[IO[bytes], Capture]]) -> None:
        self._streams = streams
        self._moved = threading.Event()
        self._threads = [threading.Thread(target=self._drain, args=pair, name="pipe", daemon=True) for pair in streams]
        for thread in self._threads:
            thread.start()

    def _drain(self, stream: IO[bytes], capture: Capture) -> None:
        while True:
            try:
                data = os.read(stream.fileno(), CHUNK)
            except (OSError, ValueError):
                data = b""
            self._moved.set()
            if not data:
                return
            capture.write(data)

    def turn(self, seconds: float) -> None:
        """Wait for more for at most `seconds`, and not much longer than the process lives."""
        self._moved.wait(min(seconds, 0.01))
        self._moved.clear()

    @property
    def open(self) -> bool:
        """Whether somebody still holds the other end of a pipe."""
        return any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Let go of the pipes that have ended; a thread that still reads keeps its own until the writer ends."""
        for thread, (stream, _capture) in zip(self._threads, self._streams, strict=True):
            if not thread.is_alive():
                stream.close()


def pump(streams: list[tuple[IO[bytes], Capture]], pid: int) -> Pump:
    """The pump that fits this platform."""
    return ThreadPump(streams) if os.name == "nt" else SelectorPump(streams, pid)


def _pidfd(pid: int) -> int | None:
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        descriptor: int = opener(pid)
    except OSError:
        return None
    return descriptor


def _ends(pidfd: int, seconds: float) -> bool:
    """Whether the process ends within `seconds`, which are waited for."""
    ending = select.poll()
    ending.register(pidfd, select.POLLIN)
    return bool(ending.poll(seconds * 1000))
