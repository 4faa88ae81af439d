"""Reading: which of the formats a file of coverage data has, by its content, and what it says."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gates.builtin.coverage.readers.data import Recorded, Report, UnreadableDataError

MIB = 1 << 20
HEAD = 512
COVERAGE_4 = b"!coverage.py: This is a private format"


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: its name, how a file of it begins after spaces, and the most bytes of it that are read."""

    name: str
    begins: tuple[bytes, ...]
    most: int


DATABASE = Format(name="coverage.py's data", begins=(b"SQLite format 3\0",), most=4096 * MIB)
"""Read page by page. 5,000 files of 1,000 lines have 230 MB with branches; with contexts for each test, some GB."""

XML = Format(name="XML", begins=(b"<",), most=64 * MIB)
"""Streamed, at some 20 MB a second. More than a million lines are better read from the data, which is a tenth of it."""

JSON = Format(name="JSON", begins=(b"{",), most=256 * MIB)
"""Held in memory as a whole while it is read."""

LCOV = Format(name="LCOV", begins=(b"TN:", b"SF:"), most=256 * MIB)
"""Streamed line by line, at some 10 MB a second; a third as long as XML."""

FORMATS = (DATABASE, XML, JSON, LCOV)


def read(path: Path, *, contexts: bool) -> Recorded | Report:
    """What the file says: raw data of coverage.py, with contexts where they are asked for, or a report of it.

    Raises:
        UnreadableDataError: the file is not there, or of none of the formats, or broken, or longer than is read.
    """
    try:
        return _reader(_format(path), contexts=contexts)(path)
    except OSError as error:
        raise UnreadableDataError(f"it cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise UnreadableDataError("it is more than fits into memory") from error


def _format(path: Path) -> Format:
    try:
        known = path.stat()
    except FileNotFoundError as error:
        raise UnreadableDataError("it is not there") from error
    if not stat.S_ISREG(known.st_mode):
        raise UnreadableDataError("it is no file")
    if known.st_size == 0:
        raise UnreadableDataError("it is empty")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(COVERAGE_4):
        raise UnreadableDataError("it is of coverage.py 4 or older, whose data no later version reads")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((one for one in FORMATS if text.startswith(one.begins)), None)
    if found is None:
        raise UnreadableDataError("it is no coverage data: neither coverage.py's own nor its XML or JSON, nor LCOV")
    if known.st_size > found.most:
        raise UnreadableDataError(
            f"it has {known.st_size:,} bytes, and {found.most:,} are the most that is read of {found.name}"
        )
    return found


def _reader(form: Format, *, contexts: bool) -> Callable[[Path], Recorded | Report]:
    """The function that reads a format; only that one's module is imported."""
    if form is DATABASE:
        from gates.builtin.coverage.readers import database

        return lambda path: database.read(path, contexts=contexts)
    if form is XML:
        from gates.builtin.coverage.readers import cobertura

        return cobertura.read
    if form is JSON:
        from gates.builtin.coverage.readers import json_report

        return json_report.read
    from gates.builtin.coverage.readers import lcov

    return lcov.read
