"""Concise: one line per finding, as editors and grep like them: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Iterator

from gates.model.finding import Finding
from gates.model.report import GateReport, Report
from gates.render import escape, summary, waivers
from gates.render.formats import Options


def render(report: Report, options: Options) -> str:
    """Every finding that is neither waived nor baselined, what could not decide, what is about to end, the verdict.

    A finding without a path is reported at `.`, the project itself.
    """
    body = [line for gate in report.gates for line in _gate(gate)]
    body += [f"{waivers.written(one) or '.'}: warning: {waivers.ending(one)}" for one in waivers.expiring(report)]
    body.append(summary.verdict_line(report))
    if options.verbosity >= 0:
        body.append(waivers.line(report))
        body.append(summary.not_judged_line(report))
    return escape.commands("\n".join(filter(None, body))) + "\n"


def _gate(gate: GateReport) -> Iterator[str]:
    if gate.reason is not None:
        fix = f" (fix: {escape.line(gate.reason.fix)})" if gate.reason.fix else ""
        allowed = " (allowed)" if gate.allowed_undecided else ""
        word = "UNDECIDED" if gate.verdict == "undecided" else gate.verdict
        where = escape.line(gate.project or ".")
        yield f"{where}: {summary.label(gate)} {word}{allowed}: {escape.line(gate.reason.message)}{fix}"
    for item in summary.open_findings(gate):
        yield _finding(item, gate.project or ".")


def _finding(item: Finding, project: str) -> str:
    severity = "" if item.severity == "error" else f"{item.severity}: "
    where = summary.place(item, column=True) or escape.line(project)
    return f"{where}: {summary.rule_title(item)} {severity}{_one_line(item.message)}".rstrip()


def _one_line(message: str) -> str:
    return " ".join(filter(None, (part.strip() for part in escape.lines(message))))
