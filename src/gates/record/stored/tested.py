"""Tested: what follows from the recordings that a run names: attempts at tests, tests and requirements; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gates.record import events
from gates.record.stored.recorded import Attempt, Recording
from pytest_vltair import identity

WORST = ("unfinished", "error", "failed", "flaky", "xpassed", "xfailed", "skipped", "passed")
"""Outcomes of a test of which several recordings of a run tell, the one that counts first."""

BAD = frozenset(WORST[:3])
"""Outcomes of a test that failed."""

Row = dict[str, Any]


class Subject(NamedTuple):
    """What was executed: its kind and its name, under which the store has a number for it."""

    kind: str
    name: str


class Ran(NamedTuple):
    """An attempt at a test in this run; `number` counts those of all its recordings, `before` is the one before."""

    suite: events.TestsRecorded
    recording: Recording
    attempt: Attempt
    number: int
    before: str | None
    span: str

    @property
    def subject(self) -> Subject:
        """The test."""
        return Subject("test", named(self.suite.project, self.attempt.test))


def named(project: str, name: str) -> str:
    """A gate or a test with its project, where that is a member of a workspace."""
    return name if project in {"", "."} else f"{project}:{name}"


def of_gate(one: events.GateDecided | events.TestsRecorded) -> Subject:
    """The gate that an event is about."""
    return Subject("gate", named(one.project, one.gate))


def ran(suites: Sequence[events.TestsRecorded], recordings: Mapping[str, Recording]) -> list[Ran]:
    """Every attempt at every test; those of a second recording of the same gate count on, and repeat nothing."""
    found: list[Ran] = []
    counted: Counter[tuple[str, str, str]] = Counter()
    for suite in suites:
        recording = recordings.get(suite.recording)
        if recording is None:
            continue
        for attempt in recording.attempts:
            place = (suite.project, suite.gate, attempt.test)
            counted[place] += 1
            number = counted[place]
            span = identity.test_span(suite.run, *place, number)
            before = found[-1].span if attempt.number > 1 else None
            found.append(Ran(suite, recording, attempt, number, before, span))
    return found


def execution(one: Ran) -> Row:
    """The row of an attempt among the executions."""
    return {
        "kind": "test",
        "subject_id": one.subject,
        "gate_id": of_gate(one.suite),
        "trace_id": identity.test_trace(one.suite.trace_id, one.attempt.test),
        "span_id": one.span,
        "attempt": one.number,
        "told_retry_of": one.before,
        "status": one.attempt.status,
        "error_type": one.attempt.error_type,
        "error_message": one.attempt.error_message,
        "stack_hash": one.attempt.stack_hash,
        # A recording holds how long each phase took, and not when it began.
        "started": None,
        "ended": None,
        "duration_ms": one.attempt.duration_ms,
        "inputs": None,
        "outputs": None,
        "configuration": None,
        "recording": one.recording.digest,
    }


def tests(ran: Sequence[Ran]) -> list[Row]:
    """How each test ended for each gate that ran it: the worst of its recordings counts."""
    found: dict[tuple[Subject, Subject], Row] = {}
    for one in ran:
        gate = of_gate(one.suite)
        row = found.setdefault(
            (one.subject, gate),
            {"subject_id": one.subject, "gate_id": gate, "outcome": "passed", "reruns": 0, "duration_ms": 0.0},
        )
        row["outcome"] = min(row["outcome"], one.attempt.outcome, key=WORST.index)
        row["reruns"] += int(not one.attempt.last)
        if one.attempt.last:
            row["duration_ms"] = max(row["duration_ms"], one.attempt.duration_ms)
    return list(found.values())


def requirements(ran: Sequence[Ran]) -> list[Row]:
    """What became of each requirement: a test that was skipped, or expected to fail, shows nothing."""
    outcomes: dict[str, dict[tuple[str, str], str]] = {}
    for one in ran:
        for name in one.attempt.requirements:
            of_tests = outcomes.setdefault(name, {})
            test = (one.suite.gate, one.subject.name)
            of_tests[test] = min(of_tests.get(test, "passed"), one.attempt.outcome, key=WORST.index)
    return [_required(name, list(found.values())) for name, found in sorted(outcomes.items())]


def _required(name: str, outcomes: Sequence[str]) -> Row:
    failed = sum(one != "passed" for one in outcomes)
    broken = any(one in BAD for one in outcomes)
    status = "failed" if broken else "undecided" if failed else "passed"
    return {"requirement": name, "status": status, "tests": len(outcomes), "failed": failed}
