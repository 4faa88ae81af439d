"""GitLab: the Code Quality report, which a merge request shows beside the changed lines.

GitLab shows one of several issues with the same fingerprint, refuses an entry without a place, and never makes a
pipeline red by this report: the exit code of the job does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from gates.model.finding import Finding, fingerprint
from gates.model.report import GateReport, Report
from gates.model.rule import Severity
from gates.render import escape, summary, waivers
from gates.render.formats import Options
from gates.render.report_json import document

Level = Literal["info", "minor", "major", "critical", "blocker"]

SEVERITIES: dict[Severity, Level] = {"error": "major", "warning": "minor", "note": "info"}
"""What a finding's severity is on GitLab; `blocker` is what is red without a finding."""


class Lines(msgspec.Struct, frozen=True):
    """The line at which GitLab shows an issue."""

    begin: int


class Location(msgspec.Struct, frozen=True):
    """A file of the repository and the line in it."""

    path: str
    lines: Lines


class Issue(msgspec.Struct, frozen=True):
    """One entry of the report, with the five fields that GitLab asks for."""

    description: str
    check_name: str
    fingerprint: str
    severity: Level
    location: Location


class _Said(NamedTuple):
    check_name: str
    description: str
    fingerprint: str
    severity: Level
    path: str | None
    line: int | None


def render(report: Report, options: Options) -> str:
    """Every finding that is neither waived nor baselined, and all else that is red; the most severe first.

    Nothing is cut. What has no place is at the project's folder, at line 1.
    """
    every = [*_whole(report), *_gates(report), *_waivers(report), *_findings(report)]
    if report.exit_code != 0 and not any(one.severity in {"blocker", "major"} for one in every):
        code = "nothing_judged" if report.nothing_judged else report.verdict
        every.append(_without_finding(code, summary.verdict_line(report), "gates check", "blocker"))
    levels: Sequence[Level] = ("blocker", "critical", "major", "minor", "info")
    every.sort(key=lambda one: levels.index(one.severity))
    return document(tuple(_issues(every, options.prefix)), options.encoding)


def _issues(every: Sequence[_Said], prefix: str) -> Iterator[Issue]:
    """The entries with a fingerprint each: of several equal ones all but the first have their number in it."""
    seen: Counter[str] = Counter()
    for one in every:
        seen[one.fingerprint] += 1
        number = seen[one.fingerprint]
        yield Issue(
            description=_text(summary.clip(one.description)),
            check_name=_text(one.check_name),
            fingerprint=_text(one.fingerprint if number == 1 else f"{one.fingerprint}-{number}"),
            severity=one.severity,
            location=Location(
                path=escape.line(prefix + (one.path or "")).rstrip("/") or ".",
                lines=Lines(one.line if one.line is not None and one.line >= 1 else 1),
            ),
        )


def _whole(report: Report) -> Iterator[_Said]:
    if report.error is not None:
        error = report.error
        yield _without_finding(error.code, error.message, "gates check", "blocker", error.path, error.line)


def _gates(report: Report) -> Iterator[_Said]:
    for gate in report.gates:
        if gate.reason is not None or gate.verdict == "undecided":
            yield _reason(gate)


def _reason(gate: GateReport) -> _Said:
    reason, name = gate.reason, summary.label(gate)
    message = reason.message if reason else "the gate could not decide and gives no reason"
    fix = f"\nFix: {reason.fix}" if reason and reason.fix else ""
    excused = gate.verdict == "passed" or (gate.verdict == "undecided" and gate.allowed_undecided)
    text = f"{name} {gate.verdict}: {message}{fix}"
    return _without_finding(reason.code if reason else "undecided", text, name, "minor" if excused else "blocker")


def _waivers(report: Report) -> Iterator[_Said]:
    for one in waivers.expiring(report):
        text = f"{waivers.ending(one)}: {one.reason}"
        yield _without_finding("waiver_expiring", text, f"{one.rule} {one.subject}", "minor", one.path, one.line)


def _without_finding(
    code: str, text: str, subject: str, severity: Level, path: str | None = None, line: int | None = None
) -> _Said:
    return _Said(code, text, fingerprint(code, path, subject, ""), severity, path, line)


def _findings(report: Report) -> Iterator[_Said]:
    for gate in report.gates:
        for item in gate.findings:
            if not summary.excused(item):
                yield _finding(item)


def _finding(item: Finding) -> _Said:
    title = summary.rule_title(item)
    return _Said(title, f"{title}: {item.message}", item.fingerprint, SEVERITIES[item.severity], item.path, item.line)


def _text(text: str) -> str:
    return "\n".join(escape.lines(text))
