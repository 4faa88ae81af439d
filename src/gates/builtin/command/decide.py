"""Decide: how a command ended, what it reported and what it changed, as findings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import msgspec

from gates.builtin.command.facts import Changed, CommandEvidence, Reported
from gates.builtin.command.rules import COMMAND_FAILED, COMMAND_FINDING, GENERATED_CHANGED
from gates.config.command import CommandTable
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason

HOW = {
    "changed": "the command writes this file otherwise, from this line on",
    "created": "the command writes this file, and it is not committed",
    "deleted": "the command does away with this file",
}


def decide(evidence: CommandEvidence, settings: CommandTable) -> Decision:
    """Findings over the files that the command examines."""
    return Decision(
        denominator=Denominator(count=evidence.examined, unit="files"),
        findings=tuple(sorted(_findings(evidence, settings), key=place)),
        reason=_incomplete(evidence, settings),
    )


def _findings(evidence: CommandEvidence, settings: CommandTable) -> Iterator[Finding]:
    if evidence.code not in settings.exit_codes:
        accepted = ", ".join(map(str, settings.exit_codes)) or "none"
        said = f": {evidence.words}" if evidence.words else ""
        message = f"{settings.argv[0]} ended with exit code {evidence.code} (accepted: {accepted}){said}"
        yield finding(COMMAND_FAILED, message, subject=settings.name)
    yield from (_reported(one, settings.name) for one in evidence.reported.items if one.level != "suppressed")
    yield from (_changed(one) for one in evidence.changed.items)


def _reported(one: Reported, gate: str) -> Finding:
    # Where a level or a waiver names it, a code is one word.
    code = None if one.code is None else re.sub(r"\s+", "-", one.code)
    found = finding(
        COMMAND_FINDING,
        one.message,
        path=one.path,
        line=one.line,
        column=one.column,
        subject=one.subject,
        tool_rule=f"{gate}:{code}" if code else None,
        source=one.source or one.message,
    )
    return found if one.level == "error" else msgspec.structs.replace(found, severity="note")


def _changed(one: Changed) -> Finding:
    # No source text in the fingerprint: one finding per file, which stays the same while the file changes.
    message = f"{HOW[one.how]}\n{one.diff}" if one.diff else HOW[one.how]
    return finding(GENERATED_CHANGED, message, path=one.path, line=one.line)


def _incomplete(evidence: CommandEvidence, settings: CommandTable) -> Reason | None:
    if settings.unchanged and evidence.compared < 1:
        return Reason(
            code="evidence_incomplete",
            message="generated files are to be compared (`unchanged`) and the evidence says nothing about any",
            fix=f"gates check {settings.name} --no-cache",
        )
    if settings.parser != "none" and evidence.code != 0 and evidence.code in settings.exit_codes:
        return _contradiction(evidence, settings)
    return None


def _contradiction(evidence: CommandEvidence, settings: CommandTable) -> Reason | None:
    """Where another code than 0 is accepted, it stands for findings; without any, they were not understood."""
    if evidence.reported.count:
        return None
    first, code = settings.argv[0], evidence.code
    return Reason(
        code="unparsable_output",
        message=f"{first} ended with exit code {code}, and nothing that it wrote was read as a finding",
        fix=f"run {shlex.join(settings.argv)} and compare what it writes with `parser` and `pattern`",
    )
