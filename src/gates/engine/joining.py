"""Joining: one report of a workspace out of the reports of its projects; one that is lost is never green.

Pure: no project becomes better by being joined with others, and none makes another better.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gates.errors import FAILED, INTERNAL, NOTHING_JUDGED, PASSED, UNDECIDED, USAGE
from gates.model.decision import Verdict
from gates.model.measure import Measure
from gates.model.reason import Reason
from gates.model.report import (
    GateReport,
    JudgedPython,
    Member,
    NotJudged,
    ProjectFacts,
    Report,
    ReportError,
    RunFacts,
    key,
)

ROOT = "."
WORST_FIRST = (INTERNAL, USAGE, FAILED, UNDECIDED, NOTHING_JUDGED, PASSED)
"""The exit codes in the order in which one of them is that of the whole."""

_VERDICTS: Mapping[int, Verdict] = {PASSED: "passed", FAILED: "failed"}
_PLACE = re.compile(r"[^\s:()-][^\s:()]*:[0-9]+")
_COMMAND = re.compile(r"gates [a-z]+(?: [\w./:=,*-]+)*")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One project of a workspace, by its folder, with its report in its own terms: None if it was lost.

    Something must be judged in a project that is `owed` a judgement: in each but a root without code of its own. In one
    that is `aside` none of the gates is that were asked for; it needs no report, and `left` says why.
    """

    project: str
    name: str
    report: Report | None = None
    owed: bool = True
    aside: bool = False
    left: tuple[NotJudged, ...] = ()


def join(parts: Iterable[Part], name: str, *, chosen: Sequence[str] = ()) -> Report:
    """The report of the workspace `name`; `chosen` are the folders where only those were to be judged.

    The exit code is the worst of the projects' (`WORST_FIRST`), where a project in which nothing was judged has its
    own; paths are relative to the workspace's root. At least one part has a report.
    """
    ordered = sorted(parts, key=lambda one: (one.project != ROOT, one.project))
    codes = {one.project: _code(one) for one in ordered if not one.aside}
    counted = [one for one in ordered if one.project in codes and (one.owed or codes[one.project] != NOTHING_JUDGED)]
    code = min((codes[one.project] for one in counted), key=WORST_FIRST.index, default=NOTHING_JUDGED)
    reports = {one.project: one.report for one in ordered if one.report is not None}
    facts = _facts(reports, name, chosen)
    run = _run(reports)
    if code in {INTERNAL, USAGE}:
        error = next(_error(one) for one in counted if codes[one.project] == code)
        return Report(verdict="undecided", exit_code=code, error=error, project=facts, gates=(), not_judged=(), run=run)
    return Report(
        verdict=_verdict(code),
        exit_code=code,
        error=None,
        project=facts,
        projects=tuple(
            Member(
                project=one.project, name=one.name, verdict=_verdict(codes[one.project]), exit_code=codes[one.project]
            )
            for one in counted
        ),
        gates=tuple(_gate(one, project) for project, report in reports.items() for one in report.gates),
        not_judged=tuple(_not_judged(one) for part in ordered for one in _left(part)),
        waivers=tuple(
            msgspec.structs.replace(one, path=path(project, one.path))
            for project, report in reports.items()
            for one in report.waivers
        ),
        run=run,
    )


def path(project: str, given: str | None) -> str | None:
    """A path of a project as it is from the workspace's root."""
    return given if project == ROOT or given is None else posixpath.normpath(f"{project}/{given}")


def _code(part: Part) -> int:
    """The exit code of a part, never better than what its report holds."""
    report = part.report
    if report is None or report.exit_code not in WORST_FIRST:
        return INTERNAL
    found = [report.exit_code]
    if report.error is not None and report.exit_code not in {INTERNAL, USAGE}:
        found.append(USAGE)
    for gate in report.gates:
        if gate.verdict == "failed":
            found.append(FAILED)
        elif gate.verdict == "undecided" and not gate.allowed_undecided:
            found.append(UNDECIDED)
    if report.verdict != "passed":
        found.append(UNDECIDED if report.exit_code == PASSED else report.exit_code)
    if not report.gates:
        found.append(NOTHING_JUDGED)
    return min(found, key=WORST_FIRST.index)


def _verdict(code: int) -> Verdict:
    return _VERDICTS.get(code, "undecided")


