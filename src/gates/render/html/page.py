"""Page: the whole report as the template needs it, the verdict and what to do first at the top."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.errors import NOTHING_JUDGED
from gates.model.section import Detail, Standing
from gates.render import escape, summary, waivers
from gates.render.html import findings, measures, sections, steps, words
from gates.render.html.findings import Found
from gates.render.html.measures import Drawn
from gates.render.html.sections import Shown
from gates.render.html.steps import Step

if TYPE_CHECKING:
    from gates.model.reason import Reason
    from gates.model.report import GateReport, Member, Report
    from gates.model.waiver import WaiverReport
    from gates.render.formats import Options

WAIVERS: dict[str, Standing] = {"active": "passed", "expired": "failed", "unused": "failed"}
COMMANDS = 50
"""Command lines of a gate that are shown."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


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
    unshown: int
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
    history: tuple[Shown, ...]
    history_problem: str
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
    details, history = options.details(), options.history()
    anchors = _anchors(report.gates)
    room = findings.Room(options.rules)
    gates = tuple(
        _gate(one, report, room, anchor, details.get((one.project, one.name), Detail()))
        for one, anchor in zip(report.gates, anchors, strict=True)
    )
    headline, standing = words.headline(report)
    return Page(
        project=summary.clip(report.project.name, words.LONGEST),
        commit=summary.commit(report),
        scope=summary.scope(report),
        python=report.run.interpreter_version,
        standing=standing,
        headline=headline,
        sentence=words.sentence(report),
        steps=tuple(steps.steps(report, anchors)),
        projects=tuple(_project(one) for one in report.workspace),
        gates=gates,
        cut=sum(one.found.cut for one in gates),
        not_judged=tuple((words.clip(summary.not_judged(one)), *_reason(one.reason)) for one in report.not_judged),
        waivers=tuple(map(_waived, report.waivers)),
        warnings=tuple(map(waivers.ending, waivers.expiring(report))),
        notes=tuple(map(words.clip, report.run.notes)),
        history=sections.shown(history.sections, "over-runs"),
        history_problem=words.clip(history.problem),
        run=tuple(_run(report)),
    )


def _anchors(gates: Sequence[GateReport]) -> list[str]:
    """An id for each gate: its name where that is a plain word of its own, else its number."""
    names = [one.name for one in gates]
    return [
        f"gate-{name}" if NAME.fullmatch(name) and names.count(name) == 1 else f"gate.{at}"
        for at, name in enumerate(names, 1)
    ]


def _gate(gate: GateReport, report: Report, room: findings.Room, anchor: str, detail: Detail) -> Gate:
    reason = gate.reason
    return Gate(
        anchor=anchor,
        name=gate.name,
        label=words.named(gate),
        verdict=gate.verdict,
        word=words.WORDS[gate.verdict],
        allowed=gate.allowed_undecided and gate.verdict == "undecided",
        examined="nothing examined" if gate.denominator is None else f"{summary.denominator(gate)} examined",
        counts=_counts(gate),
        time=summary.duration(gate, report.run),
        taken=report.run.receipts.get(gate.key, ""),
        reason=None
        if reason is None
        else (reason.code.replace("_", " "), words.clip(reason.message), words.clip(reason.fix)),
        measures=tuple(map(measures.drawn, gate.measures)),
        found=room.found(gate),
        sections=sections.shown(detail.sections, anchor),
        problem=words.clip(detail.problem),
        settings=tuple((key, words.clip(_written(one))) for key, one in sorted(detail.settings.items())),
        tools=tuple((name, words.clip(version)) for name, version in sorted(gate.tools.items())),
        commands=tuple(words.clip(shlex.join(argv)) for argv in gate.commands[:COMMANDS]),
        unshown=max(0, len(gate.commands) - COMMANDS),
        again=words.again(gate),
        evidence="" if gate.evidence is None else gate.evidence.sha256,
    )


def _reason(reason: Reason) -> tuple[str, str, str]:
    return reason.code.replace("_", " "), words.clip(reason.message), words.clip(reason.fix)


def _written(value: object) -> str:
    """A setting as JSON, which has no surrogates."""
    return msgspec.json.encode(escape.without_surrogates(value)).decode()


def _counts(gate: GateReport) -> str:
    blocking = len(summary.blocking(gate))
    parts = [summary.plural(blocking, "finding")] if blocking else []
    return ", ".join(filter(None, [*parts, summary.counts(gate)]))


def _project(one: Member) -> Project:
    standing, word = (
        (one.verdict, words.WORDS[one.verdict]) if one.exit_code != NOTHING_JUDGED else ("undecided", words.NOTHING)
    )
    return Project(folder=words.clip(one.project), name=words.clip(one.name), standing=standing, word=word)


def _waived(one: WaiverReport) -> Waived:
    return Waived(
        rule=one.rule,
        subject=words.clip(one.subject),
        reason=words.clip(one.reason),
        owner=words.clip(one.owner),
        expires=one.expires.isoformat(),
        state=one.state.replace("_", " "),
        standing=WAIVERS.get(one.state, "undecided"),
        uses=one.uses,
        written=waivers.written(one),
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
