"""Summary: the words that several formats share for verdicts, counts, places and figures."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Sequence

from gates.errors import NOTHING_JUDGED
from gates.model.finding import Finding
from gates.model.measure import Measure
from gates.model.report import GateReport, NotJudged, Report, ReportError, RunFacts
from gates.render import escape

PER_RULE = 10
"""How many findings of one rule the formats for people show (DESIGN 4.3)."""

LONGEST = 2000
"""How many characters of one message GitHub is sent; 5,000 results of that size stay below its 10 MB."""


def plural(count: int, noun: str) -> str:
    """`1 finding`, `4,312 findings`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def clip(text: str, most: int = LONGEST) -> str:
    """`text`, or its first `most` characters and how many more there are."""
    return text if len(text) <= most else f"{text[:most]}… (+ {len(text) - most:,} characters)"


def label(gate: GateReport) -> str:
    """The gate's name, with the member of the workspace that it judged."""
    name = gate.name if gate.project in {"", "."} else f"{gate.name} [{gate.project}]"
    return escape.line(name)


def not_judged(item: NotJudged) -> str:
    """The name of a gate that was not judged, with the member of the workspace where."""
    return escape.line(item.name if item.place == "." else f"{item.name} [{item.place}]")


def unjudged(report: Report) -> list[str]:
    """The projects of a workspace in which nothing was judged, though something is to be."""
    return [escape.line(one.project) for one in report.workspace if one.exit_code == NOTHING_JUDGED]


def _in_projects(folders: Sequence[str]) -> str:
    return f" in {', '.join(folders)}" if folders else ""


def place(item: Finding, *, column: bool = False) -> str:
    """`path:line-end`, as far as it is known and as `escape.line` shows it; empty without a path."""
    if not item.path:
        return ""
    text = escape.line(item.path)
    if item.line is None:
        return text
    text = f"{text}:{item.line}"
    if column:
        return text if item.column is None else f"{text}:{item.column}"
    return text if item.end_line is None or item.end_line <= item.line else f"{text}-{item.end_line}"


def rule_id(item: Finding) -> str:
    """What to hand to `gates explain`: the tool's own rule where there is one, else our code."""
    return escape.line(item.tool_rule or item.rule)


def explain(item: Finding) -> str:
    """The command that explains a finding's rule; to paste it is safe, whatever a tool calls its rules."""
    return f"gates explain {shlex.quote(rule_id(item))}"


def rule_title(item: Finding) -> str:
    """`COV004 changed-lines-missed`, or `LNT001 ruff:F401` where a tool's rule says more than our name."""
    return escape.line(f"{item.rule} {item.tool_rule or item.name}")


def rule_short(item: Finding) -> str:
    """`COV004`, or the tool's own code without the tool: `F401`."""
    return escape.line((item.tool_rule or item.rule).rpartition(":")[2])


def excused(item: Finding) -> str:
    """Why a finding does not count: `waived by …`, `baselined`, or nothing."""
    if item.waived_by is not None:
        return f"waived by {item.waived_by}"
    return "baselined" if item.baselined else ""


def blocking(gate: GateReport) -> list[Finding]:
    """The findings that make the gate fail."""
    return [item for item in gate.findings if item.blocks]


def open_findings(gate: GateReport) -> list[Finding]:
    """The findings that are neither waived nor baselined, those that block first, else in the report's order."""
    return sorted((item for item in gate.findings if not excused(item)), key=lambda item: not item.blocks)


