"""Tars: members of a tar file, with every field of their headers and the extended ones."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from gates.builtin.built.archives.limits import Budget
from gates.builtin.built.archives.member import Archive, Member, Unsafe
from gates.builtin.built.archives.names import shown
from gates.builtin.built.archives.streams import DAMAGED, digest

FOLDED = {
    "path": "name", "linkpath": "link", "mtime": "mtime", "uid": "owner", "gid": "owner", "uname": "owner",
    "gname": "owner", "size": "content",
}  # fmt: skip
"""Extended headers that say a field again, and the attribute in which their value is already seen."""
EXTENDED = 16 * 1024
"""Bytes of one extended header: a path has at most 4,096, and reading them takes time in the square of their number."""
KINDS = {
    tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.CONTTYPE: "file", tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "hardlink",
}  # fmt: skip
EXTENDING = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
             tarfile.GNUTYPE_LONGLINK}  # fmt: skip


class _Info(tarfile.TarInfo):
    """A header that keeps which format it is written in."""

    magic = b""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Info:
        info = super().frombuf(buf, encoding, errors)
        if info.type in EXTENDING and info.size > EXTENDED:
            raise Unsafe(f"holds an extended header of more than {EXTENDED:,} bytes")
        if info.size < 0:
            raise Unsafe(DAMAGED)
        info.magic = bytes(buf[257:265])
        return info


def sniffed(data: bytes) -> bool:
    """Whether the bytes are a tar file: a header with a right checksum at its start, or nothing but zeros."""
    start = data[: tarfile.BLOCKSIZE]
    if len(start) == tarfile.BLOCKSIZE and not start.strip(b"\0"):
        return True
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def read(data: bytes, budget: Budget) -> Archive:
    """The members in their order.

    Raises:
        Unsafe: it is damaged, cut off, or too large.
    """
    members: list[Member] = []
    try:
        with tarfile.open(
            fileobj=io.BytesIO(data), mode="r:", tarinfo=_Info, encoding="utf-8", errors="surrogateescape"
        ) as archive:
            infos = []
            for info in archive:
                budget.meet()
                infos.append(info)
            world = dict(archive.pax_headers)
        end = 0
        for info in infos:
            member, end = _member(data, info, world, budget)
            members.append(member)
    except (tarfile.TarError, ValueError, EOFError, OSError, OverflowError, IndexError, KeyError) as error:
        raise Unsafe(DAMAGED) from error
    rest = data[end:]
    if len(rest) < 2 * tarfile.BLOCKSIZE or rest.strip(b"\0"):
        raise Unsafe(DAMAGED)
    around = {f"pax {key}": shown(value)[:120] for key, value in world.items()}
    return Archive(format="tar", members=tuple(members), around={**around, "padding": f"{len(rest):,} zero bytes"})


def _member(data: bytes, info: tarfile.TarInfo, world: Mapping[str, str], budget: Budget) -> tuple[Member, int]:
    """The member, and where the next one begins."""
    kind = KINDS.get(info.type, "other")
    if info.issparse():
        raise Unsafe(f"holds the sparse file {shown(info.name)}")
    size = info.size if kind == "file" else 0
    if size > budget.limits.member:
        raise Unsafe(f"holds {shown(info.name)}, which is larger than {budget.limits.member:,} bytes")
    content = data[info.offset_data : info.offset_data + size]
    if len(content) != size:
        raise Unsafe(DAMAGED)
    end = info.offset_data + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    padding = data[info.offset_data + size : end]
    header = {"format": _format(info), **_extended(info, world)}
    if padding.strip(b"\0"):
        header["padding"] = digest(padding)
    if info.devmajor or info.devminor:
        header["device"] = f"{info.devmajor}:{info.devminor}"
    if info.type not in {tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE}:
        header["type"] = repr(info.type)[1:]
    member = Member(
        name=info.name,
        kind=kind,
        mode=info.mode,
        mtime=float(info.mtime),
        owner=f"uid {info.uid} {shown(info.uname)} / gid {info.gid} {shown(info.gname)}",
        target=info.linkname if kind in {"link", "hardlink"} else "",
        content=content,
        header=header,
        compressed="",
    )
    return member, end


def _format(info: tarfile.TarInfo) -> str:
    magic = getattr(info, "magic", b"")
    return {tarfile.GNU_MAGIC: "gnu", tarfile.POSIX_MAGIC: "ustar"}.get(magic, shown(magic.decode("latin-1")) or "v7")


def _extended(info: tarfile.TarInfo, world: Mapping[str, str]) -> dict[str, str]:
    """Extended headers of this member alone; of those in `FOLDED` only that they are there."""
    own = {key: value for key, value in info.pax_headers.items() if world.get(key) != value}
    return {f"pax {shown(key)}": "written" if key in FOLDED else shown(str(value))[:120] for key, value in own.items()}
