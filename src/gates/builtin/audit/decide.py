"""Decide: which vulnerabilities are known, which dependencies have no answer, and whether the answers are worth it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gates.builtin.audit.facts import AuditEvidence
from gates.builtin.audit.judging import accounting, answers, vulnerabilities
from gates.builtin.audit.rules import ANSWER_UNUSABLE, CONTROL_CLEAN
from gates.builtin.audit.settings import AuditSettings
from gates.model.decision import Decision
from gates.model.finding import finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason


def decide(evidence: AuditEvidence, settings: AuditSettings, now: datetime) -> Decision:
    """Findings over the dependencies that were audited."""
    unusable = tuple(answers.unusable(evidence, settings.mirror_max_age, now))
    control = None if evidence.faults.items else answers.clean_control(evidence, now)
    found = [*vulnerabilities.findings(evidence, now)]
    if not evidence.faults.items:
        # Where answers are missing, that is the one thing to say of the dependencies that have none.
        found += accounting.findings(evidence, settings.unaudited)
    found += [finding(ANSWER_UNUSABLE, one.message, subject=one.code, source=one.message) for one in unusable]
    if control is not None:
        found.append(finding(CONTROL_CLEAN, control.message, subject=evidence.control.advisory))
    done = accounting.audited(evidence)
    return Decision(
        denominator=Denominator(count=len(done), unit="dependencies"),
        findings=tuple(sorted(found, key=place)),
        reason=next(iter(unusable), None) or control or (None if done else _nothing(evidence)),
        notes=tuple(_notes(evidence, settings, now)),
    )


def _nothing(evidence: AuditEvidence) -> Reason:
    message = f"{evidence.ruled} names no dependency that could be asked about"
    fix = "install the project's dependencies, or name another `source` in [tool.gates.audit]"
    return Reason(code="nothing_examined", message=message, fix=fix)


def _notes(evidence: AuditEvidence, settings: AuditSettings, now: datetime) -> Iterator[str]:
    mirror = evidence.mirror
    if mirror is not None:
        when = (mirror.taken or mirror.newest).partition("T")[0]
        yield (
            f"asked the mirror {mirror.path} of {when} with {mirror.records} records, and no service: what is not in"
            " it, or newer, is not known"
        )
    yield from evidence.notes.items
    yield from accounting.notes(evidence, settings.unaudited)
    for one in evidence.advisories.items:
        if vulnerabilities.is_withdrawn(one, now):
            yield f"the advisory {one.id} was withdrawn on {one.withdrawn.partition('T')[0]}, and does not count"
