"""Decide: nothing is slower than its limit allows, all is within its budget, and the figures allow a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.model.decision import Decision
from gates.model.measure import Denominator

if TYPE_CHECKING:
    from gates.builtin.bench.facts import BenchEvidence
    from gates.builtin.bench.settings import BenchSettings


def decide(evidence: BenchEvidence, settings: BenchSettings) -> Decision:
    """The decision over the benchmarks that were compared, or held against a budget or against another one."""
    from gates.builtin.bench.judging import consistency
    from gates.builtin.bench.judging.ruling import ruling

    fault = consistency.fault(evidence)
    if fault is not None:
        return Decision(denominator=Denominator(count=0, unit="benchmarks"), reason=fault)
    return ruling(evidence, settings)
