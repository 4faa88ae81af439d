"""Decide: which artifacts are not the same everywhere, by what, and what nobody varied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gates.builtin.repro import record
from gates.builtin.repro.consistency import gap
from gates.builtin.repro.facts import Published, ReproEvidence
from gates.builtin.repro.groups import WORDS, grouped, phrase
from gates.builtin.repro.rules import BREAKS, CONTENT, DRIFTED, PUBLISHED, UNEXPECTED
from gates.builtin.repro.settings import ReproSettings
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.rule import Rule

PYPROJECT = "pyproject.toml"


def decide(evidence: ReproEvidence, settings: ReproSettings) -> Decision:
    """Findings by what varies, and no pass while a factor that is not excused stayed as it was."""
    return Decision(
        denominator=Denominator(count=sum(not one.problem for one in evidence.builds.items), unit="builds"),
        findings=tuple(_findings(evidence, settings)),
        measures=(
            Measure(name="repro.factors", value=float(sum(one.varied for one in evidence.factors.items)), unit="count"),
        ),
        reason=gap(evidence, settings) or _unvaried(evidence, settings),
        notes=(*record.incomparable(evidence), *_excused(evidence, settings), *evidence.notes.items),
    )


def _findings(evidence: ReproEvidence, settings: ReproSettings) -> Iterator[Finding]:
    path, line = (PYPROJECT, evidence.backend_line.items[0]) if evidence.backend_line.count else (None, None)

    def found(rule: Rule, message: str, subject: str) -> Finding:
        return finding(rule, message, path=path, line=line, subject=subject, source=subject)

    for group in grouped(evidence.differences.items):
        yield found(group.rule, group.sentence, group.subject)
    for one in evidence.broken.items:
        message = f"{one.kind}: {phrase(one.factor)} makes the build fail: {one.message}"
        yield found(BREAKS, message, f"{one.kind}:{one.factor}")
    for drift in evidence.drifted.items:
        yield found(DRIFTED, f"a build changed what it builds with: {drift}", drift.partition(" ")[0])
    for drift in record.drift(evidence):
        yield found(DRIFTED, f"not what the record was made with: {drift}", drift.partition(":")[0])
    for sentence, kind in record.unexpected(evidence):
        yield found(UNEXPECTED, sentence, kind)
    for published in evidence.published.items:
        if not _suffices(published, settings):
            yield found(PUBLISHED, _differs(published), published.name)


def _suffices(one: Published, settings: ReproSettings) -> bool:
    return one.verdict == "bit-equal" or (one.verdict == "content-equal" and settings.against_level == "content")


def _differs(one: Published) -> str:
    """What a reader needs first: a difference of the contents, if there is one."""
    first = min(one.differences.items, key=lambda row: WORDS[row.attribute][0] is not CONTENT, default=None)
    how = "only attributes differ" if one.verdict == "content-equal" else "contents differ"
    if first is None:
        return f"{one.name} is not what this source gives: {how}"
    example = f"the {first.attribute} of {first.member or one.name}"
    return f"{one.name} is not what this source gives: {how} in {one.differences.count:,} places, such as {example}"


def _unvaried(evidence: ReproEvidence, settings: ReproSettings) -> Reason | None:
    """Why it is no pass: the first factors that stayed as they were and that nobody excused."""
    left = [one for one in evidence.factors.items if not one.varied and one.name not in settings.excuse]
    if not left:
        return None
    names = ", ".join(one.name for one in left)
    message = f"{names} could not be varied: {left[0].reason}"
    fix = f"mend that, or set excuse = [{', '.join(repr(one.name) for one in left)}] in [tool.gates.repro]"
    return Reason(code="evidence_incomplete", message=message, fix=fix.replace("'", '"'))


def _excused(evidence: ReproEvidence, settings: ReproSettings) -> Iterable[str]:
    for one in evidence.factors.items:
        if one.name in settings.excuse:
            how = (
                "was varied all the same; `excuse` need not name it" if one.varied else f"was not varied: {one.reason}"
            )
            yield f"{one.name} is excused and {how}"
