"""Shard: the part of a suite that one of several machines runs."""

from __future__ import annotations

import msgspec


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a suite: `index` of `count`, counted from 1."""

    index: int
    count: int

    def __str__(self) -> str:
        """`2/4`."""
        return f"{self.index}/{self.count}"
