"""Matching: whether a record is about a version, by OSV's own rules (OSV schema, "Evaluation").

Only versions are compared, as PEP 440 orders them; ranges of commits say nothing about a release.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from packaging.version import Version

ECOSYSTEM = "PyPI"


class Event(msgspec.Struct, frozen=True):
    """One end of a range; exactly one of the fields is set."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class Range(msgspec.Struct, frozen=True):
    """Versions or commits between events."""

    type: str
    events: tuple[Event, ...] = ()


class Package(msgspec.Struct, frozen=True):
    """What a record is about; an ecosystem may have a suffix after a colon."""

    name: str
    ecosystem: str


class Affected(msgspec.Struct, frozen=True):
    """The versions of one package."""

    package: Package | None = None
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it is about a distribution of Python's index."""
        return self.package is not None and self.package.ecosystem.partition(":")[0] == ECOSYSTEM


class UnclearError(ValueError):
    """A record from which nobody can tell whether it is about a version; its text is one clause."""


def affects(held: Affected, version: str) -> bool:
    """Whether `version` is among those of `held`.

    Raises:
        UnclearError: it names neither versions nor a range of them, or one that is no version.
    """
    usable = [one for one in held.ranges if one.type in {"ECOSYSTEM", "SEMVER"}]
    if not usable and not held.versions:
        raise UnclearError("names neither versions nor a range of versions")
    if version in held.versions or any(_within(one, version) for one in usable):
        return True
    wanted = _parsed(version)
    return any(_same(one, wanted) for one in held.versions)


def _within(held: Range, version: str) -> bool:
    wanted = _parsed(version)
    limits = [one.limit for one in held.events if one.limit is not None]
    if limits and not any(one == "*" or wanted < _parsed(one) for one in limits):
        return False
    if not any(one.introduced is not None for one in held.events):
        raise UnclearError("has a range that begins nowhere")
    inside = False
    for at, kind in sorted(_ends(held), key=lambda end: (end[0] is not None, end[0] or _zero(), end[1])):
        reached = at is None or wanted >= at
        if kind == _INTRODUCED and reached:
            inside = True
        elif (kind == _FIXED and reached) or (kind == _LAST and at is not None and _labelled(wanted, at) > at):
            inside = False
    return inside


_FIXED, _INTRODUCED, _LAST = 0, 1, 2
"""In this order at one version: what is introduced again where it was fixed is there."""


def _ends(held: Range) -> Iterator[tuple[Version | None, int]]:
    for one in held.events:
        if one.introduced is not None:
            yield (None if one.introduced == "0" else _parsed(one.introduced)), _INTRODUCED
        elif one.fixed is not None:
            yield _parsed(one.fixed), _FIXED
        elif one.last_affected is not None:
            yield _parsed(one.last_affected), _LAST


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Version:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        raise UnclearError(f"names {text[:40]!r}, which is no version") from None


def _labelled(wanted: Version, named: Version) -> Version:
    """`wanted` without its local label where `named` has none: `2.0+cpu` is a build of 2.0 (PEP 440, "==" and "<=")."""
    return wanted if named.local or not wanted.local else _parsed(wanted.public)


def _zero() -> Version:
    return _parsed("0.dev0")


def _same(text: str, wanted: Version) -> bool:
    try:
        listed = _parsed(text)
        return listed == _labelled(wanted, listed)
    except UnclearError:
        # Releases from before PEP 440 are listed as they were named, and are none that is asked about.
        return False
