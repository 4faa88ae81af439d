"""Full: the report for a terminal; green is one line per gate and a verdict."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from gates.errors import NOTHING_JUDGED
from gates.model.finding import Finding
from gates.model.report import GateReport, Member, Report
from gates.render import escape, summary, waivers
from gates.render.formats import Options

_SGR = {"passed": "32", "failed": "1;31", "undecided": "1;33", "error": "1;31", "faint": "2", "strong": "1"}
_WORDS = {"passed": "passed", "failed": "FAILED", "undecided": "UNDECIDED"}
_SHORTEST_DENOMINATOR = 15

ROOT = "."


def render(report: Report, options: Options) -> str:
    """The report as lines for people.

    Verbosity -2 leaves the verdict, -1 only the gates that did not pass; 1 adds notes, waived and baselined findings,
    measures, whole messages and the reasons of what was not judged; 2 lifts the limit of ten per rule and adds the
    command lines.
    """
    body = list(_Terminal(report, options).lines())
    return escape.commands("\n".join(body)) + "\n"


class _Terminal:
    """One rendering: the report, the options and the widths of the columns."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report = report
        self.options = options
        self.level = options.verbosity

    def lines(self) -> Iterator[str]:
        if self.level >= 0 and self.report.gates:
            yield self.header()
        if self.level >= -1:
            yield from self.gates()
        if self.level >= -1:
            for note in self.report.run.notes:
                yield from self.prose("note: ", note)
            for one in waivers.expiring(self.report):
                yield from self.prose("warning: ", waivers.ending(one))
        if self.level >= 0:
            yield from filter(None, [waivers.line(self.report)])
        if self.level >= 1:
            yield from (f"  {waivers.shown(one)}" for one in self.report.waivers)
        yield self.verdict()
        if self.level >= 1:
            yield from self.reasons()
        elif self.level == 0:
            yield from filter(None, [summary.not_judged_line(self.report)])

    def paint(self, style: str, text: str) -> str:
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if self.options.color and text else text

    def prose(self, lead: str, text: str) -> Iterator[str]:
        """A sentence, wrapped to the width of the terminal; what can be pasted is never wrapped."""
        indent = " " * (len(lead) - len(lead.lstrip()))
        yield from textwrap.wrap(
            lead + escape.line(text),
            max(self.options.width, 40),
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )

    def header(self) -> str:
        project, run = self.report.project, self.report.run
        commit = summary.commit(self.report)
        name = self.paint("strong", escape.line(project.name))
        python = escape.line(" ".join(filter(None, (run.interpreter, self.version(run.interpreter_version)))))
        if self.level >= 1 and run.interpreter_from:
            python += f" (from {escape.line(run.interpreter_from)})"
        first = f"{name} @ {commit}" if commit else name
        return "  ".join(filter(None, (first, python, summary.scope(self.report))))

    def gates(self) -> Iterator[str]:
        shown = [gate for gate in self.report.gates if self.level >= 0 or gate.verdict != "passed"]
        rows = [(self.name(gate), _WORDS[gate.verdict], summary.denominator(gate)) for gate in shown]
        name = max((len(row[0]) for row in rows), default=0) + 2
        word = max((len(row[1]) for row in rows), default=0) + 3
        count = max([_SHORTEST_DENOMINATOR, *(len(row[2]) for row in rows)]) + 2
        current = ROOT
        for gate, row in zip(shown, rows, strict=True):
            yield from self.headings(current, gate.project)
            current = gate.project
            verdict = self.paint(gate.verdict, row[1]) + " " * (word - len(row[1]))
            time = summary.duration(gate, self.report.run)
            tail = summary.counts(gate)
            if tail and gate.verdict == "passed" and self.level == 0:
                tail += " (-v shows them)"
            cells = f"  {row[0]:<{name}}{verdict}{row[2]:<{count}}"
            yield (cells + (f"{time:<6}  {tail}" if tail else time)).rstrip()
            yield from self.details(gate)
        yield from self.headings(current, None)

    def headings(self, last: str, following: str | None) -> Iterator[str]:
        """A line for the project that comes now, and one for each before it that has no gate to show."""
        if last == following:
            return
        paths = [one.project for one in self.report.workspace]
        start = paths.index(last) + 1 if last in paths else 0
        end = paths.index(following) + 1 if following in paths else len(paths)
        for one in self.report.workspace[start:end]:
            silent = one.exit_code == NOTHING_JUDGED
            if (silent or one.project == following) and one.project != ROOT:
                yield self.project(one)
            if silent:
                yield f"  {self.paint('undecided', 'nothing was judged')}"

    def project(self, one: Member) -> str:
        run = self.report.run.interpreters
        python = None if isinstance(run, msgspec.UnsetType) else run.get(one.project)
        shown = "" if python is None else f"{python.interpreter} {self.version(python.interpreter_version)}".strip()
        name = self.paint("strong", escape.line(one.project))
        return "  ".join(filter(None, (f"{name} ({escape.line(one.name)})", escape.line(shown))))

    def version(self, full: str) -> str:
        return full if self.level >= 1 else ".".join(full.split(".")[:2])

    def name(self, gate: GateReport) -> str:
        """The name alone: the project stands above it."""
        return escape.line(gate.name) if self.report.workspace else summary.label(gate)

    def details(self, gate: GateReport) -> Iterator[str]:
        if gate.allowed_undecided and gate.verdict == "undecided":
            yield f"    {self.paint('undecided', 'ALLOWED')} by --allow-undecided: nobody knows whether this passes"
        if gate.reason is not None:
            yield from self.prose(f"    {gate.reason.code}: ", gate.reason.message)
            if gate.reason.fix:
                yield f"    fix: {escape.line(gate.reason.fix)}"
        if gate.verdict != "passed" or self.level >= 1:
            yield from (f"    {summary.measure(item)}" for item in gate.measures if self.judged(item.limit))
            yield from self.findings(summary.open_findings(gate))
        if self.level >= 1:
            yield from self.findings([item for item in gate.findings if summary.excused(item)])
            tools = ", ".join(f"{name} {version}" for name, version in sorted(gate.tools.items()))
            if tools:
                yield f"    tools: {escape.line(tools)}"
        if self.level >= 2:
            yield from (f"    $ {escape.line(shlex.join(argv))}" for argv in gate.commands)

    def judged(self, limit: float | None) -> bool:
        return limit is not None or self.level >= 1

    def findings(self, findings: Sequence[Finding]) -> Iterator[str]:
        for group in summary.by_rule(findings):
            most = len(group) if self.level >= 2 else summary.PER_RULE
            for item in group[:most]:
                yield from self.finding(item)
            if len(group) > most:
                yield f"    + {len(group) - most:,} more {summary.rule_short(group[0])}"

    def finding(self, item: Finding) -> Iterator[str]:
        first, *rest = escape.lines(item.message)
        where = summary.place(item)
        marks = ("" if item.severity == "error" else item.severity, escape.line(summary.excused(item)))
        mark = f" ({', '.join(filter(None, marks))})" if any(marks) else ""
        more = f" (+ {summary.plural(len(rest), 'line')})" if rest and self.level < 1 else ""
        lead = f"{self.paint('strong', where)}  " if where else ""
        yield f"    {lead}{summary.rule_title(item)}{mark}: {first}{more}".rstrip()
        if self.level >= 1:
            yield from (f"      {line}".rstrip() for line in rest)

    def verdict(self) -> str:
        text = summary.verdict_line(self.report)
        word, colon, rest = text.partition(":")
        style = {"passed": "passed", "failed": "failed", "error": "error", "internal error": "error"}
        return self.paint(style.get(word, "undecided"), word) + colon + rest

    def reasons(self) -> Iterator[str]:
        if self.report.not_judged:
            yield "not judged:"
        for item in self.report.not_judged:
            yield from self.prose(f"  {summary.not_judged(item)}  {item.reason.code}: ", item.reason.message)
            if item.reason.fix:
                yield f"    fix: {escape.line(item.reason.fix)}"
