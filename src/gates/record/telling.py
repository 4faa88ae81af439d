"""Telling: the events that follow from a report, as fields of lines; pure, and nothing personal is left in them."""

from __future__ import annotations

import math
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gates.model.evidence import sha256
from pytest_vltair import identity

if TYPE_CHECKING:
    from gates.engine.runner import Outcome
    from gates.model.command_proof import CommandProof, Trial
    from gates.model.diagnosis import DiagnosisReport, Reproduction
    from gates.model.finding import Finding
    from gates.model.measure import Measure
    from gates.model.proof import GateProof
    from gates.model.reason import Reason
    from gates.model.report import GateReport

MOST = 1_000
"""Findings of one gate that have an event each; all stand in the report."""

LONGEST = 2_000
"""Characters of a message that are written."""

_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+|vltair-\w+|<\w+>")

Scrub = Callable[[str], str]


class Told(NamedTuple):
    """An event: its kind, its fields, and the gate (with its project) whose span it bears."""

    event: str
    fields: dict[str, Any]
    project: str
    gate: str


def judged(report: GateReport, outcome: Outcome | None, configuration: str, scrub: Scrub) -> Iterator[Told]:
    """What a judged gate leaves: its verdict, its findings, its measures, and the tests that ran for it."""
    place = {"gate": report.name, "project": report.project}
    collected = None if outcome is None else outcome.collected
    over = report.denominator
    fields = {
        **place,
        "verdict": report.verdict,
        "error": _error(report.name, report.reason, report.findings, scrub),
        "denominator": None if over is None else over.count,
        "unit": None if over is None else over.unit,
        "cached": collected is not None and collected.cached,
        "inputs": None if collected is None else collected.inputs,
        "outputs": None if report.evidence is None else report.evidence.sha256,
        "configuration": configuration,
        "started": None if collected is None else collected.began,
        "duration_ms": 0 if collected is None else round(1000 * collected.seconds),
        "findings": Counter(one.rule for one in report.findings if one.blocks),
        "tools": {name: scrub(version) for name, version in report.tools.items()},
    }
    if report.verdict == "passed":
        fields["error"] = None
    yield Told("gate", fields, report.project, report.name)
    for one in report.findings[:MOST]:
        yield Told("finding", place | _finding(one, scrub), report.project, report.name)
    for measure in report.measures:
        if math.isfinite(measure.value):
            # What is no number has no place in JSON; the report says so of it.
            yield Told("measure", place | _measure(measure, scrub), report.project, report.name)
    recording = getattr(collected, "recording", None)
    if recording is not None:
        yield Told("tests", place | {"recording": recording}, report.project, report.name)


def unwritten(report: GateReport) -> int:
    """How many findings of a gate have no event."""
    return max(len(report.findings) - MOST, 0)


def proved(proof: GateProof, configuration: str, scrub: Scrub) -> Iterator[Told]:
    """What the proof of a gate leaves: its verdict, and each rule that was not proved as a finding."""
    open_rules = [one for one in proof.rules if one.verdict in {"failed", "undecided"}]
    fields = bare(proof.name, proof.verdict, configuration) | {
        "denominator": len(proof.rules) + len(proof.starved),
        "unit": "proofs",
        "findings": Counter(one.rule for one in open_rules),
    }
    if proof.verdict != "passed":
        said = [one.seen or (one.reason.message if one.reason else "") for one in open_rules]
        message = proof.reason.message if proof.reason is not None else "; ".join(said[:3])
        code = proof.reason.code if proof.reason is not None else "not_proved"
        fields["error"] = failing(proof.name, code, message, scrub)
    yield Told("gate", fields, ".", proof.name)
    for one in open_rules:
        message = one.seen or (one.reason.message if one.reason else "it was not proved")
        yield Told("finding", _plain(proof.name, one.rule, one.name, one.rule, message, scrub), ".", proof.name)


def tried(proof: CommandProof, folder: str, configuration: str, scrub: Scrub) -> Iterator[Told]:
    """What the proof of a command leaves: its verdict, and each fault that it let pass as a finding.

    It stands for a gate in `folder`, named by its words after the mark, which is the name of no gate.
    """
    gate = scrub(f"-- {shlex.join(proof.command)}")[:LONGEST]
    missed = proof.those("missed")
    fields = bare(gate, proof.verdict, configuration) | {
        "project": folder,
        "denominator": len(proof.trials) - len(proof.those("not_tried")),
        "unit": "faults",
        "duration_ms": 0 if proof.run is None else round(1000 * proof.run.duration_s),
        "findings": Counter("missed" for _ in missed),
    }
    if proof.reason is not None:
        fields["error"] = failing(gate, proof.reason.code, proof.reason.message, scrub)
    elif missed:
        fields["error"] = failing(gate, "missed", ", ".join(one.fault for one in missed), scrub)
    yield Told("gate", fields, folder, gate)
    for one in missed:
        finding = _plain(gate, "missed", one.fault, one.fault, _passing(one), scrub)
        place = next((place for place in one.places if place.path is not None), None)
        if place is not None and place.path is not None:
            finding |= {"path": scrub(place.path), "line": place.line}
        yield Told("finding", finding | {"project": folder}, folder, gate)


