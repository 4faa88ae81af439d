"""Parsed: what a source file has to run, by coverage.py's own parser in the judged Python; once for each content."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Parsed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Statements by first lines, and what is excluded, as sets of lines in hex digits.

    `first` leads from each further line of a statement to its first one. `ways` are the lines that have several ways
    on, with where they lead (a line, or negative for leaving the code object that begins there). `functions` are
    qualified name, first and last line. `pragmas` counts the lines that bear an exclusion pragma.
    """

    sha256: str
    lines: str
    excluded: str
    first: Mapping[int, int]
    ways: Mapping[int, tuple[int, ...]]
    functions: tuple[tuple[str, int, int], ...]
    pragmas: int
