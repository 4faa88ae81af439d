"""Tally: what a report says of its files, put together where it says something of one file twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Reported, UnreadableDataError, Way


class Tally:
    """The files of a report as they are read; a file that comes again ran where it ran any of the times."""

    def __init__(self) -> None:
        self._files: dict[str, Reported] = {}
        self.statements = 0

    def add(self, path: str, found: Reported) -> None:
        """Take in what the report says of a file; `statements` counts what it said, twice where it said it twice.

        Raises:
            UnreadableDataError: it has said before that other ways lead on from one of the lines.
        """
        self.statements += found.lines.bit_count()
        known = self._files.get(path)
        self._files[path] = found if known is None else _together(path, known, found)

    def files(self) -> Mapping[str, Reported]:
        """The files by the path that is written in the report.

        Raises:
            UnreadableDataError: there is none.
        """
        if not self._files:
            raise UnreadableDataError("it names no file: nothing was measured")
        return self._files


@lru_cache(maxsize=1 << 14)
def line(text: str | None) -> int:
    """The line number that this is.

    Raises:
        UnreadableDataError: it is none of any file.
    """
    number = whole(text)
    if number is None or not 1 <= number <= lines.LARGEST:
        raise UnreadableDataError(f"it has {_shown(text)} for a line number")
    return number


@lru_cache(maxsize=1 << 14)
def whole(text: str | None) -> int | None:
    """The whole number that this is, 0 or more; None if it is none that a report writes."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 20 else None


def numbered(first: int, last: int) -> tuple[str, ...]:
    """Names for the ways on that the report only counts."""
    return tuple(f"#{number}" for number in range(first, last + 1))


def _together(path: str, one: Reported, other: Reported) -> Reported:
    ways = {way.line: way for way in one.ways}
    for way in other.ways:
        ways[way.line] = _either(path, ways.get(way.line, way), way)
    statements = one.lines | other.lines
    return Reported(
        lines=statements,
        ran=one.ran | other.ran,
        excluded=(one.excluded | other.excluded) & ~statements,
        ways=tuple(ways[number] for number in sorted(ways)),
        unplaced=max(one.unplaced, other.unplaced),
    )


def _either(path: str, one: Way, other: Way) -> Way:
    if one.total != other.total:
        raise UnreadableDataError(
            f"it names {path} twice, with {one.total} branches in line {one.line} and with {other.total}"
        )
    return Way(
        line=one.line, total=one.total, missing=tuple((Counter(one.missing) & Counter(other.missing)).elements())
    )


def _shown(text: str | None) -> str:
    return "nothing" if not text else repr(text if len(text) < 40 else f"{text[:36]}...")
