"""Culprits: which of the tests before one bring it to end otherwise, or which file does as it is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gates.builtin.diagnosis.factors import Settings
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question
from gates.builtin.diagnosis.ordering.minimal import CrowdError, UnsteadyError, minimal
from gates.builtin.diagnosis.ordering.units import LEVELS, class_of, file_of, files
from gates.builtin.diagnosis.trial import Result

Wanted = Callable[[Result | None], bool]
MOST = 5
"""That many units at most are called culprits; beyond it larger units are looked at."""


class Culprits(msgspec.Struct, frozen=True, kw_only=True):
    """The culprits by the ids that pytest takes, and how the test is asked after them."""

    names: tuple[str, ...]
    question: Question

    @property
    def before(self) -> tuple[str, ...]:
        """The tests that are to run for the effect."""
        return self.question.after or self.question.behind


def culprits(inquiry: Inquiry, tests: Sequence[str], wanted: Wanted, settings: Settings) -> Culprits | None:
    """The fewest of the tests after which it ends as wanted; None where it takes too many even of files.

    After all of them it does, after none it does not. Raises UnsteadyError where the same trial ended both ways.
    """
    tests = _near(inquiry, inquiry.others(tests), wanted, settings)
    for unit_of in LEVELS:
        try:
            names = _units(inquiry, tests, wanted, settings, unit_of)
        except CrowdError:
            continue
        question = Question(after=_members(tests, names, unit_of), settings=settings)
        return _imported(inquiry, question, wanted) or Culprits(names=names, question=question)
    return None


def importing(inquiry: Inquiry, tests: Sequence[str], wanted: Wanted, settings: Settings) -> Culprits | None:
    """The files whose import alone makes it end as wanted, where it does so once all of these are collected."""
    representatives: dict[str, str] = {}
    for one in tests:
        representatives.setdefault(file_of(one), one)
    representatives.pop(file_of(inquiry.nodeid), None)

    def flips(units: Sequence[str], number: int) -> bool:
        behind = tuple(representatives[one] for one in units)
        return wanted(inquiry.ask(Question(behind=behind, settings=settings, number=number))[0])

    units = tuple(representatives)
    if not units or not flips(units, 0) or not flips(units, 1):
        return None
    try:
        names = minimal(units, flips, MOST)
    except CrowdError:
        return None
    behind = tuple(representatives[one] for one in names)
    return Culprits(names=names, question=Question(behind=behind, settings=settings))


def _units(
    inquiry: Inquiry, tests: tuple[str, ...], wanted: Wanted, settings: Settings, unit_of: Callable[[str], str]
) -> tuple[str, ...]:
    def flips(units: Sequence[str], number: int) -> bool:
        after = _members(tests, units, unit_of)
        return wanted(inquiry.ask(Question(after=after, settings=settings, number=number))[0])

    return minimal(tuple(dict.fromkeys(map(unit_of, tests))), flips, MOST)


def _members(tests: Sequence[str], names: Sequence[str], unit_of: Callable[[str], str]) -> tuple[str, ...]:
    chosen = frozenset(names)
    return tuple(one for one in tests if unit_of(one) in chosen)


def _near(inquiry: Inquiry, tests: tuple[str, ...], wanted: Wanted, settings: Settings) -> tuple[str, ...]:
    """The tests of its own class or file, where these suffice: most culprits are near, and so few are soon asked."""
    for unit_of in (class_of, file_of):
        near = tuple(one for one in tests if unit_of(one) == unit_of(inquiry.nodeid))
        if not near or len(near) * 4 > len(tests):
            continue
        first, second = (Question(after=near, settings=settings, number=number) for number in range(2))
        if wanted(inquiry.ask(first)[0]) and wanted(inquiry.ask(second)[0]):
            return near
    return tests


def _imported(inquiry: Inquiry, found: Question, wanted: Wanted) -> Culprits | None:
    """The files instead of their tests, where it is enough that these are collected and they run only afterwards."""
    names = tuple(one for one in files(found.after) if one != file_of(inquiry.nodeid))
    if not names:
        return None
    behind = msgspec.structs.replace(found, after=(), behind=found.after)
    if not wanted(inquiry.ask(behind)[0]):
        return None
    if not wanted(inquiry.ask(msgspec.structs.replace(behind, number=1))[0]):
        raise UnsteadyError
    return Culprits(names=names, question=behind)
