"""Only: a laboratory in which the factors that somebody named are the only ones that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from gates.builtin.diagnosis.causes import Diagnosis
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.trial import Laboratory, Ran, Trial

NOT_ASKED = "it was not asked for"


class Only:
    """Has no value of any factor but those that were named."""

    def __init__(self, laboratory: Laboratory, factors: Sequence[str]) -> None:
        self.laboratory = laboratory
        self.factors = frozenset(factors)

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each, in their order."""
        return self.laboratory.run(trials)

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that was named; none of any other."""
        return self.laboratory.values(factor) if factor in self.factors else ()

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Factors of which no value can be had, and those that nobody asked for."""
        unasked = {name: NOT_ASKED for name in FACTORS if name not in self.factors}
        return {**self.laboratory.unavailable, **unasked}


def these(laboratory: Laboratory, factors: Sequence[str]) -> Laboratory:
    """The laboratory with these factors only; as it is where none is named."""
    return Only(laboratory, factors) if factors else laboratory


def told(found: Diagnosis, factors: Sequence[str]) -> Diagnosis:
    """The diagnosis without what was not to be varied: nothing kept it from being so."""
    if not factors:
        return found
    missed = tuple(one for one in found.factors_not_applied if one.name in factors)
    return replace(found, factors_not_applied=missed)
