"""Unpacking: a source distribution as a folder to build from."""

from __future__ import annotations

import tarfile
from pathlib import Path

from gates.builtin.built.archives import reading
from gates.builtin.built.archives.member import Unsafe


class NotUnpacked(Exception):  # noqa: N818 - what happened
    """A source distribution that is not one; the message is one clause without its name."""


def unpack(sdist: Path, place: Path) -> Path:
    """The folder with the sources: the only one at the top, below the new folder `place`.

    Raises:
        NotUnpacked: the archive is damaged, leads out of its folder, or has no single folder at its top.
    """
    try:
        reading.read(sdist)
    except Unsafe as error:
        raise NotUnpacked(str(error)) from error
    place.mkdir()
    try:
        with tarfile.open(sdist) as archive:
            archive.extractall(place, filter="data")
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise NotUnpacked(f"cannot be unpacked: {error}") from error
    tops = sorted(place.iterdir())
    if len(tops) != 1 or not tops[0].is_dir():
        raise NotUnpacked(f"has {len(tops)} entries at its top, and not one folder")
    return tops[0]
