"""Accounting: every dependency is audited, named as not to be, or a finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.builtin.audit.facts import AuditEvidence, Dependency
from gates.builtin.audit.rules import DEPENDENCY_UNAUDITED, EXEMPTION_UNUSED
from gates.builtin.audit.settings import Exemption
from gates.model.finding import Finding, finding
from pytest_vltair.installed import canonical

WHENCE = {
    "local": "it comes from a folder or a file of this machine",
    "vcs": "it comes from a repository",
    "url": "it comes from an address of its own",
}


def audited(evidence: AuditEvidence) -> list[Dependency]:
    """The dependencies to which there is an answer that the tool has made use of."""
    answered = {(one.name, one.version) for one in evidence.questions.items}
    skipped = {one.name for one in evidence.skipped.items}
    return [
        one
        for one in evidence.dependencies.items
        if one.asked and (one.name, one.version) in answered and one.name not in skipped
    ]


def findings(evidence: AuditEvidence, unaudited: Sequence[Exemption]) -> Iterator[Finding]:
    """Dependencies without an answer that nobody named, and names that excuse nothing."""
    answered = audited(evidence)
    done = {one.name for one in answered}
    needing = [one for one in evidence.dependencies.items if not _is_expected(one) and one not in answered]
    named = {canonical(one.name) for one in unaudited}
    for one in needing:
        if one.name not in named:
            said = f"{one.name} {one.version}".strip()
            message = f"{said} was not audited: {_why(one, evidence)}"
            yield finding(
                DEPENDENCY_UNAUDITED, message, path=one.path, line=one.line, subject=one.name, source=one.name
            )
    held = {one.name for one in evidence.dependencies.items}
    used = {one.name for one in needing}
    for exemption in unaudited:
        name = canonical(exemption.name)
        if name not in used:
            why = "it is audited" if name in done else "it never is" if name in held else "no dependency has that name"
            message = f"{exemption.name} is named under `unaudited`, and {why}"
            yield finding(EXEMPTION_UNUSED, message, subject=exemption.name, source=exemption.name)


def notes(evidence: AuditEvidence, unaudited: Sequence[Exemption]) -> Iterator[str]:
    """One sentence for each dependency that needs no answer."""
    answered = audited(evidence)
    reasons = {canonical(one.name): one.reason for one in unaudited}
    for one in evidence.dependencies.items:
        if one.own:
            yield f"not audited, as expected: {one.name}, the project itself"
        elif _is_expected(one):
            yield f"not audited, as expected: {one.name}, which is installed in place"
        elif one.name in reasons and one not in answered:
            yield f"not audited, by `unaudited`: {one.name}: {reasons[one.name]}"


def _is_expected(one: Dependency) -> bool:
    return one.own or one.origin == "editable"


def _why(one: Dependency, evidence: AuditEvidence) -> str:
    if one.origin in WHENCE:
        return WHENCE[one.origin]
    if not one.version:
        return "no version of it is pinned"
    if not one.asked:
        return f"{one.version!r} is no version that can be asked about"
    left = next((each.reason for each in evidence.skipped.items if each.name == one.name), None)
    return f"{evidence.tool} left it out: {left}" if left else f"{evidence.tool} asked nothing about it"
