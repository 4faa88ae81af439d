"""Projections: what follows from the events of one run and the recordings that they name; pure.

A run is projected from all its events at once, so what is in the store never depends on the order of their coming.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gates.record import events
from gates.record.recorded import Attempt, Recording
from pytest_vltair import identity

FAILING = frozenset({"failed", "undecided", "error", "lost"})
"""Statuses of gates and tests that failed."""
BROKEN = frozenset({"error", "lost"})
"""Statuses of runs that failed by themselves, and not by one of their gates."""
WORST = ("unfinished", "error", "failed", "flaky", "xpassed", "xfailed", "skipped", "passed")
"""Outcomes of a test of which several recordings of a run tell, the one that counts first."""

BAD = frozenset(WORST[:3])
"""Outcomes of a test that failed."""

Row = dict[str, Any]


class Subject(NamedTuple):
    """What was executed: its kind and its name, under which the store has a number for it."""

    kind: str
    name: str


class Projection(NamedTuple):
    """The rows of one run; in place of numbers they have a `Subject`, and none for the run."""

    run: Row
    executions: list[Row]
    gates: list[Row]
    findings: list[Row]
    measures: list[Row]
    tests: list[Row]
    suites: list[Row]
    requirements: list[Row]

    @property
    def place(self) -> str:
        """The place of the run among all: they are in the order in which they began."""
        return f"{self.run['started']} {self.run['run']}"

    def newest(self) -> Mapping[Subject, bool]:
        """Whether each subject failed in this run: that counts which came last."""
        failed = {one["subject_id"]: one["status"] in FAILING for one in self.executions if one["kind"] == "gate"}
        for one in self.tests:
            subject = one["subject_id"]
            failed[subject] = failed.get(subject, False) or one["outcome"] in BAD
        failed[Subject("run", self.run["command"])] = self.run["status"] in BROKEN
        return failed


def of(found: Sequence[events.AnyEvent], recordings: Mapping[str, Recording]) -> Projection:
    """What follows from the events of a run, of which there is at least one, and the recordings that are there."""
    suites = [one for one in found if isinstance(one, events.TestsRecorded)]
    run = _run(found)
    ran = list(_ran(suites, recordings))
    tests = _tests(ran)
    run["tests"] = len({one["subject_id"] for one in tests})
    run["failed_tests"] = len({one["subject_id"] for one in tests if one["outcome"] in BAD})
    decided = [one for one in found if isinstance(one, events.GateDecided)]
    return Projection(
        run=run,
        executions=[
            one | {"retry_of": one["told_retry_of"]}
            for one in (
                _execution_of_run(found, run),
                *map(_execution_of_gate, decided),
                *map(_execution_of_test, ran),
            )
        ],
        gates=[*{one.span_id: _gate(one) for one in decided}.values()],
        findings=[_finding(one) for one in found if isinstance(one, events.FindingMade)],
        measures=[_measure(one) for one in found if isinstance(one, events.MeasureTaken)],
        tests=tests,
        suites=[
            {
                "seq": one.seq,
                "gate_id": _of_gate(one),
                "recording": one.recording,
                "known": int(one.recording in recordings),
            }
            for one in suites
        ],
        requirements=_requirements(ran),
    )


def named(project: str, name: str) -> str:
    """A gate or a test with its project, where that is a member of a workspace."""
    return name if project in {"", "."} else f"{project}:{name}"


class _Ran(NamedTuple):
    """An attempt at a test in this run; `number` counts those of all its recordings, `before` is the one before."""

    suite: events.TestsRecorded
    recording: Recording
    attempt: Attempt
    number: int
    before: str | None
    span: str

    @property
    def subject(self) -> Subject:
        return Subject("test", named(self.suite.project, self.attempt.test))


def _run(found: Sequence[events.AnyEvent]) -> Row:
    first, last = found[0], found[-1]
    start = next((one for one in found if isinstance(one, events.CommandStart)), None)
    end = next((one for one in found if isinstance(one, events.CommandEnd)), None)
    row: Row = {
        "run": first.run,
        "trace_id": "",
        "span_id": identity.run_span(first.run),
        "attempt": first.attempt,
        "command": "",
        "gates": "[]",
        "project": "",
        "branch": None,
        "commit_id": None,
        "scope": "",
        "started": first.at,
        "configuration": None,
        "runner": "",
        "machine": "",
        "gates_version": "",
        "backfilled": 0,
        "status": "running",
        "verdict": "undecided",
        "exit_code": None,
        "ended": None,
        "duration_ms": _between(first.at, last.at),
        "report": None,
        "grounds": None,
        "unwritten": 0,
        "events": len(found),
    }
    return row | ({} if start is None else _begun(start)) | ({} if end is None else _ended(end, row["duration_ms"]))


def _begun(start: events.CommandStart) -> Row:
    who = start.runner
    return {
        "trace_id": start.trace_id,
        "span_id": start.span_id,
        "attempt": start.attempt,
        "command": start.command,
        "gates": msgspec.json.encode(start.gates).decode(),
        "project": start.project.name,
        "branch": start.project.branch,
        "commit_id": start.project.commit,
        "scope": start.project.scope,
        "started": start.at,
        "configuration": start.configuration,
        "runner": "/".join(filter(None, (who.kind, who.id, who.job))),
        "machine": " ".join(filter(None, (who.system, who.machine, who.python))),
        "gates_version": start.gates_version,
        "backfilled": int(start.backfilled),
    }


def _ended(end: events.CommandEnd, spent: int) -> Row:
    return {
        "status": end.status,
        "verdict": end.verdict,
        "exit_code": end.exit_code,
        "ended": end.at,
        "duration_ms": end.duration_ms or spent,
        "report": end.report,
        "grounds": end.grounds,
        "unwritten": end.unwritten,
    }


def _execution_of_run(found: Sequence[events.AnyEvent], run: Row) -> Row:
    start = next((one for one in found if isinstance(one, events.CommandStart)), None)
    end = next((one for one in found if isinstance(one, events.CommandEnd)), None)
    same = ("trace_id", "span_id", "attempt", "status", "started", "ended", "duration_ms", "configuration")
    return {
        **{name: run[name] for name in same},
        "kind": "run",
        "subject_id": Subject("run", run["command"]),
        "gate_id": None,
        "told_retry_of": None if start is None else start.retry_of,
        **_error(None if end is None else end.error),
        "inputs": run["grounds"],
        "outputs": run["report"],
        "recording": None,
    }


def _execution_of_gate(one: events.GateDecided) -> Row:
    return {
        "kind": "gate",
        "subject_id": _of_gate(one),
        "gate_id": None,
        "trace_id": one.trace_id,
        "span_id": one.span_id,
        "attempt": one.attempt,
        "told_retry_of": None,
        "status": one.verdict,
        **_error(one.error),
        "started": one.started,
        "ended": one.at,
        "duration_ms": one.duration_ms,
        "inputs": one.inputs,
        "outputs": one.outputs,
        "configuration": one.configuration,
        "recording": None,
    }


def _execution_of_test(one: _Ran) -> Row:
    return {
        "kind": "test",
        "subject_id": one.subject,
        "gate_id": _of_gate(one.suite),
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


def _error(error: events.Error | None) -> Row:
    return {
        "error_type": None if error is None else error.type,
        "error_message": None if error is None else error.message,
        "stack_hash": None if error is None else error.stack_hash,
    }


def _of_gate(one: events.GateDecided | events.TestsRecorded) -> Subject:
    return Subject("gate", named(one.project, one.gate))


def _gate(one: events.GateDecided) -> Row:
    return {
        "subject_id": _of_gate(one),
        "verdict": one.verdict,
        "denominator": one.denominator,
        "unit": one.unit,
        "cached": int(one.cached),
        "duration_ms": one.duration_ms,
        "findings": msgspec.json.encode(one.findings, order="sorted").decode(),
        "tools": msgspec.json.encode(one.tools, order="sorted").decode(),
    }


def _finding(one: events.FindingMade) -> Row:
    names = ("seq", "gate", "project", "rule", "name", "tool_rule", "severity", "message", "path", "line", "subject")
    row = {name: getattr(one, name) for name in names}
    return row | {"fingerprint": one.fingerprint, "blocks": int(one.blocks)}


def _measure(one: events.MeasureTaken) -> Row:
    names = ("seq", "gate", "project", "name", "value", "unit", "direction")
    return {name: getattr(one, name) for name in names} | {"bound": one.limit, "bound_from": one.limit_from}


def _ran(suites: Sequence[events.TestsRecorded], recordings: Mapping[str, Recording]) -> list[_Ran]:
    """Every attempt at every test; those of a second recording of the same gate count on, and repeat nothing."""
    ran: list[_Ran] = []
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
            before = ran[-1].span if attempt.number > 1 else None
            ran.append(_Ran(suite, recording, attempt, number, before, span))
    return ran


def _tests(ran: Sequence[_Ran]) -> list[Row]:
    found: dict[tuple[Subject, Subject], Row] = {}
    for one in ran:
        gate = _of_gate(one.suite)
        row = found.setdefault(
            (one.subject, gate),
            {"subject_id": one.subject, "gate_id": gate, "outcome": "passed", "reruns": 0, "duration_ms": 0.0},
        )
        row["outcome"] = min(row["outcome"], one.attempt.outcome, key=WORST.index)
        row["reruns"] += int(not one.attempt.last)
        if one.attempt.last:
            row["duration_ms"] = max(row["duration_ms"], one.attempt.duration_ms)
    return list(found.values())


def _requirements(ran: Sequence[_Ran]) -> list[Row]:
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


def _between(first: str, last: str) -> int:
    """Milliseconds between two moments, none where the clock was set back."""
    from datetime import datetime

    return max(0, round(1000 * (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()))
