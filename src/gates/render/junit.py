"""JUnit: one test suite per gate, one test case per finding, for the test pages of CI systems.

A gate that could not decide is an error, a finding that blocks is a failure, a waived or baselined one is skipped,
a warning or note passes and says so, as does a waiver that is about to end. A run that is not green has at least one
failure or error.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gates.model.finding import Finding
from gates.model.report import GateReport, Report
from gates.model.waiver import WaiverReport
from gates.render import escape, summary, waivers
from gates.render.formats import Options

_RED = ("failure", "error")


class _Case(NamedTuple):
    name: str
    classname: str
    kind: str = ""
    message: str = ""
    text: str = ""
    type: str = ""
    file: str = ""
    line: int | None = None


class _Suite(NamedTuple):
    name: str
    cases: list[_Case]
    seconds: float = 0.0


def render(report: Report, options: Options) -> str:
    """The report as an XML document that any parser accepts, whatever the messages hold."""
    suites = [_gate(gate, report) for gate in report.gates]
    if report.waivers:
        suites.append(_Suite("waivers", [_waiver(one) for one in report.waivers]))
    if report.not_judged:
        suites.append(
            _Suite(
                "not judged", [_skipped(summary.not_judged(item), item.reason.message) for item in report.not_judged]
            )
        )
    if report.exit_code != 0 and not any(case.kind in _RED for suite in suites for case in suite.cases):
        suites.append(_Suite("gates", [_whole(report)]))
    cases = [case for suite in suites for case in suite.cases]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites{_attributes(name='gates', **_totals(cases))}>"]
    for suite in suites:
        lines.extend(_suite(suite))
    lines.append("</testsuites>")
    return escape.xml_document("\n".join(lines) + "\n", options.encoding)


def _gate(gate: GateReport, report: Report) -> _Suite:
    name = summary.label(gate)
    seconds = report.run.durations_s.get(gate.key, 0.0)
    cases = [_finding(name, item) for item in gate.findings]
    if gate.verdict == "passed":
        cases.insert(0, _Case(f"{summary.denominator(gate)} examined", name))
    elif gate.reason is not None or gate.verdict == "undecided":
        cases.insert(0, _undecided(name, gate))
    elif not any(case.kind in _RED for case in cases):
        cases.insert(0, _Case(name, name, "failure", "the gate failed", type=gate.verdict))
    return _Suite(name, cases, seconds if math.isfinite(seconds) else 0.0)


def _undecided(name: str, gate: GateReport) -> _Case:
    reason = gate.reason
    code = reason.code if reason else "undecided"
    message = reason.message if reason else "the gate could not decide and gives no reason"
    text = f"{message}\nfix: {reason.fix}" if reason and reason.fix else message
    if gate.allowed_undecided and gate.verdict == "undecided":
        return _Case(name, name, "skipped", f"undecided and allowed: {message}")
    return _Case(name, name, "error" if gate.verdict == "undecided" else "failure", message, text, code)


def _finding(gate: str, item: Finding) -> _Case:
    where = summary.place(item, column=True)
    title = summary.rule_title(item)
    excused = summary.excused(item)
    kind = "failure" if item.blocks else "skipped" if excused else "system-out"
    text = f"{where}: {title}: {item.message}" if where else f"{title}: {item.message}"
    return _Case(
        f"{title} {where}".rstrip(),
        f"{gate}.{item.rule}",
        kind,
        excused or item.message,
        "" if kind == "skipped" else text,
        item.rule,
        item.path or "",
        item.line,
    )


def _waiver(one: WaiverReport) -> _Case:
    text = waivers.shown(one)
    kind = "system-out" if one.state == "expiring" else ""
    return _Case(text, "waivers", kind, text=waivers.ending(one), file=one.path or "", line=one.line)


def _skipped(name: str, message: str) -> _Case:
    return _Case(name, "not judged", "skipped", message)


def _whole(report: Report) -> _Case:
    """What is red about a run in which no gate is."""
    text = summary.verdict_line(report)
    code = report.error.code if report.error else "nothing_judged" if report.nothing_judged else report.verdict
    return _Case("gates check", "gates", "error", text, text, code)


def _totals(cases: list[_Case]) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
    }


def _suite(suite: _Suite) -> list[str]:
    attributes = _attributes(name=suite.name, **_totals(suite.cases), time=f"{suite.seconds:.3f}")
    lines = [f"  <testsuite{attributes}>"]
    for case in suite.cases:
        line = "" if case.line is None else str(case.line)
        opening = f"    <testcase{_attributes(name=case.name, classname=case.classname, file=case.file, line=line)}"
        if not case.kind:
            lines.append(f"{opening}/>")
            continue
        lines += [f"{opening}>", f"      {_outcome(case)}", "    </testcase>"]
    return [*lines, "  </testsuite>"]


def _outcome(case: _Case) -> str:
    if case.kind == "system-out":
        return f"<system-out>{escape.xml(case.text)}</system-out>"
    kind = case.type if case.kind in _RED else ""
    attributes = _attributes(message=case.message, type=kind)
    return f"<{case.kind}{attributes}>{escape.xml(case.text)}</{case.kind}>"


def _attributes(**values: str) -> str:
    return "".join(f' {key}="{escape.xml_attribute(value)}"' for key, value in values.items() if value)
