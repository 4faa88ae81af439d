"""Documents: what was read of each, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.rules import EMPTY, MALFORMED, RULES
from gates.builtin.trace.settings import TraceSettings
from gates.model.finding import Finding, finding

_BY_CODE = {rule.code: rule for rule in RULES}


def findings(evidence: TraceEvidence, settings: TraceSettings) -> Iterator[Finding]:
    """Documents without an item, too few items, and what the readers remarked."""
    said = {one.path for one in evidence.remarks.items if one.code == EMPTY.code}
    named = {path for item in evidence.items.items for one in item.files.items for path in one.paths.items}
    for document in evidence.documents.items:
        if document.level and document.path in named and not document.found.count:
            # A contract: a file that is of a level as a whole.
            continue
        if document.path not in said and not sum(number for _, number in document.found.items):
            message = f"nothing in {document.path} was understood as a requirement, a task or a decision: write it as one of the readers knows, or take it out of `documents`"  # noqa: E501
            yield finding(EMPTY, message, path=document.path, line=1, subject=document.path, source="empty")
    if settings.least is not None and evidence.items.count < settings.least:
        message = f"the documents hold {evidence.items.count:,} items, and `least` says {settings.least:,}: bring back what is gone, or lower `least` in [tool.gates.trace]"  # noqa: E501
        yield finding(EMPTY, message, subject="least", source="least")
    for remark in evidence.remarks.items:
        yield finding(
            _BY_CODE.get(remark.code, MALFORMED),
            remark.message,
            path=remark.path,
            line=remark.line,
            subject=remark.subject or remark.path,
            source=f"{remark.subject} {remark.message}",
        )
