"""Sources: event files and what lies beside them, here or in a folder that came from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from gates.engine import state
from gates.errors import UsageError
from pytest_vltair import eventlog, heads

RECORDINGS = "recordings"
_RETIRED = b'"retired"'
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b")
"""How zip and gzip begin, as which a CI hands out what a job kept."""

TAIL = 1 << 16
"""Bytes at the end of a file among which its last event is looked for first."""


class File(NamedTuple):
    """An event file; of an open one only whole lines count."""

    folder: Path
    name: str
    is_open: bool
    size: int
    modified: int

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.folder / self.name


class Source(NamedTuple):
    """A folder of event files, or some of them, and the folder of recordings beside it."""

    files: tuple[Path, ...]
    folder: Path | None
    recordings: Path

    def found(self) -> Iterator[File]:
        """Its files that are there now, oldest first.

        Open ones first: one that is closed meanwhile is found again among the closed ones, and none is missed.

        Raises:
            OSError: a folder cannot be read.
        """
        for path in self.files:
            found = path.stat()
            is_open = path.parent.name == eventlog.OPEN
            yield File(path.parent, path.name, is_open, found.st_size, found.st_mtime_ns)
        if self.folder is not None:
            yield from _in(self.folder / eventlog.OPEN, is_open=True)
            yield from _in(self.folder, is_open=False)

    def is_beside(self, store: Path) -> bool:
        """Whether its event files are those of the project that the store is of."""
        return self.folder is not None and self.folder.parent.resolve() == store.parent.resolve()

    def retired(self) -> frozenset[str]:
        """Names of files that were taken away here because they are old, as `heads.jsonl` says.

        Raises:
            OSError: that file is there and cannot be read.
        """
        if self.folder is None:
            return frozenset()
        try:
            data = (self.folder / heads.NAME).read_bytes()
        except FileNotFoundError:
            return frozenset()
        if _RETIRED not in data:
            return frozenset()
        return frozenset(filter(None, map(_retired, data.splitlines())))


def own(root: Path) -> Source:
    """The event files of the project at `root`."""
    folder = root / state.FOLDER
    return Source((), folder / eventlog.FOLDER, folder / RECORDINGS)


def given(paths: Sequence[Path]) -> tuple[Source, ...]:
    """The sources that paths name: event files, `.gates` or its `events`, or a folder of such.

    Raises:
        UsageError: there is nothing of the kind at one of them, or an archive.
        OSError: a file cannot be read.
    """
    return tuple(source for path in paths for source in _given(path))


def head(path: Path, size: int) -> str:
    """The digest of the last event in a file, "" where there is none.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(max(size - TAIL, 0))
        data = file.read()
    start = data.rfind(b'"chain":"')
    return data[start + 9 : start + 73].decode("ascii", "replace") if start >= 0 else ""


def _given(path: Path) -> list[Source]:
    if path.name == heads.NAME and path.is_file():
        return []  # as in a folder: it is about event files, and `events/*.jsonl` names it with them
    if path.is_file():
        with path.open("rb") as file:
            if file.read(4).startswith(_ARCHIVES):
                raise UsageError(f"{str(path)!r} is an archive: unpack it, and name the folder")
        folder = path.parent.parent if path.parent.name == eventlog.OPEN else path.parent
        return [Source((path,), None, folder.parent / RECORDINGS)]
    if not path.is_dir():
        raise UsageError(f"there is no file or directory {str(path)!r}")
    for folder in (path / state.FOLDER / eventlog.FOLDER, path / eventlog.FOLDER, path):
        if _has_events(folder):
            return [Source((), folder, folder.parent / RECORDINGS)]
    below = [one for child in sorted(path.iterdir()) if child.is_dir() for one in _below(child)]
    if not below:
        raise UsageError(f"there are no event files in {str(path)!r}: name a .gates folder, its events, or event files")
    return below


class _Head(msgspec.Struct, frozen=True):
    kind: str
    file: str = ""


def _retired(line: bytes) -> str:
    """The file that a line of `heads.jsonl` says was taken away, "" where it says something else."""
    if _RETIRED not in line:
        return ""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return head.file if head.kind == "retired" else ""


def _below(folder: Path) -> list[Source]:
    try:
        return _given(folder)
    except UsageError:
        return []


def _has_events(folder: Path) -> bool:
    return bool(_entries(folder) or _entries(folder / eventlog.OPEN))


def _in(folder: Path, *, is_open: bool) -> Iterator[File]:
    for entry in sorted(_entries(folder), key=lambda one: one.name):
        try:
            found = entry.stat()
        except FileNotFoundError:
            # It was closed, or retired, meanwhile.
            continue
        yield File(folder, entry.name, is_open, found.st_size, found.st_mtime_ns)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [one for one in entries if one.name.endswith(eventlog.SUFFIX) and one.name != heads.NAME]
    except (FileNotFoundError, NotADirectoryError):
        return []
