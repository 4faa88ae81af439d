"""Metrics: the declaration of the gate, its settings, and what ties its parts together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from gates.model.canary import Canary
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, GateSettings, Inputs
from gates.model.reason import Reason
from gates.project.facts import Project

from gates_metrics.canaries import CANARIES
from gates_metrics.decide import decide
from gates_metrics.facts import MetricsEvidence
from gates_metrics.rules import RULES


class MetricsSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.metrics]`."""

    registry: Annotated[
        str, msgspec.Meta(description="The file, TOML or JSON, that declares the metrics: a list `metrics` of tables.")
    ] = "metrics.toml"
    units: Annotated[
        tuple[str, ...], msgspec.Meta(min_length=1, description="Suffixes with which the name of a metric may end.")
    ] = ("_bytes", "_ms", "_ratio", "_total")


class MetricsGate(Gate[MetricsSettings, MetricsEvidence]):
    """Reads one file of the project and starts nothing."""

    name = "metrics"
    title = "names and units of metrics"
    rules = RULES
    Settings = MetricsSettings
    Evidence = MetricsEvidence

    def applies(self, project: Project, settings: MetricsSettings) -> Applies:
        """Where the registry is there."""
        if settings.registry in project.tree.files:
            return Applies(because=f"there is {settings.registry}")
        return Applies(
            reason=Reason(
                code="not_configured",
                message=f"there is no {settings.registry}",
                fix="set `registry` in [tool.gates.metrics] to the file that declares the metrics",
            )
        )

    def inputs(self, project: Project, settings: MetricsSettings) -> Inputs:
        """The registry, and nothing else."""
        return Inputs(globs=(settings.registry,))

    def collect(self, context: Context[MetricsSettings]) -> MetricsEvidence | Refusal:
        """What the registry declares."""
        from gates_metrics.collect import collect

        return collect(context)

    def decide(self, evidence: MetricsEvidence, settings: MetricsSettings, now: datetime) -> Decision:
        """Findings over the metrics that are declared."""
        return decide(evidence, settings.units)

    def canaries(self) -> Iterable[Canary]:
        """One for each rule."""
        return CANARIES
