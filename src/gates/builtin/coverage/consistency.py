"""Consistency: evidence whose parts contradict each other proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.coverage.facts import Changed, CoverageEvidence, File, Subject
from gates.builtin.coverage.lines import decoded
from gates.model.reason import Reason

AGAIN = "gates check coverage --no-cache"


def fault(evidence: CoverageEvidence) -> Reason | None:
    """The first contradiction: a set of lines that lost some, a figure that is more than its whole."""
    for why in (*_of_files(evidence), *_of_change(evidence), *_of_subjects(evidence)):
        return Reason(code="evidence_corrupt", message=f"the evidence is damaged: {why}", fix=AGAIN)
    return None


def _of_files(evidence: CoverageEvidence) -> Iterator[str]:
    files = evidence.files.items
    if len({one.path for one in files}) != len(files):
        yield "a file is there twice"
    if evidence.limits.count > 1:
        yield "there is more than one limit"
    for one in files:
        if not _is_whole(one):
            yield f"the figures of {one.path} are not those of its lines"
        if one.ways and not evidence.arcs:
            yield f"there are branches of {one.path} in a measurement of lines"


def _of_change(evidence: CoverageEvidence) -> Iterator[str]:
    if evidence.patch.count > 1 or (evidence.patch.count == 0) is not bool(evidence.no_base):
        yield "there is neither one change nor a reason why there is none"
    measured = {one.path for one in evidence.files.items}
    for patch in evidence.patch.items:
        for one in patch.files.items:
            if not _agrees(one) or one.measured is not (one.path in measured):
                yield f"the change of {one.path} is not that of its lines"


def _of_subjects(evidence: CoverageEvidence) -> Iterator[str]:
    for one in evidence.subjects.items:
        if not _holds(one):
            yield f"what tests cover of {one.module} is not that of its lines"


def _is_whole(one: File) -> bool:
    try:
        lines, ran, excluded = decoded(one.lines), decoded(one.ran), decoded(one.excluded)
    except ValueError:
        return False
    branches = one.branches.items
    return (
        lines.bit_count() == one.statements
        and ran.bit_count() == one.executed
        and not ran & ~lines
        and excluded >= 0
        and one.pragmas >= 0
        and one.ways == sum(branch.total for branch in branches)
        and all(branch.missing.count <= branch.total for branch in branches)
        and len({branch.line for branch in branches}) == len(branches)
    )


def _agrees(one: Changed) -> bool:
    try:
        lines, touched = decoded(one.lines), decoded(one.touched)
    except ValueError:
        return False
    return lines.bit_count() == one.count and touched.bit_count() == one.statements


def _holds(one: Subject) -> bool:
    try:
        return decoded(one.ran).bit_count() == one.executed
    except ValueError:
        return False
