"""Streams: gzip, bzip2 and xz files unpacked within a budget, and what their headers say."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gates.builtin.built.archives.limits import Budget
from gates.builtin.built.archives.member import Unsafe
from gates.builtin.built.archives.names import shown

STEP = 1024**2
DAMAGED = "is damaged or cut off"


class Unpacked(msgspec.Struct, frozen=True, kw_only=True):
    """A stream: which (`gz`, `bz2`, `xz`), its content, the name in its header, and what is around the content."""

    suffix: str
    content: bytes
    name: str
    around: Mapping[str, str]


def sniffed(data: bytes) -> str:
    """`gz`, `bz2`, `xz`, or "" where it is none of them."""
    for suffix, magic in (("gz", b"\x1f\x8b"), ("bz2", b"BZh"), ("xz", b"\xfd7zXZ\0")):
        if data.startswith(magic):
            return suffix
    return ""


def unpacked(data: bytes, budget: Budget) -> Unpacked:
    """The content of a stream that `sniffed` knows.

    Raises:
        Unsafe: it is damaged, or too large.
    """
    suffix = sniffed(data)
    try:
        if suffix == "gz":
            return _gzip(data, budget)
        makers: dict[str, Callable[[], Any]] = {
            "bz2": bz2.BZ2Decompressor,
            "xz": lambda: lzma.LZMADecompressor(memlimit=256 * STEP),
        }
        content = _streams(data, makers[suffix], budget)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, IndexError) as error:
        raise Unsafe(DAMAGED) from error
    return Unpacked(suffix=suffix, content=content, name="", around={"compressed": digest(data)})


def digest(data: bytes) -> str:
    """Size and SHA-256 of bytes, short."""
    return f"{len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}"


def inflated(data: bytes, budget: Budget, most: int) -> bytes:
    """The content of a raw deflate stream that fills `data`; `most` is how much it may unpack to.

    Raises:
        Unsafe: it is damaged, or larger.
    """
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = _bounded(machine, data, budget, most)
    except zlib.error as error:
        raise Unsafe(DAMAGED) from error
    if not machine.eof or machine.unused_data:
        raise Unsafe(DAMAGED)
    return content


def bunzipped(data: bytes, budget: Budget) -> bytes:
    """The content of the bzip2 stream of a member.

    Raises:
        Unsafe: it is damaged, or too large.
    """
    try:
        return _streams(data, bz2.BZ2Decompressor, budget)
    except (OSError, EOFError, ValueError) as error:
        raise Unsafe(DAMAGED) from error


def _bounded(machine: Any, data: bytes, budget: Budget, most: int) -> bytes:
    """What a zlib object makes of the data, never more than one step beyond what is allowed."""
    parts: list[bytes] = []
    size = 0
    while not machine.eof:
        part = machine.decompress(data, STEP)
        size += len(part)
        budget.unpack(len(part))
        if size > most:
            raise Unsafe("holds a member that unpacks to more than its header says")
        parts.append(part)
        data = machine.unconsumed_tail
        if not part and not data:
            break
    return b"".join(parts)


def _streams(data: bytes, make: Callable[[], Any], budget: Budget) -> bytes:
    """What streams after one another unpack to."""
    parts: list[bytes] = []
    while data:
        machine = make()
        fresh = data
        while not machine.eof:
            if machine.needs_input and not fresh:
                raise Unsafe(DAMAGED)
            part = machine.decompress(fresh, STEP)
            fresh = b""
            budget.unpack(len(part))
            parts.append(part)
        data = machine.unused_data
    return b"".join(parts)


def _gzip(data: bytes, budget: Budget) -> Unpacked:
    """RFC 1952: header, deflate stream, CRC and size; more of the same may follow, and zeros."""
    parts: list[bytes] = []
    around: dict[str, str] = {}
    name = ""
    rest = data
    streams = hashlib.sha256()
    count = packed = 0
    while rest and (count == 0 or rest.strip(b"\0")):
        header = _header(rest)
        machine = zlib.decompressobj(-zlib.MAX_WBITS)
        part = _bounded(machine, rest[header.length :], budget, budget.limits.total)
        trailer = machine.unused_data[:8]
        if not machine.eof or len(trailer) < 8 or trailer != _trailer(part):
            raise Unsafe(DAMAGED)
        stream = rest[header.length : len(rest) - len(machine.unused_data)]
        streams.update(stream)
        packed += len(stream)
        if count == 0:
            name = header.name
            around = {"gzip-mtime": str(header.mtime), "gzip-header": header.shown}
        elif header.shown != around["gzip-header"] or str(header.mtime) != around["gzip-mtime"]:
            around[f"gzip-header {count + 1}"] = f"{header.shown}, time {header.mtime}"
        parts.append(part)
        count += 1
        rest = machine.unused_data[8:]
    around["compressed"] = f"{packed:,} bytes, sha256 {streams.hexdigest()[:16]}"
    if count > 1:
        around["gzip-streams"] = str(count)
    if rest:
        around["after"] = f"{len(rest):,} zero bytes"
    return Unpacked(suffix="gz", content=b"".join(parts), name=name, around=around)


def _trailer(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    mtime: int
    shown: str
    name: str
    length: int


def _header(data: bytes) -> _Header:
    if data[:3] != b"\x1f\x8b\x08" or len(data) < 10:
        raise Unsafe(DAMAGED)
    flags, xfl, system = data[3], data[8], data[9]
    at = 10
    fields = [f"flags {flags}", f"level {xfl}", f"system {system}"]
    name = ""
    if flags & 4:
        size = int.from_bytes(data[at : at + 2], "little")
        fields.append(f"extra {data[at + 2 : at + 2 + size].hex()[:64]}")
        at += 2 + size
    for bit, word in ((8, "name"), (16, "comment")):
        if flags & bit:
            end = data.index(b"\0", at)
            text = data[at:end].decode("latin-1")
            fields.append(f"{word} {shown(text)}")
            name = text if bit == 8 else name
            at = end + 1
    if flags & 2:
        at += 2
    return _Header(mtime=int.from_bytes(data[4:8], "little"), shown=", ".join(fields), name=name, length=at)
