"""Answers: whether what service, tool and mirror said allows a verdict at all; each that does not is a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from gates.builtin.audit.facts import Advisory, AuditEvidence, Mirror
from gates.builtin.audit.judging.vulnerabilities import Known, heard_of, known_of
from gates.builtin.audit.mirror.records import STAMP, moment
from gates.model.reason import Reason, ReasonCode

LATER = "gates check audit, later or with another `service-url` in [tool.gates.audit]"
DAY = timedelta(days=1)
"""How far ahead a clock or a time zone may be."""


def unusable(evidence: AuditEvidence, max_age: float, now: datetime) -> Iterator[Reason]:
    """Every reason not to judge by the answers, the first ones first."""
    # That a tool crashed over an answer says less than the answer does.
    yield from (one for one in evidence.faults.items if one.code != "tool_crashed")
    if evidence.mirror is not None:
        yield from _old(evidence.mirror, max_age, now)
    advisories = {one.id: one for one in evidence.advisories.items}
    for question in evidence.questions.items:
        about = f"{question.name} {question.version}"
        if question.pending:
            message = f"the answer about {about} has more pages, and {evidence.tool} did not ask for them"
            yield _reason("evidence_incomplete", message)
        for name in question.ids.items:
            yield from _flawed(evidence, advisories.get(name), name, about)
    yield from (one for one in evidence.faults.items if one.code == "tool_crashed")
    if not evidence.faults.items:
        yield from _unsaid(evidence, now)


def clean_control(evidence: AuditEvidence, now: datetime) -> Reason | None:
    """Why the control says that no answer is worth anything, None where it came back with its advisory."""
    one = evidence.control
    pin = (one.name, one.version)
    about = f"{one.name} {one.version}"
    if not any((each.name, each.version) == pin for each in evidence.questions.items):
        return _reason(
            "evidence_incomplete", f"{evidence.tool} asked nothing about the control {about}, which has {one.advisory}"
        )
    known = known_of(evidence, now).get(pin, ())
    if not any(one.advisory in each.names and each.standing for each in heard_of(evidence, pin, now)):
        message = f"{evidence.service} knows nothing of {one.advisory} in {about}, so that nothing it"
        return _reason("evidence_missing", f"{message} calls clean is", fix=_control_fix(evidence))
    if not any(one.advisory in each.names and each.told for each in known):
        return _reason("tool_crashed", f"{evidence.tool} was told of {one.advisory} in {about}, and left it out")
    return None


def _control_fix(evidence: AuditEvidence) -> str:
    if evidence.mirror is not None:
        return f"add the record of {evidence.control.advisory} to {evidence.mirror.path}"
    return "mend `service-url` in [tool.gates.audit]"


def _old(mirror: Mirror, max_age: float, now: datetime) -> Iterator[Reason]:
    """By its stamp, else by its newest record: both are refused where they cannot be true."""
    of = f"the mirror {mirror.path}"
    fix = f"fetch the records again, and say when in {mirror.path}/{STAMP}"
    newest, taken = moment(mirror.newest), moment(mirror.taken) if mirror.taken else None
    when = taken if mirror.taken else newest
    if when is None or newest is None:
        yield _reason("evidence_corrupt", f"{of} does not say how old it is", fix)
    elif newest > now + DAY or when > now + DAY:
        yield _reason("evidence_corrupt", f"{of} has a date in the future: {max(newest, when).date().isoformat()}", fix)
    elif newest > when + DAY:
        said = f"has a record of {newest.date().isoformat()}, and says that it was taken on {when.date().isoformat()}"
        yield _reason("evidence_corrupt", f"{of} {said}", fix)
    elif now - when > timedelta(days=max_age):
        days = (now - when).days
        yield _reason("evidence_stale", f"{of} is {days} days old, and may be {max_age:g}", fix)


def _flawed(evidence: AuditEvidence, advisory: Advisory | None, name: str, about: str) -> Iterator[Reason]:
    if advisory is None:
        yield _reason("evidence_incomplete", f"{evidence.tool} never read the advisory {name[:60]} of {about}")
    elif advisory.flaw:
        code: ReasonCode = "schema_version_mismatch" if advisory.newer else "evidence_incomplete"
        fix = "update gates and the tool" if advisory.newer else LATER
        yield _reason(code, f"the advisory {name[:60]} of {about} {advisory.flaw}", fix)


def _unsaid(evidence: AuditEvidence, now: datetime) -> Iterator[Reason]:
    """Advisories that stand, and that the tool was told of and does not name."""
    known: Mapping[tuple[str, str], tuple[Known, ...]] = known_of(evidence, now)
    control = (evidence.control.name, evidence.control.version)
    for (name, version), listed in sorted(known.items()):
        for one in listed:
            if one.standing and not one.told and (name, version) != control:
                message = f"{evidence.tool} was told of {one.id} in {name} {version}, and left it out"
                yield _reason("tool_crashed", message, "gates check audit -v")


def _reason(code: ReasonCode, message: str, fix: str = LATER) -> Reason:
    return Reason(code=code, message=message, fix=fix)
