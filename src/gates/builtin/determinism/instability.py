"""Instability: tests that a full screen found to depend on a factor, and what it could not decide."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.determinism.facts import DeterminismEvidence, Diagnosed, Diagnosis
from gates.builtin.determinism.rules import UNSTABLE
from gates.builtin.determinism.settings import DeterminismSettings
from gates.builtin.determinism.words import named
from gates.builtin.diagnosis.factors import HELD
from gates.model.finding import Finding, finding
from gates.model.reason import Reason, ReasonCode

UNKNOWN = "unattributed"


def findings(evidence: DeterminismEvidence) -> Iterator[Finding]:
    """One finding for each factor of each unstable test, so that a baseline of one factor covers no other."""
    diagnosis = evidence.diagnosis
    for one in () if diagnosis is None else diagnosis.tests.items:
        if one.stable is not False:
            continue
        for factor in [flip.name for flip in one.factors.items] or [UNKNOWN]:
            yield finding(
                UNSTABLE,
                _said(one, factor),
                path=one.path or one.id.partition("::")[0],
                line=one.line,
                subject=one.id,
                tool_rule=f"factor:{factor}",
                source=factor,
            )


def _said(one: Diagnosed, factor: str) -> str:
    flip = next((flip for flip in one.factors.items if flip.name == factor), None)
    often = "" if flip is None else f" ({flip.flips} of {flip.runs} runs)"
    culprits = f", with {named(one.culprits.items)}" if one.culprits.count else ""
    where = f", read at {named(one.sites.items)}" if one.sites.count else ""
    again = f": {one.reproduce}" if one.reproduce else ""
    what = "nobody knows why" if factor == UNKNOWN else factor
    return f"{one.id} is unstable: {what}{often}{culprits}{where}{again}"


def problems(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Reason]:
    """What a full screen should have said and did not."""
    diagnosis = evidence.diagnosis
    if diagnosis is None:
        yield _reason("evidence_missing", "the suite was not screened")
        return
    if not {one.id for one in evidence.tests.items} <= {one.id for one in diagnosis.tests.items}:
        yield _reason("evidence_corrupt", "the screen does not say of every test whether it is stable")
    if not diagnosis.done:
        yield _reason("evidence_incomplete", f"the screen is not whole: {diagnosis.reason or 'it does not say why'}")
    open_ones = [one for one in diagnosis.tests.items if one.stable is None]
    if open_ones:
        more = "" if len(open_ones) == 1 else f", and of {len(open_ones) - 1:,} more"
        message = f"the screen could not decide of {open_ones[0].id}{more}: {open_ones[0].reason}"
        yield _reason("evidence_incomplete", message, open_ones[0].reproduce)
    yield from _unvaried(diagnosis, settings)


def _unvaried(diagnosis: Diagnosis, settings: DeterminismSettings) -> Iterator[Reason]:
    why = {one.name: one.reason for one in diagnosis.not_varied.items if not one.reason.startswith(HELD)}
    held = {one.name for one in diagnosis.not_varied.items}.difference(why)
    for name in sorted(set(settings.vary).difference(diagnosis.varied.items, held)):
        message = f"the screen did not vary {name}: {why.get(name, 'it does not know that factor')}"
        yield _reason("evidence_incomplete", message)


def _reason(code: ReasonCode, message: str, fix: str = "") -> Reason:
    return Reason(code=code, message=message, fix=fix or "gates diagnose")
