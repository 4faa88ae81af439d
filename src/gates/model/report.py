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


def key(project: str, gate: str) -> str:
    """What `run` knows a gate of a project by: `lint`, in a member of a workspace `packages/a:lint`."""
    return gate if project == "." else f"{project}:{gate}"


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

    @property
    def key(self) -> str:
        """What `run` knows the gate by: its name, in a member of a workspace `packages/a:lint`."""
        return key(self.project, self.name)


class NotJudged(msgspec.Struct, frozen=True, kw_only=True):
    """A gate that was not judged, and why; `project` is left out but for a member of a workspace."""

    name: str
    project: str | msgspec.UnsetType = msgspec.UNSET
    reason: Reason

    @property
    def place(self) -> str:
        """The project in which it was not judged, `.` for the root."""
        return "." if isinstance(self.project, msgspec.UnsetType) else self.project


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One project of a workspace, by its folder (`.` is the root's), and what came of it."""

    project: str
    name: str
    verdict: Verdict
    exit_code: int


class JudgedPython(msgspec.Struct, frozen=True, kw_only=True):
    """The interpreter that was judged in one member of a workspace."""

    interpreter: str
    interpreter_version: str
    interpreter_from: str


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two runs over the same evidence: times, hosts, what was cached.

    `interpreters` are those of the members of a workspace, by their folders; left out where there are none.
    """

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
    interpreters: Mapping[str, JudgedPython] | msgspec.UnsetType = msgspec.UNSET


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged, the verdict, and every reason; lists are sorted, paths are relative with forward slashes.

    `projects` are those of a workspace, the root first if something is to be judged there; left out without members.
    """

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    exit_code: int
    error: ReportError | None
    project: ProjectFacts
    projects: tuple[Member, ...] | msgspec.UnsetType = msgspec.UNSET
    gates: tuple[GateReport, ...]
    not_judged: tuple[NotJudged, ...]
    waivers: tuple[WaiverReport, ...] = ()
    run: RunFacts

    @property
    def workspace(self) -> tuple[Member, ...]:
        """The projects of a workspace; none where one project was judged by itself."""
        return () if isinstance(self.projects, msgspec.UnsetType) else self.projects

    @property
    def nothing_judged(self) -> bool:
        """Whether no gate was judged but those that always are, and none of them was red."""
        return self.error is None and (not self.gates or self.exit_code == NOTHING_JUDGED)
