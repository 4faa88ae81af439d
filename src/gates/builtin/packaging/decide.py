"""Decide: what is wrong with the artifacts, and whether enough of them was seen to say that nothing is."""

from __future__ import annotations

from datetime import datetime

from gates.builtin.packaging.facts import PackagingEvidence
from gates.builtin.packaging.judging import agreement, contents, licences, pythons, tools, trials, versions
from gates.builtin.packaging.rules import LICENCE_INVALID
from gates.builtin.packaging.settings import PackagingSettings
from gates.model.decision import Decision
from gates.model.finding import place
from gates.model.measure import Denominator
from gates.model.reason import Reason


def decide(evidence: PackagingEvidence, settings: PackagingSettings, now: datetime) -> Decision:
    """Findings over the members of all artifacts."""
    licensed = tuple(licences.findings(evidence))
    found = (
        *tools.findings(evidence, licence_is_invalid=any(one.rule == LICENCE_INVALID.code for one in licensed)),
        *licensed,
        *contents.findings(evidence, settings.stray, settings.allow),
        *agreement.findings(evidence),
        *versions.findings(evidence, now),
        *pythons.findings(evidence),
        *trials.findings(evidence),
    )
    members = sum(one.members.count for one in evidence.artifacts.items)
    return Decision(
        denominator=Denominator(count=members, unit="members"),
        findings=tuple(sorted(found, key=place)),
        notes=evidence.notes.items,
        reason=_missing(evidence) or trials.missing(evidence, wanted=settings.smoke),
    )


def _missing(evidence: PackagingEvidence) -> Reason | None:
    if evidence.undecided.items:
        return evidence.undecided.items[0]
    kinds = sorted(one.kind for one in evidence.artifacts.items)
    if kinds != ["sdist", "wheel"] or not evidence.again:
        return Reason(
            code="evidence_incomplete",
            message="the evidence does not hold a source distribution, a wheel, and a wheel built from the first",
            fix="gates check packaging --no-cache",
        )
    return None
