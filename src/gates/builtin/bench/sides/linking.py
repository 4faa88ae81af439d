"""Linking: files that several sides share, and what stands in the way of writing one."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

LARGE = 16 * 1024 * 1024
"""Bytes from which on a file beside the product is not copied for each side."""


def twin(base: Path, place: Path) -> None:
    """Copy the folder `base` to `place`; files with several names get one more.

    Raises:
        OSError: a file cannot be copied.
    """

    def copy(old: str, new: str) -> None:
        if os.stat(old).st_nlink > 1:  # noqa: PTH116 - thousands of files
            link(Path(old), Path(new))
        else:
            shutil.copy2(old, new)

    shutil.copytree(base, place, symlinks=True, copy_function=copy)


def link(old: Path, new: Path) -> None:
    """Have one file under two names, for what is never written; a copy where the file system has no such thing."""
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copy2(old, new)


def leads_out(root: Path, link: str, top: Path) -> bool:
    """Whether a link leads to a folder outside of the project at `root`, and in its repository at `top`."""
    real = Path(os.path.realpath(root / link))
    inside = real.is_relative_to(os.path.realpath(top))
    return real.is_dir() and inside and not real.is_relative_to(os.path.realpath(root))


def is_large(path: Path) -> bool:
    """Whether it is a file that is not to be copied for each side."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size >= LARGE


def make_way(place: Path, file: str) -> None:
    """Remove what there is in `place` where a file is to be, or a folder around it."""
    path = place / file
    # From the outside inwards: behind a link there may be what is not ours to remove.
    for parent in (*reversed(path.relative_to(place).parents[:-1]), Path(file)):
        around = place / parent
        if around.is_symlink() or around.is_file():
            around.unlink()
    if path.is_dir():
        shutil.rmtree(path)


def is_inside(path: Path, place: Path) -> bool:
    """Whether a folder is there and no link on the way to it leads out of `place`."""
    return path.is_dir() and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(place))
