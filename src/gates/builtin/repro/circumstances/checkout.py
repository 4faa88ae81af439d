"""Checkout: a copy of the source with the permission bits and times that a clone of it might have."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from gates.builtin.repro.circumstances import values
from gates.project import git

HISTORY = ".git"


def make(pristine: Path, place: Path, epoch: int, *, modes: int, mtimes: int) -> None:
    """Copy the folder `pristine` to the new folder `place`, with modes and times of these values.

    git's own files keep theirs; its index is told of the new ones, so that the work tree is clean.

    Raises:
        OSError: something cannot be copied.
    """
    shutil.copytree(pristine, place, symlinks=True)
    if hasattr(os, "chmod"):
        _permit(place, values.MODES[modes])
    _date(place, epoch, mtimes)
    if (place / HISTORY).exists():
        git.call(place, "update-index", "-q", "--refresh")
        _date_one(place, epoch, mtimes, 0)


def below(place: Path) -> Iterator[Path]:
    """All files, links and folders below `place` but git's, folders after what is in them, in a fixed order."""
    with os.scandir(place) as found:
        entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        if entry.name == HISTORY:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from below(Path(entry.path))
        yield Path(entry.path)


def _permit(place: Path, plain: int) -> None:
    """Give every file the bits `plain`, with those to execute where it has them now, and folders those to enter."""
    execute = (plain & 0o444) >> 2
    for path in [*below(place), place]:
        found = path.lstat().st_mode
        if not stat.S_ISLNK(found):
            path.chmod(plain | execute if stat.S_ISDIR(found) or found & 0o100 else plain)


def _date(place: Path, epoch: int, mtimes: int) -> None:
    for number, path in enumerate(below(place), start=1):
        _date_one(path, epoch, mtimes, number)
    _date_one(place, epoch, mtimes, 0)


def _date_one(path: Path, epoch: int, mtimes: int, number: int) -> None:
    moment = values.checked_out(epoch, mtimes, number)
    if os.utime in os.supports_follow_symlinks:
        os.utime(path, (moment, moment), follow_symlinks=False)
    elif not path.is_symlink():
        os.utime(path, (moment, moment))
