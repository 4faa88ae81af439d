"""State: the folder `.gates` of a project, which git ignores, and writes that a kill at any moment cannot tear."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NamedTuple

FOLDER = ".gates"


def folder(root: Path, *parts: str) -> Path:
    """A folder under `.gates/`, created with the file that makes git ignore all of it.

    Raises:
        OSError: the project cannot be written to; callers go on without kept state.
    """
    state = root / FOLDER
    if state.is_symlink():
        raise OSError(errno.ELOOP, "it is a link to elsewhere", str(state))
    if not state.is_dir():
        state.mkdir(exist_ok=True)
    ignore = state / ".gitignore"
    if not ignore.exists():
        write(ignore, b"*\n")
    target = state.joinpath(*parts)
    target.mkdir(parents=True, exist_ok=True)
    return target


def write(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds all of it or what it held before.

    Raises:
        OSError: the folder cannot be written to.
    """
    unfinished = path.with_name(f".{path.name[:40]}.{os.urandom(6).hex()}.tmp")
    try:
        unfinished.write_bytes(data)
        os.replace(unfinished, path)  # noqa: PTH105 - the one call that replaces in one step on every platform
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


class Kept(NamedTuple):
    """A file that is kept, and its size in bytes."""

    path: Path
    size: int


def newest_first(folder: Path, suffix: str = ".json") -> list[Kept]:
    """What is kept in a folder; a file that begins with a dot is not written to its end.

    Raises:
        OSError: it cannot be listed.
    """
    with os.scandir(folder) as found:
        dated = [(one.stat(), one.path) for one in found if one.name.endswith(suffix) and one.name[0] != "."]
    dated.sort(key=lambda one: (one[0].st_mtime, one[1]), reverse=True)
    return [Kept(Path(path), told.st_size) for told, path in dated]


def prune(folder: Path, count: int, size: int | None = None, suffix: str = ".json") -> None:
    """Remove what is kept in a folder beyond the newest: `count` files, and `size` bytes but at least one file."""
    held = 0
    try:
        for at, one in enumerate(newest_first(folder, suffix)):
            held += one.size
            if at >= count or (at and size is not None and held > size):
                one.path.unlink(missing_ok=True)
    except OSError:
        return  # another run prunes the same folder
