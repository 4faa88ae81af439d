"""Heads: a line for each run that was closed, in a chain of its own: who holds its last digest holds them all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pytest_vltair import filelock
from pytest_vltair.chain import ZEROS, Codec, linked

NAME = "heads.jsonl"
TAIL = 1 << 16
"""Bytes at the end of the file in which the last whole line is looked for."""
REMEMBERED = 4 << 20
"""Bytes at the end in which an earlier attempt is looked for: some ten thousand runs."""
PATIENCE = 5.0
"""Seconds to wait for whoever else closes a run; it takes less than a thousandth of that."""

UNREADABLE = (ValueError, LookupError, TypeError, OverflowError, RecursionError)
"""What reading a line raises that nobody here wrote."""

_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Heads(NamedTuple):
    """How many lines there are, the digest of the last one, and when that was written ("" where there is none)."""

    lines: int = 0
    chain: str = ZEROS
    at: str = ""


class Earlier(NamedTuple):
    """The last attempt at the same question."""

    span_id: str
    attempt: int


def read(folder: Path, codec: Codec) -> Heads:
    """The heads of the closed runs in `folder`.

    Raises:
        OSError: the file is there and cannot be read.
    """
    return _last(_tail(folder / NAME, TAIL), codec)


def earlier(folder: Path, trace_id: str, codec: Codec) -> Earlier | None:
    """The last closed run of this trace, or None.

    Raises:
        OSError: the file is there and cannot be read.
    """
    data = _tail(folder / NAME, REMEMBERED)
    data = data[: data.rfind(b"\n") + 1]  # somebody may be writing the last line
    at = data.rfind(b'"trace_id":"' + trace_id.encode() + b'"')
    if at < 0:
        return None
    try:
        line = codec.decode(data[data.rfind(b"\n", 0, at) + 1 : data.find(b"\n", at)])
        return Earlier(str(line["span_id"]), int(line["attempt"]))
    except UNREADABLE:
        return None


def append(folder: Path, fields: dict[str, Any], codec: Codec, *, once: str | None = None) -> Heads:
    """Add a line; with `once`, not where a line about that file is there already.

    What a killed process left of a line is cut off: it was never acknowledged. A line that is whole and lost its end,
    which editors do, gets it back.

    Raises:
        OSError: it cannot be written, or others kept it locked.
    """
    descriptor = os.open(folder / NAME, _APPEND, 0o666)
    try:
        if not filelock.wait(descriptor, PATIENCE):
            raise TimeoutError(f"another process keeps {NAME} locked")
        data = _mended(descriptor, _tail(folder / NAME, TAIL), codec)
        if once is not None and b'"file":"' + once.encode() + b'"' in _tail(folder / NAME, REMEMBERED):
            return _last(data, codec)
        before = _last(data, codec)
        line, digest = linked({**fields, "seq": before.lines}, before.chain, codec)
        whole(descriptor, line)
        return Heads(before.lines + 1, digest, str(fields["at"]))
    finally:
        os.close(descriptor)


def settled(folder: Path) -> bytes:
    """All of the file, without a line that somebody is writing; what a killed process left of one is there.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    path = folder / NAME
    data = path.read_bytes()
    if not data or data.endswith(b"\n"):
        return data
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):
            filelock.wait(descriptor, PATIENCE)
        return path.read_bytes()
    finally:
        os.close(descriptor)


def whole(descriptor: int, data: bytes) -> None:
    """Append all of `data`, or nothing.

    Raises:
        OSError: it could not be written; what was written of it is cut off again.
    """
    size = os.fstat(descriptor).st_size
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _tail(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(length - size, 0))
            return file.read()
    except FileNotFoundError:
        return b""


def _mended(descriptor: int, data: bytes, codec: Codec) -> bytes:
    """The end of the file, of which all lines are whole now."""
    start = data.rfind(b"\n") + 1
    if start == len(data):
        return data
    if _last(data[start:] + b"\n", codec).lines:
        whole(descriptor, b"\n")
        return data + b"\n"
    os.ftruncate(descriptor, os.fstat(descriptor).st_size - (len(data) - start))
    return data[:start]


def _last(data: bytes, codec: Codec) -> Heads:
    for line in reversed(data.split(b"\n")[:-1]):
        try:
            found = codec.decode(line)
            return Heads(int(found["seq"]) + 1, str(found["chain"]), str(found["at"]))
        except UNREADABLE:
            continue
    return Heads()
