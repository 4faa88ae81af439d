"""Parsed: what a source file has to run, by coverage.py's own parser in the judged Python; once for each content."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Parsed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Statements by first lines, and what is excluded, as sets of lines in hex digits; `last` is the last line.

    `blank` are the lines on which nothing can run. `first` leads from each further line of a statement to its first
    one. `ways` are the lines that have several ways on, with where they lead (a line, or negative for leaving the code
    object that begins there); of those `excused` no way is missing. `jumps` are those that coverage.py takes for
    others: from a line, to where it was recorded, to where it is meant, 0 for nowhere. `functions` are qualified name,
    first and last line. `pragmas` counts the lines that bear an exclusion pragma.
    """

    sha256: str
    last: int
    lines: str
    excluded: str
    blank: str
    first: Mapping[int, int]
    ways: Mapping[int, tuple[int, ...]]
    excused: str
    jumps: tuple[tuple[int, int, int], ...]
    functions: tuple[tuple[str, int, int], ...]
    pragmas: int
