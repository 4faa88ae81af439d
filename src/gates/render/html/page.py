"""Page: the whole report as the template needs it, the verdict and what to do first at the top."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.errors import INTERNAL, NOTHING_JUDGED
from gates.model.finding import Finding
from gates.model.section import Detail, Standing
from gates.render import escape, summary
from gates.render.html import findings, measures, sections
from gates.render.html.findings import Found, Line
from gates.render.html.measures import Drawn
from gates.render.html.sections import Shown

if TYPE_CHECKING:
    from gates.model.report import GateReport, Member, Report
    from gates.model.waiver import WaiverReport
    from gates.render.formats import Options

NOTHING = "Nothing was judged"
WORDS = {"passed": "Passed", "failed": "Failed", "undecided": "Undecided"}
WAIVERS: dict[str, Standing] = {"active": "passed", "expired": "failed", "unused": "failed"}
NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
LONGEST = 1000
"""Characters of one text that are shown."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do next: for which gate, why, and what can be pasted."""

    anchor: str
    title: str
    standing: Standing
    why: str
    first: Line | None = None
    command: str


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One judged gate."""

    anchor: str
    name: str
    label: str
    verdict: Standing
    word: str
    allowed: bool
    examined: str
    counts: str
    time: str
    taken: str
    reason: tuple[str, str, str] | None
    measures: tuple[Drawn, ...]
    found: Found
    sections: tuple[Shown, ...]
    problem: str
    settings: tuple[tuple[str, str], ...]
    tools: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    again: str
    evidence: str


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """One project of a workspace, and what came of it."""

    folder: str
    name: str
    standing: Standing
    word: str


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """One waiver."""

    rule: str
    subject: str
    reason: str
    owner: str
    expires: str
    state: str
    standing: Standing
    uses: int
    written: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, in the order in which it is read."""

    project: str
    commit: str
    scope: str
    python: str
    standing: Standing
    headline: str
    sentence: str
    steps: tuple[Step, ...]
    projects: tuple[Project, ...]
    gates: tuple[Gate, ...]
    cut: int
    not_judged: tuple[tuple[str, str, str, str], ...]
    waivers: tuple[Waived, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    run: tuple[tuple[str, str], ...]

    @property
    def red(self) -> list[Gate]:
        """The gates that did not pass, those that failed first."""
        return sorted((one for one in self.gates if one.verdict != "passed"), key=lambda one: one.verdict != "failed")

    @property
    def green(self) -> list[Gate]:
        """The gates that passed."""
        return [one for one in self.gates if one.verdict == "passed"]


def page(report: Report, options: Options) -> Page:
    """The page of a report, with what its gates show beside their findings."""
    details = options.details()
    anchors = _anchors(report.gates)
    room = findings.Room(options.rules)
    gates = tuple(
        _gate(one, report, room, anchor, details.get((one.project, one.name), Detail()))
        for one, anchor in zip(report.gates, anchors, strict=True)
    )
    headline, standing = _headline(report)
    return Page(
        project=summary.clip(report.project.name, LONGEST),
        commit=summary.commit(report),
        scope=summary.scope(report),
        python=report.run.interpreter_version,
        standing=standing,
        headline=headline,
        sentence=_sentence(report),
        steps=tuple(_steps(report, anchors)),
        projects=tuple(_project(one) for one in report.workspace),
        gates=gates,
        cut=sum(one.found.cut for one in gates),
        not_judged=tuple(
            (
                summary.clip(summary.not_judged(one), LONGEST),
                one.reason.code.replace("_", " "),
                _clip(one.reason.message),
                _clip(one.reason.fix),
            )
            for one in report.not_judged
        ),
        waivers=tuple(map(_waived, report.waivers)),
        warnings=tuple(map(summary.ending, summary.expiring(report))),
        notes=tuple(map(_clip, report.run.notes)),
        run=tuple(_run(report)),
    )


def _clip(text: str) -> str:
    return summary.clip(text, LONGEST)


def _anchors(gates: Sequence[GateReport]) -> list[str]:
    """An id for each gate: its name where that is a plain word of its own, else its number."""
    names = [one.name for one in gates]
    return [
        f"gate-{name}" if NAME.fullmatch(name) and names.count(name) == 1 else f"gate.{at}"
        for at, name in enumerate(names, 1)
    ]


def _headline(report: Report) -> tuple[str, Standing]:
    if report.error is not None:
        return ("Internal error" if report.exit_code == INTERNAL else "Error"), "failed"
    if report.nothing_judged:
        return NOTHING, "undecided"
    verdict = "undecided" if report.verdict == "passed" and report.exit_code != 0 else report.verdict
    return WORDS[verdict], verdict


def _sentence(report: Report) -> str:
    """The verdict in one sentence that counts."""
    if report.error is not None:
        return _clip(summary.error_line(report.error, report.exit_code).partition(": ")[2])
    if report.nothing_judged:
        empty = summary.unjudged(report)
        where = f"in {', '.join(empty)}" if empty else "to this project"
        return _clip(f"No gate applied {where}, so nobody knows whether it is well.")
    count = {verdict: sum(one.verdict == verdict for one in report.gates) for verdict in WORDS}
    allowed = sum(one.allowed_undecided and one.verdict == "undecided" for one in report.gates)
    of = f"of {summary.plural(len(report.gates), 'gate')}"
    said = [f"{count['failed']:,} {of} failed"] if count["failed"] else []
    if count["undecided"]:
        said.append(f"{count['undecided']:,} {'' if said else of + ' '}could not decide")
    if not said:
        several = len(report.gates) > 1
        said = [f"All {len(report.gates):,} judged gates passed" if several else "The one judged gate passed"]
    excuse = f" ({allowed:,} of them allowed to)" if allowed else ""
    code = f"; the exit code is {report.exit_code}" if not _is_plain(report) else ""
    return f"{', '.join(said)}{excuse}{code}."


def _is_plain(report: Report) -> bool:
    return {0: "passed", 1: "failed", 3: "undecided"}.get(report.exit_code) == report.verdict


def _steps(report: Report, anchors: Sequence[str]) -> Iterator[Step]:
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
        if gate.verdict == "undecided" and gate.reason is not None:
            why = _clip(gate.reason.message)
            yield Step(anchor=anchor, title=_named(gate), standing="undecided", why=why, command=_clip(gate.reason.fix))


def _mend(gate: GateReport, anchor: str) -> Step:
    found = summary.blocking(gate)
    if not found:
        return Step(anchor=anchor, title=_named(gate), standing="failed", why="", command=_again(gate))
    groups = summary.by_rule(found)
    first = groups[0]
    others = len(found) - len(first)
    more = f", and {summary.plural(others, 'finding')} of other rules" if others else ""
    return Step(
        anchor=anchor,
        title=_named(gate),
        standing="failed",
        why=_clip(f"{summary.plural(len(first), 'finding')} of {_title(first[0])}{more}."),
        first=findings.line(first[0]),
        command=f"gates explain {summary.rule_id(first[0])}",
    )


def _title(item: Finding) -> str:
    return item.tool_rule or f"{item.rule} {item.name}"


def _gate(gate: GateReport, report: Report, room: findings.Room, anchor: str, detail: Detail) -> Gate:
    reason = gate.reason
    return Gate(
        anchor=anchor,
        name=gate.name,
        label=_named(gate),
        verdict=gate.verdict,
        word=WORDS[gate.verdict],
        allowed=gate.allowed_undecided and gate.verdict == "undecided",
        examined="nothing examined" if gate.denominator is None else f"{summary.denominator(gate)} examined",
        counts=_counts(gate),
        time=summary.duration(gate, report.run),
        taken=report.run.receipts.get(gate.key, ""),
        reason=None if reason is None else (reason.code.replace("_", " "), _clip(reason.message), _clip(reason.fix)),
        measures=tuple(map(measures.drawn, gate.measures)),
        found=room.found(gate),
        sections=sections.shown(detail.sections, anchor),
        problem=_clip(detail.problem),
        settings=tuple((key, _clip(_written(one))) for key, one in sorted(detail.settings.items())),
        tools=tuple((name, _clip(version)) for name, version in sorted(gate.tools.items())),
        commands=tuple(_clip(" ".join(words)) for words in gate.commands[:50]),
        again=_again(gate),
        evidence="" if gate.evidence is None else gate.evidence.sha256,
    )


def _written(value: object) -> str:
    """A setting as JSON, which has no surrogates."""
    return msgspec.json.encode(escape.without_surrogates(value)).decode()


def _again(gate: GateReport) -> str:
    """The command that judges one gate by itself."""
    return f"gates check {gate.name}" + ("" if gate.project in {"", "."} else f" --package {gate.project}")


def _counts(gate: GateReport) -> str:
    blocking = len(summary.blocking(gate))
    parts = [summary.plural(blocking, "finding")] if blocking else []
    return ", ".join(filter(None, [*parts, summary.counts(gate)]))


def _project(one: Member) -> Project:
    standing, word = (one.verdict, WORDS[one.verdict]) if one.exit_code != NOTHING_JUDGED else ("undecided", NOTHING)
    return Project(folder=_clip(one.project), name=_clip(one.name), standing=standing, word=word)


def _named(gate: GateReport) -> str:
    return summary.clip(summary.label(gate), 200)


def _waived(one: WaiverReport) -> Waived:
    return Waived(
        rule=one.rule,
        subject=_clip(one.subject),
        reason=_clip(one.reason),
        owner=_clip(one.owner),
        expires=one.expires.isoformat(),
        state=one.state.replace("_", " "),
        standing=WAIVERS.get(one.state, "undecided"),
        uses=one.uses,
        written=summary.written(one),
    )


def _run(report: Report) -> Iterator[tuple[str, str]]:
    run = report.run
    yield "started", run.started
    yield "took", f"{run.duration_s:,.1f} s"
    yield "gates", f"{run.gates_version} on Python {run.python}"
    if run.interpreter:
        yield "judged Python", f"{run.interpreter} {run.interpreter_version} ({run.interpreter_from})"
    for folder, one in sorted((run.interpreters or {}).items()):
        yield f"judged Python in {folder}", f"{one.interpreter} {one.interpreter_version} ({one.interpreter_from})"
    if run.host:
        yield "host", ", ".join(f"{key} {value}" for key, value in sorted(run.host.items()))
