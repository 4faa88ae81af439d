"""Decision: what `decide` returned, and the verdict that follows from it."""

from __future__ import annotations

from typing import Literal

import msgspec

from gates.model.finding import Finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason

Verdict = Literal["passed", "failed", "undecided"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Findings and figures over a denominator; with a `reason` where the evidence does not allow a pass.

    `notes` are sentences that change nothing and that a reader of the report should know.
    """

    denominator: Denominator
    findings: tuple[Finding, ...] = ()
    measures: tuple[Measure, ...] = ()
    reason: Reason | None = None
    notes: tuple[str, ...] = ()


def verdict_of(decision: Decision) -> Verdict:
    """`failed` on one finding that blocks, else `undecided` with a reason or a denominator of zero, else `passed`."""
    if any(item.blocks for item in decision.findings):
        return "failed"
    if decision.reason is not None or decision.denominator.count < 1:
        return "undecided"
    return "passed"
