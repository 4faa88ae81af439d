"""Decide: which of the names that the registry declares are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator
from gates.model.rule import Rule

from gates_metrics.facts import Metric, MetricsEvidence
from gates_metrics.rules import DECLARED_TWICE, NO_UNIT, NOT_SNAKE_CASE

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def decide(evidence: MetricsEvidence, units: Sequence[str]) -> Decision:
    """Findings over the metrics that are declared; `units` are the suffixes that a name may have."""
    return Decision(
        denominator=Denominator(count=evidence.metrics.count, unit="metrics"),
        findings=tuple(_findings(evidence, tuple(units))),
    )


def _findings(evidence: MetricsEvidence, units: tuple[str, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for metric in evidence.metrics.items:
        if not SNAKE_CASE.fullmatch(metric.name):
            yield _of(NOT_SNAKE_CASE, metric, evidence, "is not in snake_case")
        if not metric.name.endswith(units):
            yield _of(NO_UNIT, metric, evidence, f"ends with none of {', '.join(units)}")
        if metric.name in seen:
            yield _of(DECLARED_TWICE, metric, evidence, "is declared a second time")
        seen.add(metric.name)


def _of(rule: Rule, metric: Metric, evidence: MetricsEvidence, said: str) -> Finding:
    message = f"{metric.name or 'a metric with an empty name'} {said}"
    return finding(rule, message, path=evidence.registry, line=metric.line, subject=metric.name, source=metric.name)
