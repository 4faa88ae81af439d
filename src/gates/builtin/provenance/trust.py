"""Trust: whom the settings trust, and what they expect of attestations."""

from __future__ import annotations

from gates.builtin.attested import expected
from gates.builtin.attested.expected import Expected, Key, Workflow
from gates.builtin.provenance.facts import REHEARSAL, ProvenanceEvidence
from gates.builtin.provenance.settings import ProvenanceSettings

DAY = 86_400.0


def trusted(settings: ProvenanceSettings, version: str) -> Key | Workflow:
    """Whom the settings trust for a release of `version`.

    Raises:
        UsageError: what they say could mean more than one thing.
    """
    if settings.public_key:
        return Key(builder=settings.builder)
    ref = settings.ref.replace("{version}", version)
    return expected.workflow(settings.repository, settings.workflow, ref, settings.issuer)


def asked(settings: ProvenanceSettings, evidence: ProvenanceEvidence) -> Expected:
    """What is expected of the attestations in the evidence.

    Raises:
        UsageError: the settings could mean more than one thing.
    """
    if evidence.rehearsed:
        return Expected(trust=Key(builder=REHEARSAL), commit=evidence.commit)
    return Expected(
        trust=trusted(settings, evidence.version),
        commit=evidence.commit,
        version=evidence.version,
        kind=settings.kind,
        oldest=None if settings.max_days is None else settings.max_days * DAY,
        judged=bool(settings.gates or settings.report),
        gates=settings.gates,
        report=evidence.report,
    )
