"""Package: one distribution that a build is made with."""

from __future__ import annotations

from gates.model.tested import Fact


class Package(Fact, frozen=True, kw_only=True):
    """One distribution of a build environment; `sha256` is that of the file it came from, "" where it is unknown."""

    name: str
    version: str
    sha256: str
