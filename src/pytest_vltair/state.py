"""State: the folder `.gates` of a project, which git ignores, and writes that a kill at any moment cannot tear."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from pytest_vltair import filelock

FOLDER = ".gates"
IGNORE = ".gitignore"
PATIENCE = 5.0
"""Seconds to wait for whoever else uses or removes what is kept; it takes less than a thousandth of that."""
ABANDONED = 3600.0
"""Seconds after which a file that was not written to its end is nobody's."""

_WINDOWS = os.name == "nt"
"""There what somebody has open can be neither replaced nor removed."""


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
    ignore = state / IGNORE
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
        _replace(unfinished, path)
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
    """Remove what is kept in a folder beyond the newest: `count` files, and `size` bytes but at least one file.

    What is used meanwhile stays, and what a killed process did not write to its end goes.
    """
    held = 0
    try:
        with locked(folder):
            for at, one in enumerate(newest_first(folder, suffix)):
                held += one.size
                if at >= count or (at and size is not None and held > size):
                    with suppress(PermissionError):  # of Windows: the next run does it
                        one.path.unlink(missing_ok=True)
            _clear(folder)
    except OSError:
        return  # another run prunes the same folder


def used(path: Path) -> bool:
    """Whether a file is kept; it is now among the last to be removed, and whoever removes it has to look again.

    Raises:
        OSError: it cannot be touched.
    """
    with locked(path.parent):
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
    return True


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Inside, nobody else uses or removes what is kept in a folder of `.gates`; whether that is so.

    It is not where the file system has no locks, and where another process does not give it back.
    """
    descriptor = None
    try:
        descriptor = os.open(folder.parent / IGNORE, os.O_RDWR)
        held = filelock.wait(descriptor, PATIENCE)
    except OSError:
        held = False
    try:
        yield held
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _clear(folder: Path) -> None:
    """Remove what processes that were killed did not write to its end."""
    now = time.time()
    with os.scandir(folder) as found:
        left = [one for one in found if one.name[0] == "." and one.name.endswith(".tmp")]
    for one in left:
        if now - one.stat().st_mtime > ABANDONED:
            Path(one.path).unlink(missing_ok=True)


def _replace(unfinished: Path, path: Path) -> None:
    """Put a file in the place of another, on Windows as soon as nobody reads that any more."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.replace(unfinished, path)  # noqa: PTH105 - the one call that replaces in one step on every platform
        except PermissionError:
            if not _WINDOWS or time.monotonic() > end:
                raise
            time.sleep(filelock.PAUSE)
        else:
            return
