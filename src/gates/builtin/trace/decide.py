"""Decide: each claim of a document has what its status and its level ask for, and says it once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gates.builtin.trace import consistency
from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.judging import documents, items, names
from gates.builtin.trace.judging.joined import Joined, join
from gates.builtin.trace.settings import TraceSettings
from gates.model.decision import Decision
from gates.model.finding import Finding
from gates.model.measure import Denominator, Measure


def decide(evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Decision:
    """The decision over all items of all documents."""
    joined = join(evidence, settings, now)
    return Decision(
        denominator=Denominator(count=evidence.items.count, unit="items"),
        findings=tuple(_findings(joined, now)),
        measures=tuple(_measures(joined)),
        reason=next(consistency.problems(evidence, settings), None),
        notes=evidence.notes.items,
    )


def _findings(joined: Joined, now: datetime) -> Iterator[Finding]:
    yield from documents.findings(joined.evidence, joined.settings)
    for item in joined.evidence.items.items:
        yield from items.findings(item, joined, now)
    yield from names.findings(joined)


def _measures(joined: Joined) -> Iterator[Measure]:
    held = joined.evidence.items.items
    least = joined.settings.least
    yield Measure(
        name="trace.items",
        value=len(held),
        unit="items",
        limit=least,
        limit_from=None if least is None else "setting:least",
        direction=None if least is None else "min",
    )
    tested = [(one, tests) for one in held if (tests := joined.tests_of(one))]
    passed = sum(any(joined.worth(one, test) == "passed" for test in tests) for one, tests in tested)
    yield Measure(name="trace.done", value=sum(one.status == "done" for one in held), unit="items")
    yield Measure(name="trace.tested", value=len(tested), unit="items")
    yield Measure(name="trace.passed", value=passed, unit="items")
