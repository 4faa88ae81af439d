"""Steps: what to do next, for each red gate the first thing, with a command that can be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.errors import INTERNAL
from gates.model.section import Standing
from gates.render import summary
from gates.render.html import findings, words
from gates.render.html.findings import Line

if TYPE_CHECKING:
    from gates.model.finding import Finding
    from gates.model.report import GateReport, Report


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do next: for which gate, why, and what can be pasted."""

    anchor: str
    title: str
    standing: Standing
    why: str
    first: Line | None = None
    command: str


def steps(report: Report, anchors: Sequence[str]) -> Iterator[Step]:
    """What to do, failed gates first; of each the first thing."""
    if report.error is not None:
        place = report.error.path or ""
        where = place if report.error.line is None else f"{place}:{report.error.line}"
        if report.exit_code == INTERNAL:
            why = (
                "This is a defect of gates and not of the project: please report it, with the log that is named above."
            )
            yield Step(anchor="", title=where, standing="failed", why=why, command="")
            return
        yield Step(
            anchor="",
            title=where,
            standing="failed",
            why="Mend what is named above, then run again.",
            command="gates check",
        )
    elif report.nothing_judged:
        why = "See which gates there are and how to ask for one, or let gates write a configuration."
        yield Step(anchor="", title="", standing="undecided", why=why, command="gates init --dry-run")
    both = list(zip(report.gates, anchors, strict=True))
    for gate, anchor in both:
        if gate.verdict == "failed":
            yield _mend(gate, anchor)
    for gate, anchor in both:
        if gate.verdict == "undecided":
            yield _decide(gate, anchor)


def _decide(gate: GateReport, anchor: str) -> Step:
    why, fix = ("It does not say why.", "") if gate.reason is None else (gate.reason.message, gate.reason.fix)
    return Step(
        anchor=anchor,
        title=words.named(gate),
        standing="undecided",
        why=words.clip(why),
        command=words.clip(fix) or words.again(gate),
    )


def _mend(gate: GateReport, anchor: str) -> Step:
    found = summary.blocking(gate)
    if not found:
        return Step(anchor=anchor, title=words.named(gate), standing="failed", why="", command=words.again(gate))
    groups = summary.by_rule(found)
    first = groups[0]
    others = len(found) - len(first)
    more = f", and {summary.plural(others, 'finding')} of other rules" if others else ""
    return Step(
        anchor=anchor,
        title=words.named(gate),
        standing="failed",
        why=words.clip(f"{summary.plural(len(first), 'finding')} of {_title(first[0])}{more}."),
        first=findings.line(first[0]),
        command=summary.explain(first[0]),
    )


def _title(item: Finding) -> str:
    return item.tool_rule or f"{item.rule} {item.name}"
