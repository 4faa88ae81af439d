"""Outcomes: how each test of a recorded run ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gates.builtin.suite.record import RecordedRun
from gates.model.recorded_run import Phase
from gates.model.tested import Outcome


def by_test(run: RecordedRun) -> Mapping[str, list[Phase]]:
    """The phases of each test, in the order in which they were recorded."""
    found: dict[str, list[Phase]] = {}
    for phase in run.phases:
        found.setdefault(phase.nodeid, []).append(phase)
    return found


def of(phases: Sequence[Phase]) -> Outcome | None:
    """How a test ended, or None where it did not: the worst of its phases, so that a repetition hides nothing."""
    failed = {one.when for one in phases if one.outcome == "failed"}
    if "call" in failed:
        return "failed"
    if failed:
        return "error"
    whens = {one.when for one in phases}
    skipped = [one for one in phases if one.outcome == "skipped"]
    if "setup" not in whens or "teardown" not in whens or not (skipped or "call" in whens):
        return None
    if reruns(phases):
        return "flaky"
    # A test of which one subtest was skipped has calls of both kinds: it ran.
    if skipped and not any(one.when == "call" and one.outcome == "passed" for one in phases):
        return "xfailed" if any(one.wasxfail for one in skipped) else "skipped"
    return "xpassed" if any(one.wasxfail for one in phases) else "passed"


def reruns(phases: Sequence[Phase]) -> int:
    """How many tries failed after which the test was run again.

    pytest-rerunfailures and pytest-retry report them; `flaky` keeps their calls to itself, and lets set-up and
    teardown be seen.
    """
    named = sum(one.outcome == "rerun" for one in phases)
    setups = sum(one.when == "setup" and one.outcome == "passed" for one in phases)
    teardowns = sum(one.when == "teardown" for one in phases)
    calls = sum(one.when == "call" for one in phases)
    return named or max(0, min(setups, teardowns) - calls)
