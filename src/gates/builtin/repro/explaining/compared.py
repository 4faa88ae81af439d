"""Compared: every attribute by which two artifacts differ, however deep."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gates.builtin.repro.facts import Attribute


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of one member: as it is in the first archive, and as it is in the second."""

    member: str
    attribute: Attribute
    before: str
    after: str
    excerpt: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when the values do not."""
        return (self.member, self.attribute)


def changes(first: Path, second: Path) -> tuple[Change, ...]:
    """What differs between two artifacts of one kind, sorted by member and attribute; none if they are the same bytes.

    Where their bytes differ there is at least one change.

    Raises:
        Unsafe: one of them must not be read.
    """
    raise NotImplementedError