def _passing(trial: Trial) -> str:
    """What a command let pass, and why as far as its wiring tells."""
    return "; ".join([trial.title, *(place.why for place in trial.places)])


def diagnosed(report: DiagnosisReport | Reproduction, configuration: str, scrub: Scrub) -> Iterator[Told]:
    """What a diagnosis leaves: its verdict, and each unstable test as a finding with the factors that move it."""
    gate = "determinism"
    tests = [one for one in getattr(report, "tests", ()) if one.stable is False]
    over = getattr(report, "denominator", None)
    fields = bare(gate, report.verdict, configuration) | {
        "denominator": 1 if over is None else over.count,
        "unit": "tests" if over is None else over.unit,
        "findings": Counter("unstable" for _ in tests),
    }
    if report.verdict != "passed":
        first = next((f"{one.nodeid}: {one.reason}" for one in tests), report.reason)
        fields["error"] = failing(gate, "unstable" if report.verdict == "failed" else "undecided", first, scrub)
    yield Told("gate", fields, ".", gate)
    for one in tests[:MOST]:
        factors = ", ".join(factor.name for factor in one.factors)
        message = f"{one.kind or 'unattributed'}: {factors}" if factors else one.reason
        yield Told("finding", _plain(gate, "unstable", "unstable-test", one.nodeid, message, scrub), ".", gate)


def failing(gate: str, code: str, message: str, scrub: Scrub) -> dict[str, str]:
    """Why something did not pass; the hash is the same for messages that differ in numbers and addresses only."""
    said = scrub(message)[:LONGEST]
    return {"type": code, "message": said, "stack_hash": stack_hash(gate, code, said)}


def stack_hash(gate: str, code: str, message: str) -> str:
    """16 hex digits over a failure without what varies from run to run: numbers, addresses, temporary names."""
    return sha256("\0".join((gate, code, _VARYING.sub("#", message))).encode("utf-8", "backslashreplace"))[:16]


def _error(gate: str, reason: Reason | None, findings: tuple[Finding, ...], scrub: Scrub) -> Mapping[str, str] | None:
    first = next((one for one in findings if one.blocks), None)
    if first is not None:
        return failing(gate, first.tool_rule or first.rule, first.message, scrub)
    return None if reason is None else failing(gate, reason.code, reason.message, scrub)


def _finding(one: Finding, scrub: Scrub) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "name": one.name,
        "tool_rule": one.tool_rule,
        "severity": one.severity,
        "message": scrub(one.message)[:LONGEST],
        "path": None if one.path is None else scrub(one.path),
        "line": one.line,
        "subject": None if one.subject is None else scrub(one.subject)[:LONGEST],
        "fingerprint": one.fingerprint,
        "blocks": one.blocks,
    }


def _measure(one: Measure, scrub: Scrub) -> dict[str, Any]:
    return {
        "name": scrub(one.name),
        "value": one.value,
        "unit": one.unit,
        "limit": one.limit if one.limit is not None and math.isfinite(one.limit) else None,
        "limit_from": None if one.limit_from is None else scrub(one.limit_from),
        "direction": one.direction,
    }


def bare(gate: str, verdict: str, configuration: str) -> dict[str, Any]:
    """A `gate` event of a command that has neither evidence nor tools to tell of."""
    return {
        "gate": gate,
        "project": ".",
        "verdict": verdict,
        "error": None,
        "denominator": None,
        "unit": None,
        "cached": False,
        "inputs": None,
        "outputs": None,
        "configuration": configuration,
        "started": None,
        "duration_ms": 0,
        "findings": {},
        "tools": {},
    }


def _plain(gate: str, rule: str, name: str, subject: str, message: str, scrub: Scrub) -> dict[str, Any]:
    return {
        "gate": gate,
        "project": ".",
        "rule": rule,
        "name": name,
        "tool_rule": None,
        "severity": "error",
        "message": scrub(message)[:LONGEST],
        "path": None,
        "line": None,
        "subject": scrub(subject)[:LONGEST],
        "fingerprint": sha256(f"{rule}\0{subject}".encode("utf-8", "backslashreplace"))[:16],
        "blocks": True,
    }


def span(run: str, run_trace: str, told: Told) -> dict[str, str]:
    """The identity of the gate that an event is about."""
    return {
        "trace_id": identity.gate_trace(run_trace, told.project, told.gate),
        "span_id": identity.gate_span(run, told.project, told.gate),
    }
