"""Proof: what `gates prove` found out, rule by rule: whether a gate can fail, and what it says when it is starved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from gates.model.canary import Planted
from gates.model.decision import Verdict
from gates.model.reason import Reason
from gates.model.report import NotJudged, ProjectFacts, ReportError

SCHEMA_VERSION = 1


class RuleProof(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one rule turned the gate red where a fault was planted.

    `verdict` is None where the rule is not judged: it is switched off, or its canary does not fit the project and
    `excused` says why that is accepted; `reason` says which. `seen` is one sentence on what came of the judged run.
    """

    rule: str
    name: str
    verdict: Verdict | None
    title: str | None = None
    planted: Planted | None = None
    expected: str = ""
    seen: str = ""
    reason: Reason | None = None
    excused: str | None = None


class StarvedProof(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the gate was undecided without something that it needs.

    `of` is a tool, or evidence of a gate; `verdict` is None where the starving cannot occur, and `seen` says why.
    """

    of: str
    kind: Literal["tool", "evidence absent", "evidence changed"]
    verdict: Verdict | None
    seen: str


class GateProof(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of one gate; `reason` says why it could not even begin, `clean` where the green half comes from."""

    name: str
    verdict: Verdict
    reason: Reason | None = None
    clean: Literal["run", "receipt"] | None = None
    rules: tuple[RuleProof, ...] = ()
    starved: tuple[StarvedProof, ...] = ()


class ProofRun(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two proofs of the same tree: times, and CPU seconds of gates and all that it started.

    `uncached_cpu_s` is what one uncached `gates check` of the same gates took, and `multiple` how often that goes into
    the whole; both are None where no such run was needed, or the platform does not say.
    """

    started: str
    duration_s: float
    gates_version: str
    interpreter: str
    interpreter_version: str
    checks: int
    cpu_s: float | None
    uncached_cpu_s: float | None
    multiple: float | None
    durations_s: Mapping[str, float]


class ProofReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `gates prove --output-format json` prints; paths are relative, lists are in the order of the gates."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    exit_code: int
    error: ReportError | None
    project: ProjectFacts | None
    gates: tuple[GateProof, ...]
    not_judged: tuple[NotJudged, ...]
    run: ProofRun | None


def verdict_of_gate(rules: tuple[RuleProof, ...], starved: tuple[StarvedProof, ...]) -> Verdict:
    """`failed` on one failure, else `undecided` on one that is open or where no rule was proved, else `passed`."""
    verdicts = [*(one.verdict for one in rules), *(one.verdict for one in starved)]
    if "failed" in verdicts:
        return "failed"
    if "undecided" in verdicts or not any(one.verdict == "passed" for one in rules):
        return "undecided"
    return "passed"
