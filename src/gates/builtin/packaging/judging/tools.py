"""Tools: what they said, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gates.builtin.packaging.facts import Complaint, PackagingEvidence
from gates.builtin.packaging.rules import LICENCE_INVALID, METADATA_INVALID, PYPROJECT_INVALID, WHEEL_CONTENTS
from gates.model.finding import Finding, finding
from gates.model.rule import Rule

RULES: Mapping[str, Rule] = {
    "twine": METADATA_INVALID,
    "check-wheel-contents": WHEEL_CONTENTS,
    "validate-pyproject": PYPROJECT_INVALID,
    "gates": METADATA_INVALID,
}
LICENCE = "project.license"
"""The key of pyproject.toml that has a rule of its own."""


def findings(evidence: PackagingEvidence, *, licence_is_invalid: bool = False) -> Iterator[Finding]:
    """One for each complaint; a mild one is a warning. What twine says of both artifacts is said once.

    With `licence_is_invalid` the expression has its finding already.
    """
    said: dict[tuple[str, str, str], list[str]] = {}
    for one in evidence.complaints.items:
        said.setdefault((one.tool, one.code, one.message), []).append(one.subject)
    for one in evidence.complaints.items:
        subjects = said.pop((one.tool, one.code, one.message), None)
        if subjects is None or (licence_is_invalid and _of_licence(one)):
            continue
        about = "" if one.path else f"{' and '.join(subjects)}: "
        found = finding(
            LICENCE_INVALID if one.code == LICENCE else RULES[one.tool],
            f"{about}{one.message}",
            path=one.path,
            line=one.line,
            subject=one.subject,
            tool_rule=None if one.tool == "gates" else f"{one.tool}:{one.code}",
        )
        yield msgspec.structs.replace(found, severity="warning") if one.mild else found


def _of_licence(one: Complaint) -> bool:
    invalid = one.code == "invalid-distribution" and "license" in one.message.lower()
    return invalid or one.code == LICENCE
