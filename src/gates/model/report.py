"""Report: the one value that every output format is rendered from (its JSON form is the contract)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gates.errors import NOTHING_JUDGED
from gates.model.decision import Verdict
from gates.model.finding import Finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.waiver import WaiverReport

SCHEMA_VERSION = 1


class ReportError(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no verdict at all (exit 2 and 4)."""

    code: str
    message: str
    path: str | None = None
    line: int | None = None


class ProjectFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which project, at which commit; `dirty` is None outside git."""

    name: str
    root: str = "."
    commit: str | None = None
    dirty: bool | None = None
    scope: Literal["full"] | dict[str, str] = "full"


class EvidenceRef(msgspec.Struct, frozen=True):
    """The digest under which the evidence is stored."""

    sha256: str


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """One judged gate."""

    name: str
    project: str = "."
    verdict: Verdict
    reason: Reason | None
    denominator: Denominator | None
    findings: tuple[Finding, ...]
    measures: tuple[Measure, ...]
    evidence: EvidenceRef | None
    tools: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...]
    allowed_undecided: bool = False


class NotJudged(msgspec.Struct, frozen=True, kw_only=True):
    """A gate that was not judged, and why."""

    name: str
    reason: Reason


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two runs over the same evidence: times, hosts, what was cached."""

    started: str
    duration_s: float
    gates_version: str
    python: str
    interpreter: str
    interpreter_version: str
    interpreter_from: str
    cached: tuple[str, ...]
    receipts: Mapping[str, str]
    durations_s: Mapping[str, float]
    host: Mapping[str, Any]
    notes: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged, the verdict, and every reason; lists are sorted, paths are relative with forward slashes."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    exit_code: int
    error: ReportError | None
    project: ProjectFacts
    gates: tuple[GateReport, ...]
    not_judged: tuple[NotJudged, ...]
    waivers: tuple[WaiverReport, ...] = ()
    run: RunFacts

    @property
    def nothing_judged(self) -> bool:
        """Whether no gate was judged but those that always are, and none of them was red."""
        return self.error is None and (not self.gates or self.exit_code == NOTHING_JUDGED)
