"""Document: a file as its lines, with its blocks found once for all readers."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Document(msgspec.Struct, frozen=True, dict=True):
    """A file below the root: its path with forward slashes, its lines without line ends, and what was odd about it.

    Blocks (headings, tables, lists, fences, comments) are found when the first reader asks.
    """

    path: str
    lines: tuple[str, ...]
    problems: tuple[str, ...] = ()


def read(root: Path, path: str) -> Document:
    """The document; bytes that are no text become replacement characters and a problem that is said.

    Raises:
        ProjectError: it cannot be read.
    """
    raise NotImplementedError
