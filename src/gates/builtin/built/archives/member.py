"""Member: one file of an archive, with all that the archive says of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Unsafe(Exception):  # noqa: N818 - what it is about
    """An archive that must not be read on: it leads out of its folder, unpacks to too much, or is damaged.

    The message is one clause without the archive's own name.
    """


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One member. `mode` are permission bits (and type) as stored, `mtime` is in seconds (fractions in tars) or None.

    `mtime` of a zip is the local time as written, as if it were UTC. `kind` is `file`, `folder`, `link` (symbolic),
    `hardlink` or `other`. `header` are other fields that make bytes differ, by name. `compressed` is the SHA-256 of its
    compressed bytes in a zip, "" in a tar.
    """

    name: str
    kind: str
    mode: int
    mtime: float | None
    owner: str
    target: str
    content: bytes
    header: Mapping[str, str]
    compressed: str


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive read: its members in their order, and what is around them (`gzip-mtime`, `gzip-header`, `comment`)."""

    format: str
    members: tuple[Member, ...]
    around: Mapping[str, str]
