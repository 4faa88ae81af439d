"""Decide: what is wrong with the workflows, and whether enough of them was seen to say that nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.workflows import coverage
from gates.builtin.workflows.rules import CACHE, INVALID, LOST, NOT_HELD, RISK, UNCHECKED, UNPINNED
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.rule import Severity

if TYPE_CHECKING:
    from gates.builtin.workflows.facts import Complaint, WorkflowsEvidence
    from gates.builtin.workflows.settings import WorkflowsSettings

OURS = frozenset({"unpinned-uses"})
"""What zizmor finds and a rule of this gate judges, by settings of its own."""

OFFLINE = (
    "zizmor ran offline: its audits that ask GitHub, such as the one for actions with known vulnerabilities, are off"
)


def decide(evidence: WorkflowsEvidence, settings: WorkflowsSettings) -> Decision:
    """Findings over the files of workflows and actions."""
    gaps = coverage.gaps(evidence, settings)
    found = (*_said(evidence), *_losses(evidence), *_caches(evidence), *_held(evidence), *_pins(evidence, settings))
    notes = [OFFLINE]
    if evidence.ignored:
        notes.append(f"the project has zizmor pass over {evidence.ignored} of its findings")
    return Decision(
        denominator=Denominator(count=evidence.files.count, unit="files"),
        findings=tuple(sorted((*found, *gaps.findings), key=place)),
        notes=tuple(notes),
        reason=_missing(evidence) or gaps.reason,
    )


def _missing(evidence: WorkflowsEvidence) -> Reason | None:
    if evidence.undecided.items:
        return evidence.undecided.items[0]
    bad = {one.path for one in evidence.complaints.items if severity(one) == "error"}
    left = sorted(set(evidence.files.items) - set(evidence.audited.items) - bad)
    if left:
        return Reason(
            code="evidence_incomplete",
            message=f"zizmor did not look at {left[0]}",
            fix="gates check workflows --no-cache",
        )
    return None


def _said(evidence: WorkflowsEvidence) -> Iterator[Finding]:
    for one in evidence.complaints.items:
        rule = RISK if one.tool == "zizmor" and one.code != "not-loaded" else INVALID
        if rule is RISK and one.code in OURS:
            continue
        made = finding(
            rule,
            one.message,
            path=one.path,
            line=one.line,
            column=one.column,
            subject=one.path,
            tool_rule=None if one.tool == "gates" else f"{one.tool}:{one.code}",
            source=one.source,
        )
        yield msgspec.structs.replace(made, severity=severity(one))


def severity(one: Complaint) -> Severity:
    """How grave a finding of zizmor is here; a word that is not known counts as the gravest."""
    if one.severity == "informational":
        return "note"
    if one.severity == "low" or (one.severity == "medium" and one.confidence == "low"):
        return "warning"
    return "error"


def _losses(evidence: WorkflowsEvidence) -> Iterator[Finding]:
    for one in evidence.lost.items:
        where = f" in {one.job}" if one.job else ""
        message = f"a failure of {one.tool}{where} is lost: {one.why}"
        yield finding(LOST, message, path=one.path, line=one.line, subject=f"{one.path}:{one.job}", source=one.text)
    for other in evidence.unchecked.items:
        message = f"the job {other.job} says nothing of the others: {other.why}"
        yield finding(UNCHECKED, message, path=other.path, line=other.line, subject=f"{other.path}:{other.job}")


def _caches(evidence: WorkflowsEvidence) -> Iterator[Finding]:
    for one in evidence.caches.items:
        if one.lacking.count:
            message = f"the key of the cache of {one.action} lacks {' and '.join(one.lacking.items)}"
            subject = f"{one.path}:{one.job}"
            yield finding(CACHE, message, path=one.path, line=one.line, subject=subject, source=one.key)


def _held(evidence: WorkflowsEvidence) -> Iterator[Finding]:
    asked = {one.name: one.place for one in evidence.wanted.items if one.kind == "variable"}
    for one in evidence.tested.items:
        lacking = sorted(set(asked) - set(one.held.items))
        if lacking:
            message = f"the job {one.job} runs tests without {', '.join(lacking)}, which {asked[lacking[0]]} asks for"
            yield finding(NOT_HELD, message, path=one.path, line=one.line, subject=f"{one.path}:{one.job}")


def _pins(evidence: WorkflowsEvidence, settings: WorkflowsSettings) -> Iterator[Finding]:
    for one in evidence.uses.items:
        if one.pinned or any(fnmatchcase(one.action, glob) for glob in settings.unpinned):
            continue
        ref = f" at {one.ref}" if one.ref else ""
        what = "an image's digest" if one.action.startswith("docker://") else "a full commit"
        message = f"{one.action} is used{ref}, which is not {what}"
        yield finding(
            UNPINNED, message, path=one.path, line=one.line, subject=one.action, source=f"{one.action}@{one.ref}"
        )
