"""Artifact: a wheel or a source distribution that a build left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["wheel", "sdist"]
KINDS: tuple[Kind, ...] = ("sdist", "wheel")


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One file that a build hook made: `sha256` in hex, `size` in bytes."""

    kind: Kind
    path: Path
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.name
