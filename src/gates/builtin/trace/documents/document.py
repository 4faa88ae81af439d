"""Document: a file as its lines, with its blocks found once for all readers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from gates.builtin.trace import disk
from gates.builtin.trace.documents import decoding, hidden, scanning
from gates.builtin.trace.documents.blocks import Blocks
from gates.builtin.trace.readers.found import Found, Reader
from gates.errors import ProjectError
from gates.project import tree

DATA = (".csv", ".tsv", ".yaml", ".yml", ".json")


class Document(msgspec.Struct, frozen=True, dict=True):
    """A file below the root: its path with forward slashes, its lines without line ends, and what was odd about it.

    Blocks (headings, tables, lists, fences, comments) are found when the first reader asks.
    """

    path: str
    lines: tuple[str, ...]
    problems: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def blocks(self) -> Blocks:
        """Its blocks; none for a file of data, which has a reader of its own."""
        held = self.__dict__.get("_blocks")
        if held is None:
            held = self.__dict__["_blocks"] = scanning.scan(() if self.is_data else self._seen())
        return held

    def _seen(self) -> tuple[str, ...]:
        return hidden.without_mdx(self.lines) if self.path.lower().endswith(".mdx") else self.lines

    def found(self, reader: Reader) -> tuple[Found, ...]:
        """What a reader finds in it; each reader reads it once."""
        held: dict[str, tuple[Found, ...]] = self.__dict__.setdefault("_found", {})
        if reader.name not in held:
            held[reader.name] = tuple(reader.read(self))
        return held[reader.name]

    @property
    def is_data(self) -> bool:
        """Whether it is a table or a tree of data by its name, and no text."""
        return self.path.lower().endswith(DATA)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Its path without the last part, "" at the root."""
        return self.path.rpartition("/")[0]


def read(root: Path, path: str) -> Document:
    """The document at `path` below `root`, or at `path` itself where that is absolute.

    Bytes that are no UTF-8 are read as what they most likely are, and a problem says so.

    Raises:
        ProjectError: it cannot be read, or is no text.
    """
    place = root / path
    shown = tree.printable(path.replace("\\", "/"))
    try:
        data = disk.read(place)
    except (OSError, ValueError) as error:
        raise ProjectError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse(shown, data)


def parse(path: str, data: bytes) -> Document:
    """The document of these bytes.

    Raises:
        ProjectError: they are no text.
    """
    try:
        lines, odd = decoding.decoded(data)
    except ValueError as error:
        raise ProjectError(f"{path} {error}; name a text file") from error
    return Document(path, lines, odd, hashlib.sha256(data).hexdigest())