def by_rule(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings grouped by severity and rule (a tool's own rule counts by itself), in order of first appearance."""
    groups: dict[tuple[str, str, str | None], list[Finding]] = {}
    for item in findings:
        groups.setdefault((item.severity, item.rule, item.tool_rule), []).append(item)
    return list(groups.values())


def counts(gate: GateReport) -> str:
    """`3 warnings, 1 waived, 12 baselined`: what the gate found that does not block."""
    waived = sum(item.waived_by is not None for item in gate.findings)
    baselined = sum(item.baselined and item.waived_by is None for item in gate.findings)
    free = [item.severity for item in gate.findings if not excused(item)]
    parts = [plural(free.count(word), word) for word in ("warning", "note") if word in free]
    parts += [f"{count:,} {word}" for count, word in ((waived, "waived"), (baselined, "baselined")) if count]
    return ", ".join(parts)


def denominator(gate: GateReport) -> str:
    """`212 files`, or `-` where the gate judged nothing."""
    return "-" if gate.denominator is None else escape.line(str(gate.denominator))


def duration(gate: GateReport, run: RunFacts) -> str:
    """`0.3 s`, `2 min 05 s`, `cached`, or nothing where it is not known."""
    if gate.key in run.cached:
        return "cached"
    seconds = run.durations_s.get(gate.key)
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{int(seconds + 0.5) // 60:,} min {int(seconds + 0.5) % 60:02} s"


def number(value: float) -> str:
    """A figure with at most four decimals and thousands separated: `83.2`, `1,200`."""
    if not math.isfinite(value) or abs(value) >= 1e15:
        return str(value)
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def measure(item: Measure) -> str:
    """`coverage.total: 83.2 percent, at least 85 (pyproject.toml:12)`."""
    text = f"{item.name}: {number(item.value)} {item.unit}"
    if item.limit is not None:
        word = {"min": "at least", "max": "at most", None: "limit"}[item.direction]
        text += f", {word} {number(item.limit)}"
    if item.limit is not None and item.limit_from:
        text += f" ({item.limit_from})"
    return escape.line(text)


def commit(report: Report) -> str:
    """`3f2c1ab`, `3f2c1ab (dirty)`, or nothing without a commit."""
    if not report.project.commit:
        return ""
    return escape.line(report.project.commit[:7]) + (" (dirty)" if report.project.dirty else "")


def scope(report: Report) -> str:
    """`shard 2/4`, `base 3f2c1ab`, or nothing where the whole project was judged."""
    parts = report.project.scope
    if isinstance(parts, str):
        return ""
    shown = (f"only {one}" if key == "packages" else f"{key} {one[:7]}" for key, one in sorted(parts.items()))
    return escape.line(", ".join(shown))


def error_line(error: ReportError, exit_code: int) -> str:
    """Why there is no verdict, with its place: `error: pyproject.toml:3: …`."""
    word = "internal error" if exit_code == 4 else "error"
    where = "" if not error.path else error.path if error.line is None else f"{error.path}:{error.line}"
    return escape.line(": ".join(filter(None, (word, where, error.message))))


def verdict_line(report: Report) -> str:
    """The last word on the run: `failed: coverage (1 finding). Next: gates explain COV004`.

    It starts with `passed` only where the exit code is 0.
    """
    if report.error is not None:
        return error_line(report.error, report.exit_code)
    if report.nothing_judged:
        return f"nothing was judged{_in_projects(unjudged(report))}"
    failed = [gate for gate in report.gates if gate.verdict == "failed"]
    undecided = [gate for gate in report.gates if gate.verdict == "undecided"]
    red = [gate for gate in undecided if not gate.allowed_undecided]
    clauses = []
    if failed:
        clauses.append(f"failed: {', '.join(map(_failure, failed))}")
    if red:
        clauses.append(f"undecided: {', '.join(map(_undecided, red))}")
    if clauses and unjudged(report):
        clauses.append(f"nothing was judged{_in_projects(unjudged(report))}")
    if not clauses:
        clauses.append(_remaining(report))
    if len(red) < len(undecided):
        allowed = [gate for gate in undecided if gate.allowed_undecided]
        clauses.append(f"UNDECIDED but allowed: {', '.join(map(_undecided, allowed))}")
    text = "; ".join(clauses)
    step = _next_step(failed, red)
    return f"{text}. Next: {step}" if step else text


def _remaining(report: Report) -> str:
    if report.exit_code == 0 and report.verdict == "passed":
        gates = plural(sum(gate.verdict == "passed" for gate in report.gates), "gate")
        return (
            f"passed: {gates} in {plural(len(report.workspace), 'project')}" if report.workspace else f"passed: {gates}"
        )
    word = "undecided" if report.verdict == "passed" else report.verdict
    return f"{word}: exit code {report.exit_code}"


def _failure(gate: GateReport) -> str:
    return f"{label(gate)} ({plural(len(blocking(gate)), 'finding')})"


def _undecided(gate: GateReport) -> str:
    return label(gate) if gate.reason is None else f"{label(gate)} ({gate.reason.code})"


def _next_step(failed: Sequence[GateReport], undecided: Sequence[GateReport]) -> str:
    for gate in failed:
        for item in blocking(gate):
            return explain(item)
    fixes = (escape.line(gate.reason.fix) for gate in undecided if gate.reason is not None)
    return next(filter(None, fixes), "")


def not_judged_line(report: Report) -> str:
    """`not judged: audit, bench, repro and 7 more (gates list)`, or nothing where every gate was judged."""
    judged = {gate.name for gate in report.gates}
    every = dict.fromkeys(escape.line(item.name) for item in report.not_judged)
    known = [name for name in every if name not in judged]
    projects = {one.project for one in report.workspace}
    some = {escape.line(item.name) for item in report.not_judged if item.place in projects}
    elsewhere = [name for name in every if name in judged and name in some]
    more = f" and {len(known) - 3:,} more" if len(known) > 3 else ""
    parts = [f"{', '.join(known[:3])}{more}"] if known else []
    parts += [f"{', '.join(elsewhere)} in some projects"] if elsewhere else []
    return f"not judged: {'; '.join(parts)} (gates list)" if parts else ""
