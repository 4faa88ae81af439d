"""Coverage: whether the jobs that run the tests run them under all that the project declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.workflows.rules import NO_PYTHON, NO_SYSTEM, UNKNOWN
from gates.model.finding import Finding, finding
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.workflows.facts import Unknown, WorkflowsEvidence
    from gates.builtin.workflows.settings import WorkflowsSettings

NEWEST = "newest"
RULES = {"python": NO_PYTHON, "system": NO_SYSTEM}


class Gaps(msgspec.Struct, frozen=True):
    """Findings, and the reason for which the rest cannot be judged."""

    findings: tuple[Finding, ...]
    reason: Reason | None


def gaps(evidence: WorkflowsEvidence, settings: WorkflowsSettings) -> Gaps:
    """What is declared and tested by no job; where a job does not say what it runs, that nobody can tell."""
    missing = {kind: _missing(evidence, kind) for kind in RULES}
    open_jobs = [
        one
        for one in evidence.unknown.items
        if (one.about == "cache" or missing[one.about]) and f"{one.path}:{one.job}" not in settings.as_written
    ]
    unsettled = {one.about for one in open_jobs}
    found = [
        finding(UNKNOWN, _question(one, missing), path=one.path, line=one.line, subject=f"{one.path}:{one.job}")
        for one in open_jobs
    ]
    for kind in RULES:
        if kind not in unsettled:
            found += _untested(evidence, kind, missing[kind])
    return Gaps(tuple(dict.fromkeys(found)), _reason(found) if open_jobs else None)


def _missing(evidence: WorkflowsEvidence, kind: str) -> dict[str, str]:
    """What is asked for and not tested, with the place that asks for it."""
    asked = {one.name: one.place for one in evidence.wanted.items if one.kind == kind}
    if not evidence.has_tests or not asked:
        return {}
    tested = {
        name for one in evidence.tested.items for name in (one.pythons.items if kind == "python" else one.systems.items)
    }
    if NEWEST in tested:
        tested.add(max(asked, key=_order))
    return {name: where for name, where in asked.items() if name not in tested}


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _is_workflow(path: str) -> bool:
    return ".github/workflows/" in path


def _untested(evidence: WorkflowsEvidence, kind: str, missing: dict[str, str]) -> Iterator[Finding]:
    rule = RULES[kind]
    if not missing:
        return
    if not evidence.tested.count:
        names = ", ".join(sorted(missing, key=lambda one: (_order(one), one)))
        message = f"no job of any workflow runs the tests, so none tests {names}"
        yield finding(rule, message, path=max(evidence.files.items, key=_is_workflow), subject=kind)
        return
    path, line = evidence.tested.items[0].path, evidence.tested.items[0].line
    for name, where in missing.items():
        said = f"Python {name}" if kind == "python" else name
        yield finding(rule, f"no job tests {said}, which {where} names", path=path, line=line, subject=name)


def _question(one: Unknown, missing: dict[str, dict[str, str]]) -> str:
    if one.about == "cache":
        return f"of the job {one.job} it cannot be told whether its cache is right: {one.why}"
    names = ", ".join(sorted(missing[one.about], key=lambda name: (_order(name), name)))
    return f"of the job {one.job} it cannot be told whether it tests {names}: {one.why}"


def _reason(found: list[Finding]) -> Reason:
    first = next(one for one in found if one.rule == UNKNOWN.code)
    return Reason(code="evidence_incomplete", message=first.message, fix=UNKNOWN.fix)
