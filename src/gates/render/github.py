"""GitHub: workflow commands, which the runner turns into annotations on the changed files.

GitHub shows ten annotations of a kind per step and drops the rest without a word (50 per job, which one step cannot
reach); what does not fit is counted in the last one of its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gates.model.finding import Finding
from gates.model.report import Report
from gates.render import escape, summary, waivers
from gates.render.formats import Options

OF_A_KIND = 10

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


class _Annotation(NamedTuple):
    command: str
    title: str
    message: str
    path: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None


def render(report: Report, options: Options) -> str:
    """Annotations by severity, what could not be decided first, and the verdict as a last line.

    Within a severity every rule shows its first finding before any shows its second. Waived and baselined findings
    are not annotated.
    """
    every = [*_whole(report), *_gates(report), *_waivers(report, options.prefix), *_findings(report, options.prefix)]
    if report.exit_code != 0 and not any(one.command == "error" for one in every):
        every.append(_Annotation("error", "gates check", summary.verdict_line(report)))
    lines = []
    for command in _COMMANDS.values():
        kind = [one for one in every if one.command == command]
        lines += [_command(one) for one in _fitting(kind)]
    lines += filter(None, [escape.commands(waivers.line(report))])
    lines.append(escape.commands(summary.verdict_line(report)))
    return "\n".join(lines) + "\n"


def _fitting(kind: list[_Annotation]) -> list[_Annotation]:
    if len(kind) <= OF_A_KIND:
        return kind
    left = len(kind) - OF_A_KIND + 1
    word = {"error": "error", "warning": "warning", "notice": "note"}[kind[0].command]
    text = f"{summary.plural(left, f'more {word}')} not shown: GitHub shows {OF_A_KIND} of a kind per step"
    return [
        *kind[: OF_A_KIND - 1],
        _Annotation(kind[0].command, "gates check", f"{text}. The JSON report has them all."),
    ]


def _whole(report: Report) -> Iterator[_Annotation]:
    if report.error is not None:
        error = report.error
        title = "gates: internal error" if report.exit_code == 4 else f"gates: {error.code} error"
        yield _Annotation("error", title, error.message, error.path or "", error.line)


def _gates(report: Report) -> Iterator[_Annotation]:
    for gate in report.gates:
        name, reason = summary.label(gate), gate.reason
        if reason is None and gate.verdict != "undecided":
            continue
        message = reason.message if reason else "the gate could not decide and gives no reason"
        title = f"{name}: {gate.verdict}" + (f" ({reason.code})" if reason else "")
        text = f"{message}\nFix: {reason.fix}" if reason and reason.fix else message
        excused = gate.verdict == "passed" or (gate.verdict == "undecided" and gate.allowed_undecided)
        yield _Annotation("warning" if excused else "error", title, text)


def _waivers(report: Report, prefix: str) -> Iterator[_Annotation]:
    for one in waivers.expiring(report):
        path = prefix + one.path if one.path else ""
        yield _Annotation("warning", "waiver ends soon", f"{waivers.ending(one)}: {one.reason}", path, one.line)


def _findings(report: Report, prefix: str) -> Iterator[_Annotation]:
    seen: Counter[tuple[str, str, str | None]] = Counter()
    ranked: list[tuple[int, Finding]] = []
    for gate in report.gates:
        for item in gate.findings:
            if not summary.excused(item):
                key = (gate.key, item.rule, item.tool_rule)
                ranked.append((seen[key], item))
                seen[key] += 1
    ranked.sort(key=lambda pair: pair[0])
    for _, item in ranked:
        yield _Annotation(
            _COMMANDS[item.severity],
            summary.rule_title(item),
            item.message,
            prefix + item.path if item.path else "",
            item.line,
            item.end_line,
            item.column,
        )


def _command(one: _Annotation) -> str:
    properties = {
        "file": escape.line(one.path),
        "line": _positive(one.line) if one.path else "",
        "endLine": _positive(one.end_line) if one.path else "",
        "col": _positive(one.column) if one.path else "",
        "title": escape.line(one.title),
    }
    pairs = ",".join(f"{key}={escape.workflow_property(value)}" for key, value in properties.items() if value)
    message = escape.workflow_data("\n".join(escape.lines(summary.clip(one.message))))
    return f"::{one.command} {pairs}::{message}"


def _positive(number: int | None) -> str:
    return str(number) if number is not None and number >= 1 else ""
