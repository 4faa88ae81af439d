"""Tables: every benchmark with its change and verdict, what could not be compared, and the control, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gates.builtin.bench.facts import BenchEvidence
    from gates.builtin.bench.judging.judged import Judged
    from gates.builtin.bench.judging.ruling import Ruled
    from gates.builtin.bench.settings import BenchSettings

DIGITS = 4
"""Decimals of percentages."""


def tables(evidence: BenchEvidence, settings: BenchSettings) -> Mapping[str, Any]:
    """`benchmarks`, `not_compared`, `limits` of other kinds, `control`, and what was measured where.

    `ratio` is head's time over base's, or over that of the history; `limit` and the figures of the control are percent,
    times are seconds. Damaged evidence has no rows and says why as `fault`.
    """
    from gates.builtin.bench.judging import consistency
    from gates.builtin.bench.judging.ruling import nothing, ruled

    fault = consistency.fault(evidence)
    held = ruled(evidence, settings) if fault is None else nothing(evidence, settings)
    control = held.control
    return {
        **_about(evidence, settings),
        "fault": None if fault is None else fault.message,
        "benchmarks": [_row(one, believed=not control.alarms) for one in held.found],
        "not_compared": _not_compared(held) if fault is None else [],
        "limits": _limits(held),
        "control": {
            "compared": control.compared,
            "alarms": len(control.alarms),
            "spread": round(control.spread, DIGITS),
        },
        "held": max((one.held for one in held.found), default=None),
    }


def _about(evidence: BenchEvidence, settings: BenchSettings) -> dict[str, Any]:
    noise, machine = evidence.noise, evidence.machine
    return {
        "mode": evidence.mode,
        "base": evidence.base,
        "rule": settings.rule,
        "machine": {
            "system": machine.system,
            "arch": machine.arch,
            "cpu": machine.cpu,
            "cores": machine.cores,
            "python": machine.python,
        },
        "noise": {
            "load": noise.load,
            "steal": noise.steal,
            "mhz": list(noise.mhz.items),
            "governor": noise.governor,
        },
    }


def _row(one: Judged, *, believed: bool) -> dict[str, Any]:
    low, high = one.found.interval
    return {
        "name": one.benchmark.id,
        "kind": one.benchmark.kind,
        "verdict": one.verdict,
        "ratio": _ratio(one.found.ratio),
        "interval": [_ratio(low), _ratio(high)],
        "limit": one.limit.percent,
        "unproved": one.unproved,
        "blocks": believed and (one.verdict == "regressed" or one.unproved),
        "against": "history" if one.stored else "base",
        "base": one.base,
        "head": one.head,
        "pairs": one.found.pairs,
        "control": None if one.control is None else _ratio(one.control.ratio),
        "alarmed": one.alarmed,
    }


def _ratio(value: float) -> float:
    """Seven digits: a ratio is never rounded to nothing."""
    return float(f"{value:.7g}")


def _not_compared(held: Ruled) -> list[dict[str, Any]]:
    """The benchmarks without a change, each with the finding that says why."""
    from gates.builtin.bench.judging import ruling

    return [
        {"name": one.subject, "rule": one.rule, "because": one.name, "message": one.message}
        for one in ruling.not_compared(held)
    ]


def _limits(held: Ruled) -> list[dict[str, Any]]:
    """Budgets in seconds and costs in percent."""
    rows = [
        {
            "name": one.benchmark.id,
            "what": one.what,
            "unit": "seconds",
            "value": one.value,
            "limit": one.limit,
            "standing": one.standing,
            "message": one.said,
        }
        for one in held.checks
    ]
    rows += [
        {
            "name": cost.limit.benchmark,
            "what": cost.limit.against,
            "unit": "percent",
            "value": None if cost.found is None else round((cost.found.ratio - 1) * 100, DIGITS),
            "limit": cost.limit.at_most,
            "standing": cost.standing,
            "message": cost.said,
        }
        for cost in held.costs
    ]
    return rows
