"""Limits: how long one test of a trial may take, and the whole of it, measured by the first run of the base."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.trial import Ran, Trial

LEAST, TIMES = 10.0, 20.0
"""A test may take so many seconds, or so many times what it took in the base, whichever is more."""

UNKNOWN, SHARE = 600.0, 4.0
"""What a test may take of which nothing is known, so that no slow one hangs; and by how many a budget is divided."""

PATIENCE, WHOLE = 120.0, 3600.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What tests took in the base, and all of it; nothing as long as there was none."""

    seconds: Mapping[str, float] = {}
    base: float = 0.0

    @classmethod
    def measured(cls, ran: Ran) -> Limits:
        """The limits after a run of the base."""
        return cls(seconds={one.nodeid: one.seconds for one in ran.results}, base=ran.seconds)

    def of(self, trial: Trial, left: float) -> float:
        """What one test of a trial may take, where `left` seconds are there for all."""
        if not self.seconds:
            return min(UNKNOWN, max(LEAST, left / SHARE))
        tests = trial.tests or tuple(self.seconds)
        return max(LEAST, TIMES * max((self.seconds.get(one, 0.0) for one in tests), default=0.0))

    def wall(self, trial: Trial, limit: float) -> float:
        """What a trial may take, whatever its tests do."""
        if not self.seconds:
            return WHOLE
        turns = int(dict(trial.settings).get("repeat", "1"))
        return PATIENCE + 3 * limit + TIMES * self.base * turns
