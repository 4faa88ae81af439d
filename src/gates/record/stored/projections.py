"""Projections: what follows from the events of one run and the recordings that they name; pure.

A run is projected from all its events at once, so what is in the store never depends on the order of their coming.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from gates.record import events
from gates.record.stored import tested
from gates.record.stored.recorded import Recording
from gates.record.stored.tested import BAD, Row, Subject, of_gate
from pytest_vltair import identity

FAILING = frozenset({"failed", "undecided", "error", "lost"})
"""Statuses of gates and tests that failed."""
BROKEN = frozenset({"error", "lost"})
"""Statuses of runs that failed by themselves, and not by one of their gates."""


class Last(NamedTuple):
    """What has a newest run: a subject, and of a gate the command; that of a test is empty, whatever runs it."""

    subject: Subject
    command: str


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

    def newest(self) -> Mapping[Last, bool]:
        """Whether each subject failed in this run: that counts which came last.

        A gate that passes may fail its proof, and the other way round: the command tells them apart.
        """
        command = self.run["command"]
        gates = (one for one in self.executions if one["kind"] == "gate")
        failed = {Last(one["subject_id"], command): one["status"] in FAILING for one in gates}
        for one in self.tests:
            last = Last(one["subject_id"], "")
            failed[last] = failed.get(last, False) or one["outcome"] in BAD
        failed[Last(Subject("run", command), command)] = self.run["status"] in BROKEN
        return failed


def of(found: Sequence[events.AnyEvent], recordings: Mapping[str, Recording]) -> Projection:
    """What follows from the events of a run, of which there is at least one, and the recordings that are there."""
    suites = [one for one in found if isinstance(one, events.TestsRecorded)]
    run = _run(found)
    ran = tested.ran(suites, recordings)
    tests = tested.tests(ran)
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
                *map(tested.execution, ran),
            )
        ],
        gates=[*{one.span_id: _gate(one) for one in decided}.values()],
        findings=[_finding(one) for one in found if isinstance(one, events.FindingMade)],
        measures=[_measure(one) for one in found if isinstance(one, events.MeasureTaken)],
        tests=tests,
        suites=[
            {
                "seq": one.seq,
                "gate_id": of_gate(one),
                "recording": one.recording,
                "known": int(one.recording in recordings),
            }
            for one in suites
        ],
        requirements=tested.requirements(ran),
    )


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
        "subject_id": of_gate(one),
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


def _error(error: events.Error | None) -> Row:
    return {
        "error_type": None if error is None else error.type,
        "error_message": None if error is None else error.message,
        "stack_hash": None if error is None else error.stack_hash,
    }


def _gate(one: events.GateDecided) -> Row:
    return {
        "subject_id": of_gate(one),
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


def _between(first: str, last: str) -> int:
    """Milliseconds between two moments, none where the clock was set back."""
    from datetime import datetime

    return max(0, round(1000 * (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()))
