"""Figures: how much of something ran, in whole numbers, and whether that meets a limit: exactly, never rounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from math import ceil

import msgspec

from gates.builtin.coverage.facts import File
from gates.project.tree import translate

DIGITS = 4
"""Decimals of a percentage in reports; what is beyond is cut off, so that no figure looks better than it is."""


class Figure(msgspec.Struct, frozen=True):
    """`covered` of `of`; where there is nothing to cover, all of it is."""

    covered: int
    of: int

    def __add__(self, other: Figure) -> Figure:
        """Both together."""
        return Figure(self.covered + other.covered, self.of + other.of)

    @property
    def percent(self) -> float:
        """For a report, cut off after `DIGITS` decimals; 100 only where nothing is missing."""
        scale = 10**DIGITS
        return self.covered * 100 * scale // self.of / scale if self.of else 100.0

    def meets(self, limit: float) -> bool:
        """Whether it is at least `limit` percent, as the number is written: 90.64 is not 91, 99.99 is not 100."""
        return self.covered * 100 >= Decimal(repr(limit)) * self.of

    def short_of(self, limit: float) -> int:
        """How many more must be covered to meet the limit."""
        return max(ceil(Decimal(repr(limit)) * self.of / 100) - self.covered, 0)

    def __str__(self) -> str:
        """`90.64 %`."""
        return f"{percent(self.percent)} %"


def percent(value: float) -> str:
    """A percentage without needless zeros: `91`, `90.64`."""
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")


def lines(files: Iterable[File]) -> Figure:
    """Statements that ran."""
    held = list(files)
    return Figure(sum(one.executed for one in held), sum(one.statements for one in held))


def branches(files: Iterable[File]) -> Figure:
    """Ways on from lines that have several, and those of them that were taken."""
    held = list(files)
    missing = sum(branch.missing.count for one in held for branch in one.branches.items)
    ways = sum(one.ways for one in held)
    return Figure(ways - missing, ways)


def total(files: Iterable[File], *, counted: bool) -> Figure:
    """What coverage.py calls the total: statements and, where they are `counted`, branches in one figure.

    `coverage.results.Numbers.ratio_covered`: (statements and branches that ran) / (all statements and branches).
    """
    held = list(files)
    return lines(held) + branches(held) if counted else lines(held)


def matching(glob: str, files: Iterable[File]) -> tuple[File, ...]:
    """The files that a glob names, as globs are read everywhere in the settings."""
    wanted = re.compile(translate(glob), re.DOTALL)
    return tuple(one for one in files if wanted.fullmatch(one.path))
