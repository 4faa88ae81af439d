"""Outcomes: how a test ended, by the phases that pytest went through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gates.model.tested import Outcome


class Phased(Protocol):
    """What a recorded phase says that counts here."""

    @property
    def when(self) -> str:
        """`setup`, `call` or `teardown`."""

    @property
    def outcome(self) -> str:
        """pytest's, or `rerun`."""

    @property
    def wasxfail(self) -> bool:
        """Whether it was expected to fail."""


def of(phases: Sequence[Phased]) -> Outcome | None:
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


def reruns(phases: Sequence[Phased]) -> int:
    """How many tries failed after which the test was run again.

    pytest-rerunfailures and pytest-retry report them; `flaky` keeps their calls to itself, and lets set-up and
    teardown be seen.
    """
    named = sum(one.outcome == "rerun" for one in phases)
    setups = sum(one.when == "setup" and one.outcome == "passed" for one in phases)
    teardowns = sum(one.when == "teardown" for one in phases)
    calls = sum(one.when == "call" for one in phases)
    return named or max(0, min(setups, teardowns) - calls)
