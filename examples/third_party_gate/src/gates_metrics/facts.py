"""Evidence of the gate `metrics`: the names that the registry declares."""

from __future__ import annotations

from gates.model.evidence import Counted, Facts


class Metric(Facts, frozen=True, kw_only=True):
    """One declaration, and the line where its name stands (None where it is written in another form)."""

    name: str
    line: int | None


class MetricsEvidence(Facts, frozen=True, kw_only=True):
    """Every metric that the file `registry` declares, in its order."""

    registry: str
    metrics: Counted[Metric]
