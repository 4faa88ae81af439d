"""Archives from plain values, of which a test changes one."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A member; what a format has no place for is left out there."""

    name: str
    content: bytes = b""
    mode: int = 0o100644
    time: tuple[int, int, int, int, int, int] = (2020, 9, 13, 12, 26, 40)
    system: int = 3
    dos: int = 0
    internal: int = 0
    extra: bytes = b""
    comment: bytes = b""
    version: int = 20
    method: int = zipfile.ZIP_DEFLATED
    level: int = 9
    mtime: float = 1600000000
    uid: int = 0
    gid: int = 0
    uname: str = "root"
    gname: str = "root"
    kind: bytes = tarfile.REGTYPE
    target: str = ""
    pax: Mapping[str, str] = field(default_factory=dict)


def zipped(entries: Sequence[Entry], *, comment: bytes = b"", before: bytes = b"", stream: bool = False) -> bytes:
    """A zip file; with `stream`, sizes stand behind the members in data descriptors."""
    out = io.BytesIO()
    out.write(before)
    target = _Unseekable(out) if stream else out
    with zipfile.ZipFile(target, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, entry.time)
            info.external_attr = entry.mode << 16 | entry.dos
            info.create_system, info.internal_attr = entry.system, entry.internal
            info.create_version, info.extra, info.comment = entry.version, entry.extra, entry.comment
            archive.writestr(info, entry.content, compress_type=entry.method, compresslevel=entry.level)
        archive.comment = comment
    return out.getvalue()


class _Unseekable(io.RawIOBase):
    def __init__(self, out: io.BytesIO) -> None:
        self.out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self.out.write(data)  # type: ignore[arg-type]

    def flush(self) -> None:
        """Nothing is held back."""


def tarred(
    entries: Sequence[Entry], *, form: int = tarfile.PAX_FORMAT, world: Mapping[str, str] | None = None
) -> bytes:
    """A plain tar file."""
    out = io.BytesIO()
    headers = dict(world or {}) if form == tarfile.PAX_FORMAT else None
    with tarfile.open(fileobj=out, mode="w", format=form, pax_headers=headers) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.mode, info.mtime, info.type, info.linkname = entry.mode & 0o7777, entry.mtime, entry.kind, entry.target
            info.uid, info.gid, info.uname, info.gname = entry.uid, entry.gid, entry.uname, entry.gname
            info.pax_headers = dict(entry.pax)
            info.size = len(entry.content) if entry.kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(entry.content))
    return out.getvalue()


def gzipped(data: bytes, *, mtime: int = 1600000000, level: int = 9, name: str = "") -> bytes:
    """A gzip file."""
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", level, out, mtime) as stream:
        stream.write(data)
    return out.getvalue()


def pair(folder: Path, first: bytes, second: bytes, name: str = "pkg-1.0.bin") -> tuple[Path, Path]:
    """Two files of one name."""
    paths = (folder / "first" / name, folder / "second" / name)
    for path, data in zip(paths, (first, second), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return paths
