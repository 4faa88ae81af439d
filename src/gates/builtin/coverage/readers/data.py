"""Data: what a file of measurements says of each source file, before anybody looked at the source."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple


class UnreadableDataError(Exception):
    """A file of measurements that cannot be used: one sentence that says why, without the file's name.

    `newer`: it was written by a version of its tool that this one does not know.
    """

    def __init__(self, message: str, *, newer: bool = False) -> None:
        super().__init__(message)
        self.newer = newer


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What was recorded of one file: lines as a set (see `lines`), jumps from line to line where they were measured.

    `arcs` may be unpacked again each time (see `jumps`): one that asks for many takes a `frozenset` of them. `by` are
    the lines by context, as far as contexts were recorded; "" is what ran outside of any. `tracer` is the plugin that
    measured the file, "" for coverage.py itself.
    """

    lines: int
    arcs: AbstractSet[tuple[int, int]] = frozenset()
    by: Mapping[str, int] = field(default_factory=dict)
    tracer: str = ""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Raw data of coverage.py: files by the path that is written there; `arcs` where jumps were measured."""

    version: str
    arcs: bool
    files: Mapping[str, Ran]


class Way(NamedTuple):
    """A line from which there are `total` ways on, and the names of those that were never taken.

    A name is the line that the way leads to, `exit`, or `#2` where the report only numbers or counts them.
    """

    line: int
    total: int
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What a report says of one file: statements and those that ran as sets of lines, and ways on where it has any.

    `unplaced` are ways that the report counts as taken without saying from which line: those of `no branch` pragmas.
    `surplus` are so many of the lines that ran, docstrings, that the report lists and rightly does not count.
    """

    lines: int
    ran: int
    excluded: int = 0
    ways: tuple[Way, ...] = ()
    unplaced: int = 0
    surplus: int = 0

    def settled(self, statements: int) -> Reported:
        """The same without its surplus, by what the statements of the source are.

        Raises:
            ValueError: the source has other statements, so that it is not the one that was measured.
        """
        extra = self.ran & ~statements if self.surplus else 0
        if extra.bit_count() != self.surplus:
            msg = f"{self.surplus} of the lines are no statements, and of the source {extra.bit_count()}"
            raise ValueError(msg)
        return replace(self, lines=self.lines & ~extra, ran=self.ran & ~extra, surplus=0)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that another tool made of raw data: files by the path that is written there.

    `made` is when, in seconds since the epoch, where the report says so.
    """

    tool: str
    version: str
    arcs: bool
    made: float | None
    files: Mapping[str, Reported]
