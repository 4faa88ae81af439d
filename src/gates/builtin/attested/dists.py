"""Dists: the files that a release consists of, by name and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from gates.builtin.attested.facts import Dist
from gates.errors import ProjectError, UsageError

ENDINGS = (".whl", ".tar.gz", ".zip")
BLOCK = 1 << 20


def find(given: Sequence[str | Path]) -> tuple[Path, ...]:
    """The files that are meant: those named, and all wheels and source distributions in folders that are.

    Raises:
        UsageError: something is not there, holds none, or two have one name.
    """
    found: list[Path] = []
    for one in map(Path, given):
        if one.is_dir():
            inside = [path for path in sorted(one.iterdir()) if is_dist(path)]
            if not inside:
                raise UsageError(f"{one} holds no wheel and no source distribution")
            found += inside
        elif one.is_file():
            found.append(one)
        else:
            raise UsageError(f"there is no file {one}")
    names = [path.name for path in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice")
    return tuple(found)


def is_dist(path: Path) -> bool:
    """Whether it is a file that is named like a wheel or a source distribution."""
    return path.name.endswith(ENDINGS) and path.is_file()


def read(paths: Iterable[Path]) -> tuple[Dist, ...]:
    """Names and digests, by name.

    Raises:
        ProjectError: a file cannot be read.
    """
    return tuple(sorted((Dist(name=path.name, sha256=digest(path)) for path in paths), key=lambda one: one.name))


def digest(path: Path) -> str:
    """The SHA-256 of a file in hex.

    Raises:
        ProjectError: it cannot be read.
    """
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                whole.update(block)
    except OSError as error:
        raise ProjectError(f"it cannot be read: {error.strerror or error}", path=path.name) from error
    return whole.hexdigest()


def named(name: str) -> tuple[str, str] | None:
    """Canonical project and version of a file name; None where it is that of no distribution."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(name)
        else:
            project, version = parse_sdist_filename(name)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    return str(project), str(version)
