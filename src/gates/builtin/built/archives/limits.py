"""Limits: how much an archive may hold and unpack to before it is left unread."""

from __future__ import annotations

import msgspec

from gates.builtin.built.archives.member import Unsafe


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one archive: bytes of the file, of one member and of all together unpacked, and members.

    `ratio` is unpacked over packed bytes, and counts from `free` unpacked bytes on: deflate alone reaches 1,030, and
    a bomb lives on that. `depth` is how many archives may lie within one another.
    """

    packed: int = 1024**3
    member: int = 512 * 1024**2
    total: int = 1024**3
    members: int = 100_000
    ratio: int = 200
    free: int = 16 * 1024**2
    depth: int = 4


class Budget:
    """What is left of the limits while one archive is read."""

    def __init__(self, limits: Limits, packed: int) -> None:
        """`packed` is the size of the archive's file."""
        if packed > limits.packed:
            raise Unsafe(f"is larger than {limits.packed:,} bytes")
        self.limits = limits
        self.packed = max(packed, 1)
        self.unpacked = 0
        self.members = 0

    @property
    def left(self) -> int:
        """How many bytes may still be unpacked."""
        by_ratio = max(self.limits.free, self.packed * self.limits.ratio)
        return min(self.limits.total, by_ratio) - self.unpacked

    def unpack(self, size: int) -> None:
        """Count unpacked bytes.

        Raises:
            Unsafe: they are too many, in all or for the size of the file.
        """
        if size > self.left:
            raise Unsafe(
                f"unpacks {self.packed:,} bytes to more than {self.unpacked + self.left:,}, as archives do that are"
                " made to exhaust a machine"
            )
        self.unpacked += size

    def meet(self) -> None:
        """Count one member.

        Raises:
            Unsafe: there are too many.
        """
        self.members += 1
        if self.members > self.limits.members:
            raise Unsafe(f"holds more than {self.limits.members:,} members")
