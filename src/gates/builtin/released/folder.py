"""Folder: the files of a release in one folder, by what each is for."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Literal

import msgspec

from gates.errors import UsageError
from gates.project.tree import printable

Kind = Literal["sdist", "wheel", "checksums", "sbom", "attestation", "notes", "other"]
KINDS: tuple[tuple[str, Kind], ...] = (
    (r".*\.whl", "wheel"),
    (r"(sha256sums?|checksums?)(\.txt|\.sha256)?|.*\.sha256(sums?)?", "checksums"),
    (r".*\.(intoto|dsse|sigstore|attestation|provenance)(\.jsonl?)?|.*\.publish\.attestation", "attestation"),
    (r".*\.(cdx|bom|sbom|cyclonedx)\.json|s?bom\.json", "sbom"),
    (r"(release[-_]?)?notes\.(md|rst|txt)", "notes"),
    (r".*\.(tar\.gz|zip)", "sdist"),
)
"""Patterns of whole file names, without case, the first that fits."""

ARTIFACTS = frozenset({"sdist", "wheel"})
BLOCK = 1 << 20


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the release: its name, where it is, and the SHA-256 of its bytes in hexadecimal digits."""

    name: str
    kind: Kind
    path: Path
    sha256: str


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a release by name; `shown` is the folder as it was named."""

    shown: str
    files: tuple[File, ...]

    def of(self, *kinds: Kind) -> tuple[File, ...]:
        """The files of these kinds."""
        return tuple(one for one in self.files if one.kind in kinds)

    @property
    def artifacts(self) -> tuple[File, ...]:
        """Wheels and source distributions."""
        return self.of("sdist", "wheel")


def read(path: Path, shown: str) -> Folder:
    """The files in a folder; folders in it and files that begin with a dot are none of the release.

    Raises:
        UsageError: it is no folder, or a file in it cannot be read.
    """
    try:
        entries = sorted(os.scandir(path), key=lambda one: one.name)
        found = [
            File(name=printable(one.name), kind=kind(one.name), path=Path(one.path), sha256=_digest(Path(one.path)))
            for one in entries
            if one.is_file() and not one.name.startswith(".")
        ]
    except NotADirectoryError:
        raise UsageError(f"{shown} is a file; name the folder that holds the release") from None
    except FileNotFoundError:
        raise UsageError(f"there is no folder {shown}; build first (python -m build), or name the folder") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from None
    return Folder(shown=shown, files=tuple(found))


def kind(name: str) -> Kind:
    """What a file of that name is for."""
    return next((one for pattern, one in KINDS if re.fullmatch(pattern, name, re.IGNORECASE)), "other")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
