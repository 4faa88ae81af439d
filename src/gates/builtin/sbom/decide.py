"""Decide: what is wrong with a document, and over how many components that is said."""

from __future__ import annotations

from datetime import datetime

from gates.builtin.sbom.facts import SbomEvidence
from gates.builtin.sbom.judging import coverage, elements, form, licensing
from gates.builtin.sbom.settings import SbomSettings
from gates.model.decision import Decision
from gates.model.finding import place
from gates.model.measure import Denominator
from gates.model.reason import Reason


def decide(evidence: SbomEvidence, settings: SbomSettings, now: datetime) -> Decision:
    """Findings and figures over the components of the document and the distributions of its source."""
    del now
    found = (
        *form.findings(evidence, evidence.name, evidence.version),
        *elements.findings(evidence, settings),
        *coverage.findings(evidence),
        *licensing.findings(evidence, settings),
    )
    bom = evidence.bom
    count = bom.components.count + (bom.root is not None)
    return Decision(
        denominator=Denominator(count=max(count, evidence.expected.count), unit="components"),
        findings=tuple(sorted(found, key=place)),
        measures=tuple(elements.measures(evidence, settings)),
        notes=evidence.notes.items,
        reason=_missing(evidence),
    )


def _missing(evidence: SbomEvidence) -> Reason | None:
    if evidence.undecided.items:
        return evidence.undecided.items[0]
    if not evidence.expected.count and not evidence.bom.components.count and evidence.source == "environment":
        message = "the environment holds nothing but the project itself, and the document no component"
        return Reason(code="nothing_examined", message=message, fix="install the project with what it requires")
    return None
