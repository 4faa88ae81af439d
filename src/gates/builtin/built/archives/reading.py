"""Reading: an archive of any kind, from a file or from bytes, without unpacking anything onto the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gates.builtin.built.archives import streams, tars, zips
from gates.builtin.built.archives.limits import Budget, Limits
from gates.builtin.built.archives.member import Archive, Member, Unsafe
from gates.builtin.built.archives.names import refuse_duplicates, refuse_escapes

Escaping = Literal["refuse", "keep"]
ZIP_STARTS = (b"PK\3\4", b"PK\5\6")


def read(path: Path, *, limits: Limits | None = None, escaping: Escaping = "refuse") -> Archive:
    """The archive in a file: zip (wheel, egg, jar), tar, and tar packed by gzip, bzip2 or xz.

    `escaping` says what becomes of members that would lie outside of the folder, and of devices: `keep` leaves them in
    the archive for `names.escapes` to name.

    Raises:
        Unsafe: it cannot or must not be read.
    """
    bounds = limits or Limits()
    try:
        if path.stat().st_size > bounds.packed:
            raise Unsafe(f"is larger than {bounds.packed:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise Unsafe(f"cannot be read ({error.strerror})") from error
    return read_bytes(data, limits=bounds, escaping=escaping)


def read_bytes(data: bytes, *, limits: Limits | None = None, escaping: Escaping = "refuse", name: str = "") -> Archive:
    """The archive in bytes; a packed file that is no tar is an archive of one member, with `name` less its suffix.

    Raises:
        Unsafe: it cannot or must not be read.
    """
    if not data:
        raise Unsafe("is empty")
    budget = Budget(limits or Limits(), len(data))
    archive = _archive(data, budget, name)
    if archive is None:
        raise Unsafe("is neither a zip nor a tar file")
    refuse_duplicates(archive)
    if escaping == "refuse":
        refuse_escapes(archive)
    return archive


def nested(data: bytes, other: bytes) -> bool:
    """Whether both are archives to look into, by how they begin."""
    return all(_start(each) for each in (data, other)) and _start(data) == _start(other)


def _start(data: bytes) -> str:
    if data.startswith(ZIP_STARTS):
        return "zip"
    return streams.sniffed(data) or ("tar" if data[257:262] == b"ustar" and tars.sniffed(data) else "")


def _archive(data: bytes, budget: Budget, name: str) -> Archive | None:
    packed = streams.sniffed(data)
    if not packed:
        if tars.sniffed(data):
            return tars.read(data, budget)
        # a zip may have anything before it, such as the start of a program
        return zips.read(data, budget) if b"PK\5\6" in data or data.startswith(ZIP_STARTS) else None
    stream = streams.unpacked(data, budget)
    if tars.sniffed(stream.content):
        inside = tars.read(stream.content, Budget(budget.limits, len(stream.content)))
        around = {**inside.around, **stream.around, "tar": streams.digest(stream.content)}
        return Archive(format=f"tar.{packed}", members=inside.members, around=around)
    if not name:
        return None
    return Archive(format=packed, members=(_alone(stream, name),), around=stream.around)


def _alone(stream: streams.Unpacked, name: str) -> Member:
    base = name.rsplit("/", 1)[-1]
    return Member(
        name=base.removesuffix(f".{stream.suffix}") or "content",
        kind="file",
        mode=0,
        mtime=None,
        owner="",
        target="",
        content=stream.content,
        header={},
        compressed="",
    )
