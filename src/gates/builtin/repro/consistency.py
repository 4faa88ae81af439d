"""Consistency: whether the evidence is whole, so that what it does not say is not there."""

from __future__ import annotations

from gates.builtin.repro.facts import FACTORS, ROUNDS, Recorded, ReproEvidence, Toolchain
from gates.builtin.repro.settings import ReproSettings
from gates.model.evidence import encode, sha256
from gates.model.reason import Reason

AGAIN = "gates check repro --no-cache"


def gap(evidence: ReproEvidence, settings: ReproSettings) -> Reason | None:
    """The first thing that is missing or contradicts another; None where there is nothing of the kind."""
    return _missing(evidence, settings) or _contradiction(evidence)


def seal(sources: str, epoch: int, toolchain: Toolchain, record: tuple[Recorded, ...]) -> str:
    """The SHA-256 over what says whether a record can be compared, and over the record itself."""
    return sha256(encode((sources, epoch, toolchain, record)))


def _missing(evidence: ReproEvidence, settings: ReproSettings) -> Reason | None:
    kinds = set(evidence.kinds.items)
    absent = sorted(set(settings.artifacts) - kinds)
    if absent or not kinds:
        return _reason(f"no {absent[0] if absent else 'artifact'} was built")
    built = {(one.round, one.kind) for one in evidence.builds.items}
    for kind in sorted(kinds):
        lacking = next((name for name in ROUNDS if (name, kind) not in built), None)
        if lacking is not None:
            return _reason(f"the {kind} has no build of the round {lacking}")
    if len(built) != evidence.builds.count:
        return _reason("a build is there twice")
    named = [one.name for one in evidence.factors.items]
    if sorted(named) != sorted(FACTORS):
        return _reason("it does not say of every factor, once, whether it was varied")
    unlisted = sorted(set(settings.against) - {one.source for one in evidence.published.items})
    if unlisted:
        return _reason(f"nothing was compared with {unlisted[0]}")
    return None


def _contradiction(evidence: ReproEvidence) -> Reason | None:
    told = {one.kind for one in evidence.differences.items} | {one.kind for one in evidence.broken.items}
    for kind in sorted(evidence.kinds.items):
        rows = [one for one in evidence.builds.items if one.kind == kind]
        reference = next(one for one in rows if one.round == "reference")
        if reference.problem or not reference.sha256:
            return _reason(f"the {kind} was not built at all")
        same = all((one.sha256, one.name) == (reference.sha256, reference.name) and not one.problem for one in rows)
        if same == (kind in told):
            said = "differences and equal digests" if same else "unequal digests and no difference"
            return _reason(f"the {kind} has {said}")
    for one in evidence.published.items:
        if (one.verdict == "bit-equal") != (one.sha256 == one.rebuilt):
            return _reason(f"the digests of {one.name} are not what {one.verdict} means")
    if evidence.seal != seal(evidence.sources, evidence.epoch, evidence.toolchain, evidence.record.items):
        return _reason("what the record is compared with is not what was collected")
    return None


def _reason(what: str) -> Reason:
    return Reason(code="evidence_incomplete", message=f"the evidence is not whole: {what}", fix=AGAIN)