def _error(part: Part) -> ReportError:
    """Why there is no verdict on the workspace."""
    found = None if part.report is None else part.report.error
    if found is None:
        return ReportError(code="internal", message=f"no report came of {part.project}; run again", path=part.project)
    return msgspec.structs.replace(found, path=path(part.project, found.path))


def _facts(reports: Mapping[str, Report], name: str, chosen: Sequence[str]) -> ProjectFacts:
    found = [one.project for one in reports.values()]
    partial = next((one.scope for one in found if one.scope != "full"), None)
    scope = dict(partial) if isinstance(partial, Mapping) else {}
    if chosen:
        scope["packages"] = ", ".join(sorted(chosen))
    first = found[0] if found else ProjectFacts(name=name)
    dirty = True if any(one.dirty for one in found) else first.dirty
    return ProjectFacts(name=name, commit=first.commit, dirty=dirty, scope=scope or "full")


def _gate(gate: GateReport, project: str) -> GateReport:
    if project == ROOT:
        return gate
    return msgspec.structs.replace(
        gate,
        project=project,
        reason=_reason(gate.reason, project),
        findings=tuple(msgspec.structs.replace(one, path=path(project, one.path)) for one in gate.findings),
        measures=tuple(_measure(one, project) for one in gate.measures),
    )


def _measure(measure: Measure, project: str) -> Measure:
    limit_from = measure.limit_from
    if limit_from is None or not _PLACE.fullmatch(limit_from):
        return measure
    return msgspec.structs.replace(measure, limit_from=path(project, limit_from))


def _reason(reason: Reason | None, project: str) -> Reason | None:
    if reason is None or not reason.fix:
        return reason
    return msgspec.structs.replace(reason, fix=_fix(reason.fix, project))


def _fix(fix: str, project: str) -> str:
    """What to do, as it is to be done from the workspace's root."""
    if " --package " in fix:
        return fix
    if _COMMAND.fullmatch(fix) and " --project" not in fix:
        return f"{fix} --project {shlex.quote(project)}"
    return f"in {project}: {fix}"


def _left(part: Part) -> Iterable[tuple[str, NotJudged]]:
    found = [*part.left, *(() if part.report is None else part.report.not_judged)]
    return [(part.project, one) for one in sorted(found, key=lambda one: one.name)]


def _not_judged(found: tuple[str, NotJudged]) -> NotJudged:
    project, one = found
    if project == ROOT:
        return one
    return msgspec.structs.replace(one, project=project, reason=_reason(one.reason, project) or one.reason)


def _run(reports: Mapping[str, Report]) -> RunFacts:
    runs = {project: report.run for project, report in reports.items()}
    first = next(iter(runs.values()))
    return msgspec.structs.replace(
        first,
        started=min(one.started for one in runs.values()),
        duration_s=round(sum(one.duration_s for one in runs.values()), 3),
        **({} if ROOT in runs else {"interpreter": "", "interpreter_version": "", "interpreter_from": ""}),
        cached=tuple(key(project, name) for project, one in runs.items() for name in one.cached),
        receipts={key(project, name): text for project, one in runs.items() for name, text in one.receipts.items()},
        durations_s={
            key(project, name): taken for project, one in runs.items() for name, taken in one.durations_s.items()
        },
        notes=_notes(runs),
        interpreters={
            project: JudgedPython(
                interpreter=_interpreter(project, one.interpreter),
                interpreter_version=one.interpreter_version,
                interpreter_from=one.interpreter_from,
            )
            for project, one in runs.items()
            if project != ROOT
        },
    )


def _notes(runs: Mapping[str, RunFacts]) -> tuple[str, ...]:
    """Each note once, with the projects that it is of unless it is of all, or of the root alone."""
    said: dict[str, list[str]] = {}
    for project, one in runs.items():
        for note in one.notes:
            said.setdefault(note, []).append(project)
    return tuple(
        note if len(projects) == len(runs) or projects == [ROOT] else f"{', '.join(projects)}: {note}"
        for note, projects in said.items()
    )


def _interpreter(project: str, shown: str) -> str:
    """A path as the report has it: relative if it is in the project, else absolute."""
    absolute = shown.startswith("/") or shown[1:2] == ":"
    return shown if absolute or not shown else path(project, shown) or ""
