"""Record file: the form in which the expected hashes are committed."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gates.builtin.built.artifact import Kind
from gates.builtin.built.package import Package
from gates.builtin.repro.facts import Expected, Recorded, Toolchain
from gates.model.evidence import counted
from gates.model.reason import ReasonCode
from gates.model.tested import Fact

SCHEMA_VERSION = 1
LIMIT = 4 << 20
"""Bytes; a record with a hundred packages has some 20,000."""

CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Meta(min_length=1, pattern=r"^[^/\\\x00-\x1f]+$")]


class DamagedError(Exception):
    """A record that cannot be used: a clause that goes on after its name."""

    def __init__(self, message: str, code: ReasonCode = "evidence_corrupt") -> None:
        super().__init__(message)
        self.code = code


class _Package(Fact, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1)]
    version: Annotated[str, Meta(min_length=1)]
    sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")]


class _Toolchain(Fact, frozen=True, kw_only=True):
    python: str
    zlib: str
    platform: str
    backend: str
    packages: tuple[_Package, ...]


class _Artifact(Fact, frozen=True, kw_only=True):
    kind: Kind
    name: Name
    sha256: Digest


class _File(Fact, frozen=True, kw_only=True):
    schema_version: int
    gate: str
    sources: Digest
    source_date_epoch: int
    toolchain: _Toolchain
    artifacts: Annotated[tuple[_Artifact, ...], Meta(min_length=1)]


def is_inside(name: str) -> bool:
    """Whether a path that the settings name is one below the project's root, on every system."""
    absolute = PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).root
    return not absolute and ".." not in re.split(r"[/\\]", name)


def data_of(place: Path) -> bytes:
    """The bytes of the file.

    Raises:
        OSError: it cannot be read.
        DamagedError: it is no file, or larger than any record.
    """
    known = place.stat()
    if not stat.S_ISREG(known.st_mode):
        raise DamagedError("is no file", "unreadable")
    if known.st_size > LIMIT:
        raise DamagedError(f"has {known.st_size:,} bytes, and {LIMIT:,} are the most that is read")
    return place.read_bytes()


def parse(data: bytes, path: str) -> Recorded:
    """The record that `data` holds; `path` is what it is called.

    Raises:
        DamagedError: it is cut off, changed, of another gate or version, or in the middle of a merge.
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.startswith(CONFLICT):
            raise DamagedError(f"has a merge conflict in line {number}; write it anew, for the merged sources")
    raw = _decoded(data, Any)
    if not isinstance(raw, Mapping) or raw.get("gate") != "repro":
        raise DamagedError("is no record of the gate repro", "evidence_foreign")
    if raw.get("schema_version") != SCHEMA_VERSION:
        message = f"has schema_version {raw.get('schema_version')}, and this gates reads {SCHEMA_VERSION}"
        raise DamagedError(message, "schema_version_mismatch")
    held: _File = _decoded(data, _File)
    return _recorded(held, path)


def encode(recorded: Recorded) -> bytes:
    """The file: the same record, the same bytes, whatever the order of its lists."""
    held = _File(
        schema_version=SCHEMA_VERSION,
        gate="repro",
        sources=recorded.sources,
        source_date_epoch=recorded.epoch,
        toolchain=_Toolchain(
            python=recorded.toolchain.python,
            zlib=recorded.toolchain.zlib,
            platform=recorded.toolchain.platform,
            backend=recorded.toolchain.backend,
            packages=tuple(
                _Package(name=one.name, version=one.version, sha256=one.sha256)
                for one in sorted(recorded.toolchain.packages.items, key=lambda one: (one.name, one.version))
            ),
        ),
        artifacts=tuple(
            _Artifact(kind=one.kind, name=one.name, sha256=one.sha256)
            for one in sorted(recorded.expected.items, key=lambda one: (one.kind, one.name))
        ),
    )
    return msgspec.json.format(msgspec.json.encode(held, order="sorted"), indent=2) + b"\n"


def _recorded(held: _File, path: str) -> Recorded:
    kinds = [one.kind for one in held.artifacts]
    if len(kinds) != len(set(kinds)):
        raise DamagedError("names two artifacts of one kind")
    names = [one.name for one in held.toolchain.packages]
    if len(names) != len(set(names)):
        raise DamagedError("names one package twice")
    tools = held.toolchain
    return Recorded(
        path=path,
        sources=held.sources,
        epoch=held.source_date_epoch,
        toolchain=Toolchain(
            python=tools.python,
            zlib=tools.zlib,
            platform=tools.platform,
            backend=tools.backend,
            packages=counted(Package(name=one.name, version=one.version, sha256=one.sha256) for one in tools.packages),
        ),
        expected=counted(Expected(kind=one.kind, name=one.name, sha256=one.sha256) for one in held.artifacts),
    )


def _decoded(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedError(f"is damaged: {error}") from error
