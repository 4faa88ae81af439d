"""How two wheels or two source distributions differ: attribute by attribute, member by member."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

Rows = frozenset[tuple[str, str]]
"""Pairs of attribute and member; the member of what belongs to the archive as a whole is empty."""
Attributes = Mapping[str, object]


def differences(one: Path, other: Path) -> Rows:
    """What differs between two artifacts of one kind."""
    first, second = one.read_bytes(), other.read_bytes()
    if first == second and one.name == other.name:
        return frozenset()
    kind = _wheel if one.suffix == ".whl" else _sdist
    whole, members = kind(first)
    whole_too, members_too = kind(second)
    found = {("name", "")} if one.name != other.name else set()
    found.update((key, "") for key in whole.keys() | whole_too.keys() if whole.get(key) != whole_too.get(key))
    found.update(("presence", name) for name in members.keys() ^ members_too.keys())
    common = members.keys() & members_too.keys()
    if [name for name in members if name in common] != [name for name in members_too if name in common]:
        found.add(("order", ""))
    for name in common:
        held, held_too = members[name], members_too[name]
        found.update((key, name) for key in held if held[key] != held_too[key])
    return frozenset(found or {("compressed bytes", "")})


def _wheel(data: bytes) -> tuple[Attributes, dict[str, Attributes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, Attributes] = {}
        for one in archive.infolist():
            members[_apart(one.filename, members)] = {
                "mtime": one.date_time,
                "mode": one.external_attr,
                "header": (one.create_system, one.compress_type, one.flag_bits, one.extra, one.comment),
                "content": hashlib.sha256(archive.read(one)).digest(),
            }
        return {"comment": archive.comment}, members


def _sdist(data: bytes) -> tuple[Attributes, dict[str, Attributes]]:
    whole = {
        "gzip mtime": data[4:8],
        "gzip header": data[:4] + data[8:10] + (data[10:].split(b"\0")[0] if data[3] & 8 else b""),
    }
    members: dict[str, Attributes] = {}
    stream = gzip.decompress(data)
    with tarfile.open(fileobj=io.BytesIO(stream)) as archive:
        for one in archive:
            content = archive.extractfile(one) if one.isreg() else None
            members[_apart(one.name, members)] = {
                "mtime": one.mtime,
                "mode": one.mode,
                "owner": (one.uid, one.gid, one.uname, one.gname),
                "type": (one.type, one.linkname),
                "header": sorted((key, value) for key, value in one.pax_headers.items() if key != "mtime"),
                "content": hashlib.sha256(content.read()).digest() if content else b"",
            }
    return whole, members


def _apart(name: str, members: Mapping[str, Attributes]) -> str:
    """A key for a member; hatchling writes PKG-INFO twice where the tree has one."""
    return name if name not in members else _apart(f"{name} again", members)
