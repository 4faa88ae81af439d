"""Ruling: findings, and the reason where the figures allow no verdict, of evidence that is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from gates.builtin.bench.facts import BenchEvidence
from gates.builtin.bench.judging import drift, figures, problems, sayings, words
from gates.builtin.bench.judging.between import Cost, costs
from gates.builtin.bench.judging.budgets import Check, checks
from gates.builtin.bench.judging.judged import Control, Judged, Unknown, control_of, judged
from gates.builtin.bench.judging.limits import names
from gates.builtin.bench.rules import CONTROL, FOREIGN, IMPROVED, INCONCLUSIVE, NEW, OVER_BUDGET, REGRESSED
from gates.builtin.bench.settings import BenchSettings
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator
from gates.model.reason import Reason, ReasonCode
from gates.model.rule import Rule

AGAIN = "gates check bench --no-cache"
SELFCHECK = "gates bench selfcheck"
RECORD = "gates baseline bench"


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """All that was found out about the benchmarks of one evidence."""

    evidence: BenchEvidence
    settings: BenchSettings
    found: tuple[Judged, ...]
    unknown: tuple[Unknown, ...]
    checks: tuple[Check, ...]
    costs: tuple[Cost, ...]
    called: Mapping[str, str]

    @property
    def control(self) -> Control:
        """Base against itself."""
        return control_of(self.found)

    @property
    def without_history(self) -> bool:
        """Whether benchmarks would be compared with a history, and there is none at all."""
        return bool(self.unknown) and not any(one.runs.count or one.foreign for one in self.evidence.history.items)

    @property
    def noisy(self) -> list[Judged]:
        """Benchmarks that are inconclusive, the widest first."""
        found = [one for one in self.found if one.verdict == "inconclusive" and not one.unproved]
        return sorted(found, key=lambda one: (-one.half, one.name))


def ruled(evidence: BenchEvidence, settings: BenchSettings) -> Ruled:
    """What is known of each benchmark; the evidence must be free of faults."""
    found, unknown = judged(evidence, settings)
    return Ruled(
        evidence=evidence,
        settings=settings,
        found=found,
        unknown=unknown,
        checks=checks(evidence.benchmarks.items, settings),
        costs=costs(evidence.benchmarks.items, settings),
        called=words.called(one.id for one in evidence.benchmarks.items),
    )


def nothing(evidence: BenchEvidence, settings: BenchSettings) -> Ruled:
    """What is known of evidence that is damaged."""
    return Ruled(evidence=evidence, settings=settings, found=(), unknown=(), checks=(), costs=(), called={})


def ruling(evidence: BenchEvidence, settings: BenchSettings) -> Decision:
    """The decision on evidence that is free of faults."""
    held = ruled(evidence, settings)
    examined = {one.benchmark.id for one in held.found} | {one.benchmark.id for one in held.checks}
    examined |= {one.one.id for one in held.costs if one.one is not None and one.found is not None}
    reason = next(_reasons(held), None)
    if reason is None and not examined:
        reason = Reason(code="nothing_examined", message=sayings.nothing(evidence), fix=AGAIN)
    return Decision(
        denominator=Denominator(count=len(examined), unit="benchmarks"),
        findings=tuple(_findings(held)),
        measures=tuple(figures.measures(held.found, held.checks, held.costs, held.control)),
        reason=reason,
        notes=tuple(sayings.notes(evidence, settings, held.found, held.called)),
    )


def not_compared(held: Ruled) -> Iterator[Finding]:
    """A finding for each benchmark that has no change."""
    yield from problems.findings(held.evidence, held.called)
    for one in held.unknown:
        found = _of_unknown(one)
        # Where there is no history at all, that is no fault of this benchmark.
        if found.rule == NEW.code and not held.without_history:
            found = msgspec.structs.replace(found, severity="error")
        yield found


def _findings(held: Ruled) -> Iterator[Finding]:
    yield from not_compared(held)
    alarmed = bool(held.control.alarms)
    most = max((one.held for one in held.found), default=0.0) if held.noisy else 0.0
    for one in held.found:
        if one.verdict == "regressed" or one.unproved:
            found = _about(REGRESSED, sayings.slower(one), one)
            yield msgspec.structs.replace(found, severity="warning") if alarmed else found
        elif one.verdict == "inconclusive":
            yield _about(INCONCLUSIVE, sayings.inconclusive(one, most), one)
        elif one.verdict == "improved" and one.stored:
            yield _about(IMPROVED, sayings.faster(one), one)
        if one.control is not None and one.alarmed:
            yield _about(CONTROL, sayings.alarmed(one, one.control), one)
    yield from _of_budgets(held)


def _about(rule: Rule, message: str, one: Judged | Unknown | Check, source: str = "") -> Finding:
    held = one.benchmark
    return finding(rule, message, path=held.path, line=held.line, subject=held.id, source=source or rule.code)


def _of_unknown(one: Unknown) -> Finding:
    if one.runs:
        return _about(INCONCLUSIVE, sayings.short(one), one)
    if one.foreign:
        return _about(FOREIGN, sayings.foreign(one), one)
    message = f"{one.name} has nothing to be compared with: the history does not know it"
    return _about(NEW, message, one)


def _of_budgets(held: Ruled) -> Iterator[Finding]:
    for check in held.checks:
        if check.standing == "passed over":
            yield _about(OVER_BUDGET, check.said, check, f"{check.what} {check.limit}")
        elif check.standing == "open":
            yield _about(INCONCLUSIVE, sayings.straddles(check), check, f"{check.what} {check.limit}")
    for cost in held.costs:
        if cost.found is None:
            continue
        rule = {"passed over": OVER_BUDGET, "open": INCONCLUSIVE}.get(cost.standing)
        if rule is not None and cost.one is not None:
            message = cost.said if rule is OVER_BUDGET else sayings.straddles(cost)
            yield finding(
                rule,
                message,
                path=cost.one.path,
                line=cost.one.line,
                subject=cost.one.id,
                source=f"{cost.limit.benchmark} {cost.limit.against}",
            )


def _reasons(held: Ruled) -> Iterator[Reason]:
    """Why there is no verdict, the gravest first."""
    able = [one for one in held.evidence.benchmarks.items if problems.standing(one) is None]
    known = {one.benchmark.id for one in held.found} | {one.benchmark.id for one in held.unknown}
    for one in able:
        if one.id not in known:
            message = f"{held.called[one.id]} ran in too few processes to be compared"
            yield Reason(code="evidence_incomplete", message=message, fix=AGAIN)
    control = held.control
    if control.alarms:
        yield Reason(code="too_noisy", message=sayings.control(held.evidence, control), fix=SELFCHECK)
    if not control.compared and any(not one.stored for one in held.found):
        message = "base was compared with itself in no benchmark, so that nobody knows what noise alone looks like"
        yield Reason(code="evidence_incomplete", message=message, fix=AGAIN)
    for one in held.evidence.benchmarks.items:
        if problems.standing(one) is INCONCLUSIVE:
            message = f"base ran {held.called[one.id]} for a while and then did not: nothing is known of it"
            yield Reason(code="evidence_incomplete", message=message, fix=AGAIN)
    yield from _of_the_history(held)
    if held.noisy:
        most = max(one.held for one in held.found)
        message = sayings.noisy(held.evidence, held.noisy, len(held.found), most)
        yield Reason(code="too_noisy", message=message, fix=SELFCHECK)
    yield from _of_settings(held)


def _of_the_history(held: Ruled) -> Iterator[Reason]:
    if held.without_history:
        message = "there is no base to measure beside, and no history to compare with"
        yield Reason(code="evidence_missing", message=message, fix=RECORD)
    foreign = [one for one in held.unknown if one.foreign and not one.runs]
    if foreign:
        fix = f'mode = "paired" in [tool.gates.bench], or {RECORD}'
        yield Reason(code="evidence_foreign", message=sayings.all_foreign(foreign), fix=fix)
    few = [one for one in held.unknown if one.runs]
    if few:
        more = f" and {len(few) - 1:,} more" if len(few) > 1 else ""
        message = f"{sayings.short(few[0])}{more}"
        yield Reason(code="evidence_missing", message=message, fix=f"{RECORD}  # {drift.LEAST} times")


def _of_settings(held: Ruled) -> Iterator[Reason]:
    """Limits that could not be applied: nothing is named, or the interval is on both sides of the limit."""
    ids = [one.id for one in held.evidence.benchmarks.items]
    for table, globs in (
        ("limits", [one.glob for one in held.settings.limits]),
        ("budget", [one.glob for one in held.settings.budget]),
    ):
        for glob in globs:
            if not any(names(glob, one) for one in ids):
                fix = f"mend or remove its table [[tool.gates.bench.{table}]]"
                message = f"the glob {glob!r} names none of the {words.count(len(ids), 'benchmark')}"
                yield Reason(code="nothing_examined", message=message, fix=fix)
    for cost in held.costs:
        if cost.found is None:
            known = cost.one is not None
            code: ReasonCode = "evidence_incomplete" if known else "nothing_examined"
            fix = AGAIN if known else "mend its table [[tool.gates.bench.between]]"
            yield Reason(code=code, message=cost.said, fix=fix)
    limited: tuple[Check | Cost, ...] = (*held.checks, *held.costs)
    for one in limited:
        if one.standing == "open" and one.found is not None:
            yield Reason(code="too_noisy", message=sayings.straddles(one), fix=SELFCHECK)
        elif one.standing == "open" and isinstance(one, Check):
            yield Reason(code="evidence_incomplete", message=sayings.straddles(one), fix=AGAIN)
