"""Tags: the versions that a repository has tags for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from packaging.version import InvalidVersion, Version

from gates.project.git import Git

_TAG = re.compile(r"(?:[\w.]+(?:-[A-Za-z][\w.]*)*[-_/@])?[vV]?\.?(?P<version>\d[\w.!+-]*)")


class Tag(msgspec.Struct, frozen=True):
    """A tag and the version that it names."""

    name: str
    version: Version


def version_of(name: str) -> Version | None:
    """The version that the name of a tag says: `v1.2`, `1.2`, `name-1.2`, `release/1.2`; None where it says none."""
    found = _TAG.fullmatch(name)
    try:
        return None if found is None else Version(found["version"])
    except InvalidVersion:
        return None


def every(git: Git | None, *, at: str | None = None) -> tuple[Tag, ...]:
    """The tags of versions, newest version first; with `at` only those of that commit.

    Raises:
        GitError: git failed.
    """
    if git is None or git.head is None:
        return ()
    names = git.run("tag", "--list", *(("--points-at", at) if at else ())).splitlines()
    return ordered(names)


def ordered(names: Iterable[str]) -> tuple[Tag, ...]:
    """Those of the names that are of versions, newest version first."""
    found = [Tag(name, version) for name in names if (version := version_of(name)) is not None]
    return tuple(sorted(found, key=lambda one: (one.version, one.name), reverse=True))


def of(version: str, tags: Sequence[Tag]) -> Tag | None:
    """The tag of a version, None where there is none."""
    wanted = Version(version)
    return next((one for one in tags if one.version == wanted), None)


def before(version: str | None, tags: Sequence[Tag]) -> Tag | None:
    """The tag of the release before a version (None: before the next one); of a final version, the final one before."""
    wanted = None if version is None else Version(version)
    for one in tags:
        older = wanted is None or one.version < wanted
        if older and (wanted is None or wanted.is_prerelease or not one.version.is_prerelease):
            return one
    return None


def named(version: str, tags: Sequence[Tag]) -> str:
    """The name that the tag of a version will have, in the form of the newest one; `v1.2.3` without any."""
    if not tags:
        return f"v{version}"
    newest = tags[0].name
    return f"{newest[: newest.rindex(_written(newest))]}{version}"


def _written(name: str) -> str:
    found = _TAG.fullmatch(name)
    return found["version"] if found else name
