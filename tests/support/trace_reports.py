"""Reports of the trace gate: what JSON has of evidence by hand, in scenarios that every form must show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gates.builtin.trace import tables
from gates.builtin.trace.decide import decide
from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.settings import TraceSettings
from gates.model.decision import verdict_of
from gates.model.evidence import Refusal, refuse
from support import reports
from support import trace_evidence as made

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE, GONE = "tests/test_ab.py::test_one", "tests/test_ab.py::test_gone"
HOSTILE = "=cmd|' /C calc'!A0 \x1b[2J\u202e <b>|`x`\n::error::gone"
Value = Mapping[str, Any]


def value(evidence: TraceEvidence, **settings: Any) -> Value:
    """What JSON has of this evidence, as it is decided."""
    held = TraceSettings(**settings)
    decision = decide(evidence, held, NOW)
    report = reports.gate(
        "trace",
        verdict_of(decision),
        reason=decision.reason,
        denominator=decision.denominator,
        findings=decision.findings,
        measures=decision.measures,
        evidence=None,
    )
    return tables.document(tables.tables(evidence, held, NOW), report)


def refused(refusal: Refusal | None = None) -> Value:
    """What JSON has where nothing was found out."""
    reason = (refusal or refuse("tool_missing", "pytest is not there", "pip install pytest")).reason
    return tables.document({}, reports.gate("trace", "undecided", reason=reason, denominator=None, evidence=None))


def mixed() -> Value:
    """One item that is shown, one that names a test that is gone, one that is open, one of an unknown word."""
    named = made.command("pytest " + GONE, 9, state="missing", missing=[(GONE, ONE)])
    return value(
        made.evidence(
            made.item("AB-1", status="done", line=3, severity="High", acceptance=["it adds", "it subtracts"]),
            made.item(
                "AB-2", status="done", line=7, validation=[named], files=[made.file("src/no.py", 8, exists=False)]
            ),
            made.item("AB-10", line=12, links=[made.link("depends", "AB-2", 12)]),
            made.item("AB-3", status=None, line=14, severity="low"),
            tests=[made.ran(ONE, "passed", "AB-1"), made.ran("tests/test_ab.py::test_three", "skipped", "AB-3")],
            code=[made.annotated("AB-1", "src/ab.py", 4)],
            executed=[made.executed("AB-1", "src/ab.py", 12)],
            changed=[("AB-1", "code")],
            remarks=[made.remark("TRC009", 14, "nobody knows the status 'frobnicated' of AB-3", subject="AB-3")],
            notes=["a note"],
        )
    )


def passed() -> Value:
    """All that is done is shown."""
    return value(made.evidence(made.item(status="done"), tests=[made.ran(ONE, "passed", "AB-1")]))


def uncollected() -> Value:
    """Nobody knows which tests there are."""
    named = made.command(f"pytest {ONE}", state=None, missing=[(ONE, "")])
    item = made.item(status="done", validation=[named])
    return value(made.evidence(item, collected=False, uncollected="there is no suite"))


def hostile() -> Value:
    """Every text is one that wants to act."""
    named = made.command(HOSTILE, state="missing", missing=[(f"{HOSTILE}::x", HOSTILE)])
    texts: dict[str, Any] = dict.fromkeys(("title", "section", "severity", "category", "status_raw"), HOSTILE)
    item = made.item(HOSTILE, status=None, path=f"docs/{HOSTILE}.md", acceptance=[HOSTILE], validation=[named], **texts)
    return value(made.evidence(item, tests=[made.ran(f"{HOSTILE}::y", "failed", HOSTILE)], notes=[HOSTILE]))


def many() -> Value:
    """More findings of a rule than anybody reads."""
    items = [made.item(f"AB-{number}", status="done", line=number) for number in range(1, 16)]
    return value(made.evidence(*items, tests=[made.ran()]))


SCENARIOS: Mapping[str, Callable[[], Value]] = {
    "mixed": mixed,
    "passed": passed,
    "uncollected": uncollected,
    "hostile": hostile,
    "many": many,
    "refused": refused,
}
