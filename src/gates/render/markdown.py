"""Markdown: the report for a step summary or a comment, below GitHub's limit and saying what it cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gates.model.finding import Finding
from gates.model.report import GateReport, Report
from gates.render import escape, summary, waivers
from gates.render.formats import Options

LIMIT = 1_000_000
"""Bytes; GitHub refuses a step summary above 1 MiB whole, and other programs may write to the same one."""

_RESERVE = 10_000
"""Bytes kept for the last paragraph, which says what was cut."""

_WORDS = {"passed": "passed", "failed": "**FAILED**", "undecided": "**UNDECIDED**"}


class _Part(NamedTuple):
    text: str
    findings: int = 0


def render(report: Report, options: Options) -> str:
    """Verdict, a table of the gates, then reasons and findings as far as they fit."""
    left = LIMIT - _RESERVE
    body: list[str] = []
    parts = findings = 0
    for part in _parts(report, verbose=options.verbosity >= 1):
        size = len(part.text.encode("utf-8", "replace")) + 1
        if size <= left:
            body.append(part.text)
            left -= size
        else:
            left = 0
            parts += part.findings == 0
            findings += part.findings
    if parts or findings:
        text = f"{summary.plural(findings, 'finding')} and {summary.plural(parts, 'other line')}"
        body.append(f"\n**Cut:** {text} did not fit into {LIMIT:,} bytes. The JSON report has them all.")
    return escape.commands("\n".join(body)) + "\n"


def _parts(report: Report, *, verbose: bool) -> Iterator[_Part]:
    yield _Part(f"## gates: {_headline(report)}\n")
    verdict = summary.verdict_line(report)
    yield _Part(f"{escape.markdown(summary.clip(verdict))}\n")
    if report.gates:
        yield _Part(f"{_project(report)}\n")
        yield _Part("| gate | verdict | examined | time | not counted |\n|---|---|---|---|---|")
        for gate in report.gates:
            yield _Part(_row(gate, report))
    for gate in report.gates:
        yield from _gate(gate, verbose=verbose)
    for note in report.run.notes:
        yield _Part(f"\nNote: {_sentence(note)}")
    for one in waivers.expiring(report):
        yield _Part(f"\nWarning: {_sentence(waivers.ending(one))}")
    yield from _waivers(report)
    yield from _not_judged(report)


def _headline(report: Report) -> str:
    if report.error is not None:
        return "internal error" if report.exit_code == 4 else "error"
    if report.nothing_judged:
        return "nothing was judged"
    return "undecided" if report.verdict == "passed" and report.exit_code != 0 else report.verdict


def _project(report: Report) -> str:
    commit = summary.commit(report)
    python = f"Python {report.run.interpreter_version}" if report.run.interpreter_version else ""
    first = escape.code_span(report.project.name) + (f" @ {escape.markdown(commit)}" if commit else "")
    others = (escape.markdown(text) for text in (python, summary.scope(report)) if text)
    return ", ".join((first, *others))


def _row(gate: GateReport, report: Report) -> str:
    cells = (
        summary.label(gate),
        None,
        summary.denominator(gate),
        summary.duration(gate, report.run),
        summary.counts(gate),
    )
    allowed = " (allowed)" if gate.allowed_undecided and gate.verdict == "undecided" else ""
    shown = [_WORDS[gate.verdict] + allowed if cell is None else escape.markdown(cell) for cell in cells]
    return f"| {' | '.join(shown)} |"


def _gate(gate: GateReport, *, verbose: bool) -> Iterator[_Part]:
    found = summary.open_findings(gate) if gate.verdict != "passed" or verbose else []
    if gate.reason is None and not found:
        return
    yield _Part(f"\n### {escape.markdown(summary.label(gate))}: {gate.verdict}\n")
    if gate.reason is not None:
        yield _Part(f"{gate.reason.code.replace('_', ' ')}: {_sentence(gate.reason.message)}\n")
        if gate.reason.fix:
            yield _Part(f"{escape.code_block(summary.clip(gate.reason.fix))}\n")
    for measure in gate.measures:
        if measure.limit is not None:
            yield _Part(f"- {escape.markdown(summary.measure(measure))}")
    for group in summary.by_rule(found):
        for item in group[: summary.PER_RULE]:
            yield _Part(_finding(item), findings=1)
        if len(group) > summary.PER_RULE:
            more = len(group) - summary.PER_RULE
            yield _Part(f"- \\+ {more:,} more {escape.markdown(summary.rule_short(group[0]))}", findings=more)


def _finding(item: Finding) -> str:
    where = summary.place(item)
    lead = f"{escape.code_span(where)} " if where else ""
    severity = "" if item.severity == "error" else f" ({item.severity})"
    return f"- {lead}**{escape.markdown(summary.rule_title(item))}**{severity}: {_sentence(item.message)}"


def _sentence(text: str) -> str:
    return "<br>".join(map(escape.markdown, escape.lines(summary.clip(text))))


def _waivers(report: Report) -> Iterator[_Part]:
    if report.waivers:
        yield _Part(f"\n<details><summary>{escape.markdown(waivers.line(report))}</summary>\n")
        for one in report.waivers:
            yield _Part(f"- {_sentence(waivers.shown(one))}")
        yield _Part("\n</details>")


def _not_judged(report: Report) -> Iterator[_Part]:
    if report.not_judged:
        yield _Part(f"\n<details><summary>{summary.plural(len(report.not_judged), 'gate')} not judged</summary>\n")
        for item in report.not_judged:
            yield _Part(f"- {escape.markdown(summary.not_judged(item))}: {_sentence(item.reason.message)}")
        yield _Part("\n</details>")
