"""Union: one measured file out of what several runs of the suite saw of it.

A statement counts where any run counts it: one that is excluded on one system and measured on another can run, and was
asked to. coverage.py itself has no answer here, since it parses the source anew on the machine that combines, with
the exclusions of that machine alone.

A way on is missing where some run misses it and no run took it. A run says nothing of a way that leads into lines
which it excludes, nor of a line from which it sees fewer ways than another run: another Python counts other ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gates.builtin.coverage.facts import Branch, File, Function
from gates.builtin.coverage.lines import decoded, encoded
from gates.model.evidence import Counted, counted

Names = tuple[str, ...]


class _Ways(NamedTuple):
    """The ways on from one line in one view: how many, those never taken, and the lines that the view excludes."""

    total: int
    missing: Names
    excluded: int

    def excludes(self, name: str) -> bool:
        """Whether the way leads into what the view excludes."""
        return name.isascii() and name.isdigit() and bool(self.excluded >> int(name) & 1)

    def took(self, name: str) -> bool:
        """Whether the way was taken in some run of the view."""
        return name not in self.missing and not self.excludes(name)


class _View:
    """Runs that agree on what a file has to run, made one; `missing` is by the number of the branch, where any is."""

    def __init__(self, one: File) -> None:
        self.lines = one.lines
        self.excluded = one.excluded
        self.ran = decoded(one.ran)
        self.at = _lines(one)
        self.totals = _totals(one)
        self.missing = {
            number: branch.missing.items for number, branch in enumerate(one.branches.items) if branch.missing.count
        }

    def add(self, one: File) -> bool:
        """Take a run in, unless it sees other lines or ways than these."""
        if one.lines != self.lines or one.excluded != self.excluded:
            return False
        if _lines(one) != self.at or _totals(one) != self.totals:
            return False
        branches, missing = one.branches.items, {}
        for number, held in self.missing.items():
            other = branches[number].missing.items
            if held == other:
                missing[number] = held
            elif left := tuple([name for name in held if name in other]):
                missing[number] = left
        self.missing = missing
        self.ran |= decoded(one.ran)
        return True

    def ways(self) -> Iterator[tuple[int, int, Names]]:
        """Line, number of ways and those never taken, of each line that has several."""
        for number, (line, total) in enumerate(zip(self.at, self.totals, strict=True)):
            yield line, total, self.missing.get(number, ())


class Uniting:
    """A file, to which further runs add what they saw of it."""

    def __init__(self, one: File) -> None:
        self.path = one.path
        self.sha256 = one.sha256
        self._pragmas = one.pragmas
        self._functions = dict.fromkeys(one.functions.items)
        self._views = [_View(one)]

    def add(self, one: File) -> None:
        """Take in what another run saw of the same source.

        Raises:
            ValueError: a set of lines is damaged.
        """
        self._pragmas = max(self._pragmas, one.pragmas)
        self._functions |= dict.fromkeys(one.functions.items)
        if not any(view.add(one) for view in self._views):
            self._views.append(_View(one))

    def whole(self) -> File:
        """All runs together.

        Raises:
            ValueError: a set of lines is damaged.
        """
        lines = ran = excluded = 0
        for view in self._views:
            lines |= decoded(view.lines)
            ran |= view.ran
            excluded |= decoded(view.excluded)
        branches = tuple(self._branches())
        return File(
            path=self.path,
            sha256=self.sha256,
            statements=lines.bit_count(),
            lines=encoded(lines),
            executed=ran.bit_count(),
            ran=encoded(ran),
            excluded=encoded(excluded & ~lines),
            pragmas=self._pragmas,
            ways=sum(one.total for one in branches),
            branches=Counted(len(branches), branches),
            functions=counted(sorted(self._functions, key=_place)),
        )

    def _branches(self) -> Iterator[Branch]:
        if len(self._views) == 1:
            (view,) = self._views
            for line, total, missing in view.ways():
                yield Branch(line=line, total=total, missing=counted(missing))
            return
        found: dict[int, list[_Ways]] = {}
        for view in self._views:
            excluded = decoded(view.excluded)
            for line, total, missing in view.ways():
                found.setdefault(line, []).append(_Ways(total, missing, excluded))
        for line in sorted(found):
            yield _branch(line, found[line])


def _branch(line: int, seen: Sequence[_Ways]) -> Branch:
    most = max(one.total for one in seen)
    telling = [one for one in seen if one.total == most]
    missed = dict.fromkeys(name for one in seen for name in one.missing)
    missing = [name for name in missed if not any(one.took(name) for one in telling)]
    # Systems that exclude different ways miss different ones.
    return Branch(line=line, total=max(most, len(missing)), missing=counted(missing))


def _lines(one: File) -> list[int]:
    return [branch.line for branch in one.branches.items]


def _totals(one: File) -> list[int]:
    return [branch.total for branch in one.branches.items]


def _place(one: Function) -> tuple[int, int, str]:
    return (one.first, one.last, one.name)
