"""Pinned: values that a whole search is done with, as those of the base are not what the test passes at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from gates.builtin.diagnosis.attributing.asking import Ask, Search
from gates.builtin.diagnosis.factors import Settings, settled
from gates.builtin.diagnosis.trial import Laboratory, Ran, Trial

T = TypeVar("T")


class Pinned:
    """A laboratory in which some factors have other values than in the base, wherever a trial names none."""

    def __init__(self, lab: Laboratory, settings: Settings) -> None:
        self.lab = lab
        self.settings = settings

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Factors of which no value can be had."""
        return self.lab.unavailable

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had."""
        return self.lab.values(factor)

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each."""
        return self.lab.run([msgspec.structs.replace(one, settings=_with(self.settings, one)) for one in trials])


def pinned(search: Search[T], settings: Settings) -> Search[T]:
    """The same search with these values in all that it asks and does not name itself."""
    try:
        asks = next(search)
        while True:
            answers = yield [msgspec.structs.replace(one, settings=_with(settings, one)) for one in asks]
            asks = search.send(answers)
    except StopIteration as end:
        found: T = end.value
        return found


def _with(settings: Settings, one: Trial | Ask) -> tuple[tuple[str, str], ...]:
    return settled({**settings, **dict(one.settings)})
