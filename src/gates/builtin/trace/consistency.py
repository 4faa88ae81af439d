"""Consistency: evidence that is whole, and why evidence that is not proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.settings import TraceSettings
from gates.model.evidence import encode, sha256
from gates.model.reason import Reason, ReasonCode

AGAIN = "gates check trace --no-cache"
SHAPES = (
    "tables with an id or a status, checkboxes, records (`- ID: …`), headings and sections with a status, boards, "
    "bullets with MUST or SHALL, decision records, tasks of spec-kit, CSV and YAML"
)
"""What is read, for those whose document holds none of it."""


def sealed(evidence: TraceEvidence) -> TraceEvidence:
    """The evidence with the digest of all of it, so that nothing can be taken out or altered unnoticed."""
    return msgspec.structs.replace(evidence, seal=_seal(evidence))


def problems(evidence: TraceEvidence, settings: TraceSettings) -> Iterator[Reason]:
    """Why the evidence allows no pass, the first reason first."""
    if evidence.seal != _seal(evidence):
        yield _reason("evidence_corrupt", "something was lost from the evidence, or changed in it")
        return
    if not evidence.documents.count:
        yield _reason("nothing_examined", "there is no document with requirements", "gates trace DOCUMENT")
    elif not evidence.items.count:
        message = f"not one item was found in the documents; what is read: {SHAPES}"
        yield _reason("nothing_examined", message, "name a document that has some of this, or write it in such a shape")
    if not evidence.collected and _needs_tests(evidence, settings):
        why = evidence.uncollected or "no test was collected"
        yield _reason("evidence_missing", f"it is not known which tests exist: {why}", "gates check tests")


def _needs_tests(evidence: TraceEvidence, settings: TraceSettings) -> bool:
    return any(
        "test" in settings.needs(one.level) or (one.status == "done" and "test" in settings.done)
        for one in evidence.items.items
    )


def _seal(evidence: TraceEvidence) -> str:
    return sha256(encode(msgspec.structs.replace(evidence, seal="")))


def _reason(code: ReasonCode, message: str, fix: str = AGAIN) -> Reason:
    return Reason(code=code, message=message, fix=fix)
