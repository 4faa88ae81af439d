"""Words: figures, and what is missing, as findings say them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gates.builtin.coverage.facts import MODULE, File, Function
from gates.builtin.coverage.figures import Figure, percent
from gates.builtin.coverage.lines import between, decoded, numbers, ranges, spelled

MOST = 3
"""Files that a message names."""

RANGES = 8
"""Ranges of lines that a message names."""


def short(figure: Figure, limit: float, what: str) -> str:
    """`90.64 % of 320 lines ran, and the limit is 91 %: 2 more are needed`."""
    more = figure.short_of(limit)
    needed = "1 more is needed" if more == 1 else f"{more:,} more are needed"
    return f"{figure} of {figure.of:,} {what}, and the limit is {percent(limit)} %: {needed}"


def worst(files: Iterable[File], figure: Callable[[File], Figure]) -> str:
    """`; most is missing in a.py (12), b.py (3)`, or nothing where nothing is."""
    found = [(held.of - held.covered, one.path) for one in files for held in [figure(one)] if held.covered < held.of]
    most = sorted(found, key=lambda pair: (-pair[0], pair[1]))[:MOST]
    named = ", ".join(f"{path} ({count:,})" for count, path in most)
    return f"; most is missing in {named}" if named else ""


def missing(one: File, missed: int) -> str:
    """`; missing: 3-9 in load(), 14 at module level`, or nothing where nothing is."""
    named: list[str] = []
    for function, inside in by_function(one.functions.items, missed):
        found = written(one, inside)
        named.append(f"{found} {at(function)}")
    return f"; missing: {', '.join(named)}" if named else ""


def written(one: File, missed: int) -> str:
    """`3-9, 14`: lines in ranges, over what lies between that cannot run; cut after `RANGES`."""
    found = ranges(missed, joined=~decoded(one.lines))
    more = f" and {len(found) - RANGES:,} more" if len(found) > RANGES else ""
    return f"{', '.join(spelled(found[:RANGES]))}{more}"


def by_function(functions: Sequence[Function], lines: int) -> list[tuple[str, int]]:
    """Lines by the innermost function that holds them, in the order of the file; those in none at module level.

    Functions of one name, as the halves of a property are, are told apart.
    """
    place = dict.fromkeys(numbers(lines), -1)
    for at in sorted(range(len(functions)), key=lambda at: (functions[at].first - functions[at].last, at)):
        one = functions[at]
        for number in numbers(lines & between(one.first, one.last)):
            place[number] = at
    found: dict[int, int] = {}
    for number, at in place.items():
        found[at] = found.get(at, 0) | 1 << number
    return [(MODULE if at < 0 else functions[at].name, inside) for at, inside in found.items()]


def at(function: str) -> str:
    """`in load()`, `at module level`."""
    return f"at {MODULE}" if function == MODULE else f"in {function}()"


def count(number: int, one: str, several: str) -> str:
    """`1 line`, `1,204 lines`."""
    return f"{number:,} {one if number == 1 else several}"
