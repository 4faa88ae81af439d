"""Outcomes: how each test of a recorded run ended."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.suite.record import RecordedRun
from gates.model.outcomes import of, reruns
from gates.model.recorded_run import Phase

__all__ = ["by_test", "of", "reruns"]


def by_test(run: RecordedRun) -> Mapping[str, list[Phase]]:
    """The phases of each test, in the order in which they were recorded."""
    found: dict[str, list[Phase]] = {}
    for phase in run.phases:
        found.setdefault(phase.nodeid, []).append(phase)
    return found
