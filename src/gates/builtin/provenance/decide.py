"""Decide: an objection is a finding of the rule that it is about; nothing attested is nothing believed."""

from __future__ import annotations

from datetime import datetime

from gates.builtin.attested import judging
from gates.builtin.provenance import trust
from gates.builtin.provenance.facts import ProvenanceEvidence
from gates.builtin.provenance.rules import ABOUT
from gates.builtin.provenance.settings import ProvenanceSettings
from gates.errors import UsageError
from gates.model.decision import Decision
from gates.model.finding import finding
from gates.model.measure import Denominator
from gates.model.reason import Reason


def decide(evidence: ProvenanceEvidence, settings: ProvenanceSettings, now: datetime) -> Decision:
    """Findings over the artifacts."""
    over = Denominator(count=evidence.dists.count, unit="artifacts")
    try:
        expected = trust.asked(settings, evidence)
    except UsageError as error:
        fix = "mend [tool.gates.provenance]"
        return Decision(denominator=over, reason=Reason(code="tool_config_invalid", message=str(error), fix=fix))
    judged = judging.judge(evidence.opened.items, evidence.dists.items, expected, now)
    return Decision(
        denominator=over,
        findings=tuple(
            finding(ABOUT[one.about], f"{one.message} ({one.slug})", subject=one.place) for one in judged.objections
        ),
        notes=evidence.notes.items,
    )
