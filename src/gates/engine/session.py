"""Session: one run from a request to a report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from gates import __version__
from gates.engine import accounting, context, machine, standing, state, verdict
from gates.engine.cache import Cache
from gates.engine.context import World
from gates.engine.observer import Observer, Silent
from gates.engine.plan import Plan, draw
from gates.engine.runner import Outcome, Runner
from gates.engine.scratch import Scratch
from gates.model.decision import verdict_of
from gates.model.evidence import Facts, Refusal
from gates.model.gate import Gate, Shard
from gates.model.reason import Reason
from gates.model.report import EvidenceRef, GateReport, ProjectFacts, Report, RunFacts
from gates.process import interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from gates.config.settings import Config
    from gates.engine.accounting import Account
    from gates.model.decision import Decision
    from gates.process.interpreter import Interpreter
    from gates.process.redact import Redactor
    from gates.project.base import Base
    from gates.project.facts import Project


class Request(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the user asked for; flags are already part of `config` where configuration can say the same."""

    project: Project
    gates: Mapping[str, Gate[Any, Any]]
    config: Config
    environ: Mapping[str, str]
    named: tuple[str, ...] = ()
    python: str | None = None
    base: str | None = None
    shard: Shard | None = None
    offline: bool = False
    use_cache: bool = True
    with_baseline: bool = True
    as_of: datetime | None = None
    allow_undecided: tuple[str, ...] = ()
    approve: tuple[tuple[str, str], ...] = ()
    attended: bool = True
    revisions: Mapping[str, str] = msgspec.field(default_factory=dict)
    observer: Observer = msgspec.field(default_factory=Silent)

    @cached_property
    def judged_python(self) -> Interpreter | Refusal:
        """The judged interpreter, or why there is none; looked for once."""
        return chosen_python(self)

    @cached_property
    def base_commit(self) -> Base | Reason:
        """The commit that a change is compared with, or why there is none; looked for once.

        What the command line or the environment says goes before the CI's target, and what the file says after it: a
        change could write there whatever suits it.
        """
        from gates.project import base

        written = "base" not in self.config.origins and self.base is not None and self.base == self.config.base
        return base.resolve(
            self.project.git,
            flag=None if written else self.base,
            configured=self.base if written else None,
            environ=self.environ,
        )

    @cached_property
    def has_committed_state(self) -> bool:
        """Whether git tracks something in `.gates/`: evidence that came with the change is no evidence."""
        folder = self.project.root / state.FOLDER
        if not any((folder / name).is_dir() for name in ("receipts", "proofs")):
            return False
        return self.project.git is not None and self.project.git.tracks(state.FOLDER)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The report, and the evidence and settings behind it, by gate."""

    report: Report
    plan: Plan
    outcomes: Mapping[str, Outcome]

    @property
    def evidence(self) -> Mapping[str, Facts]:
        """Facts of every gate that has some."""
        return {name: one.collected.facts for name, one in self.outcomes.items() if one.collected.facts is not None}


def judge(request: Request) -> Judgement:
    """Collect and decide every gate of the plan.

    Raises:
        GatesError: the request names what does not exist.
        KeyboardInterrupt: after every child has been ended.
    """
    started = datetime.now(UTC)
    plan = draw(request.project, request.gates, request.config, request.named, attended=request.attended)
    outcomes = carried_out(request, plan, request.as_of or started)
    return conclude(request, plan, standing.checked(request.project, plan, outcomes), started)


def carried_out(request: Request, plan: Plan, now: datetime) -> Mapping[str, Outcome]:
    """What came of every gate of a plan; nothing that was started is left when this returns or raises."""
    world = world_of(request)
    runner = Runner(
        plan=plan,
        world=world,
        cache=Cache(request.project.root, enabled=request.use_cache and not request.has_committed_state),
        jobs=request.config.jobs or os.cpu_count() or 1,
        now=now,
    )
    try:
        return runner.run()
    except BaseException:
        from gates.process import child

        runner.cancel()
        child.end_all()
        raise
    finally:
        request.observer.ended()
        world.scratch.remove()


def conclude(request: Request, plan: Plan, outcomes: Mapping[str, Outcome], started: datetime) -> Judgement:
    """The judgement that follows from what came of every planned gate."""
    now = request.as_of or started
    account = accounting.settle(request, plan.judged, outcomes, now)
    gates = tuple(judged(one.gate, outcomes[one.gate.name], request, now, account) for one in plan.judged)
    for one in gates:
        request.observer.decided(one.name, one.verdict)
    report = _report(request, plan, outcomes, gates, started)
    notes = (*report.run.notes, *_said(account.decisions))
    run = msgspec.structs.replace(report.run, notes=notes)
    report = msgspec.structs.replace(report, waivers=account.waivers, run=run)
    return Judgement(report=report, plan=plan, outcomes=outcomes)


def explain(request: Request, code: str) -> dict[str, Any] | None:
    """What a tool says of its own code (`ruff:F401`, or `F401`), asked of each gate in turn; None if none knows it."""
    world = world_of(request)
    try:
        for name, gate in request.gates.items():
            asking = context.GateContext(gate=name, settings=request.config.gates[name], world=world)
            text = gate.explain(code, asking)
            if text is not None:
                return {"kind": "tool_rule", "code": code, "gate": name, "summary": "", "explanation": text, "fix": ""}
    finally:
        world.scratch.remove()
    return None


def chosen_python(request: Request) -> Interpreter | Refusal:
    """The judged interpreter, or why there is none."""
    chosen = interpreter.choose(
        request.project.root,
        flag=request.python,
        configured=request.config.python,
        environ=request.environ,
        state=request.project.root / state.FOLDER,
    )
    return Refusal(chosen) if isinstance(chosen, Reason) else chosen


def world_of(request: Request) -> World:
    """What every gate of the run shares; its scratch directory is the caller's to remove."""
    if request.base is not None:
        _ = request.base_commit
    return World(
        project=request.project,
        python=request.judged_python,
        find_base=lambda: None if isinstance(request.base_commit, Reason) else request.base_commit.commit,
        find_no_base=lambda: request.base_commit if isinstance(request.base_commit, Reason) else None,
        gates=request.gates,
        shard=request.shard,
        offline=request.offline,
        environ=request.environ,
        find_redactor=lambda: redactor_of(request),
        scratch=Scratch(),
        revisions=request.revisions,
        observer=request.observer,
    )


def redactor_of(request: Request) -> Redactor:
    """The redactor that the configuration asks for."""
    from gates.process.redact import redactor

    wished = request.config.redact
    return redactor(request.environ, profile=wished.profile, patterns=wished.patterns)


def judged(
    gate: Gate[Any, Any], outcome: Outcome, request: Request, now: datetime, account: Account | None = None
) -> GateReport:
    """One gate's part of the report; without an account of the whole run, as if no other gate had been judged."""
    got = outcome.collected
    account = account or accounting.settle(request, (outcome.planned,), {gate.name: outcome}, now)
    settled = account.decisions[gate.name]
    if request.config.prove.max_age is not None and verdict_of(settled) == "passed":
        settled = msgspec.structs.replace(settled, reason=_unproved(gate, got.tools, request, now))
    reached = verdict_of(settled)
    return GateReport(
        name=gate.name,
        verdict=reached,
        reason=settled.reason,
        denominator=None if outcome.decision is None and reached == "undecided" else settled.denominator,
        findings=settled.findings,
        measures=settled.measures,
        evidence=None if got.digest is None else EvidenceRef(sha256=got.digest),
        tools=dict(sorted(got.tools.items())),
        commands=got.commands,
        allowed_undecided=reached == "undecided" and gate.name in request.allow_undecided,
    )


def _unproved(gate: Gate[Any, Any], tools: Mapping[str, str], request: Request, now: datetime) -> Reason | None:
    from gates.engine import proofs

    config = request.config
    rules = [rule.code for rule in proofs.judged_rules(gate, config)]
    standing = proofs.standing(gate, config, request.revisions, tools)
    if request.has_committed_state:
        return proofs.untrusted(gate.name)
    return proofs.lacking(request.project.root, standing, [*rules, proofs.STARVED], now, config.prove.max_age or 0)


def _report(
    request: Request, plan: Plan, outcomes: Mapping[str, Outcome], gates: Sequence[GateReport], started: datetime
) -> Report:
    reached, code = verdict.overall(gates, request.allow_undecided, plan.attendant)
    return Report(
        verdict=reached,
        exit_code=code,
        error=None,
        project=project_facts(request.project, request.shard),
        gates=tuple(sorted(gates, key=lambda one: list(request.gates).index(one.name))),
        not_judged=plan.not_judged,
        run=run_facts(request, outcomes, started),
    )


def project_facts(project: Project, shard: Shard | None) -> ProjectFacts:
    """Name, commit and scope of what is judged."""
    git = project.git
    return ProjectFacts(
        name=project.name,
        commit=None if git is None else git.head,
        dirty=None if git is None else git.dirty(),
        scope="full" if shard is None else {"shard": str(shard)},
    )


def run_facts(request: Request, outcomes: Mapping[str, Outcome], started: datetime) -> RunFacts:
    """Times, hosts and what was cached: all that may differ between two runs over the same evidence."""
    python = request.judged_python
    collected = {name: one.collected for name, one in sorted(outcomes.items())}
    return RunFacts(
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        duration_s=round((datetime.now(UTC) - started).total_seconds(), 3),
        gates_version=__version__,
        python=machine.python_version(),
        interpreter="" if isinstance(python, Refusal) else _shown(python.path, request.project.root),
        interpreter_version="" if isinstance(python, Refusal) else python.version,
        interpreter_from="" if isinstance(python, Refusal) else python.chosen_by,
        cached=tuple(name for name, one in collected.items() if one.cached),
        receipts={name: one.taken_at for name, one in collected.items() if one.taken_at is not None},
        durations_s={name: round(one.seconds, 3) for name, one in collected.items()},
        notes=_notes(request),
        host={"system": machine.system(), "machine": machine.architecture(), "cpus": os.cpu_count() or 1},
    )


def _notes(request: Request) -> tuple[str, ...]:
    """What a reader should know of this run beside its verdicts."""
    project = request.project
    notes = list(request.config.notes)
    if "build-system" in project.pyproject and not state.is_ignored(project.root):
        notes.append(".gates/ is not in .gitignore, so a build may pack it; `gates init` adds it")
    if request.use_cache and request.has_committed_state:
        notes.append("git tracks .gates/, so nothing in it was used; git rm -r --cached .gates")
    python = request.judged_python
    if not isinstance(python, Refusal) and python.unnamed:
        from gates.process import apart

        seen = apart.elsewhere(project.root, python)
        own = "nothing names the project's environment, so the Python that runs gates is judged"
        notes += [] if seen is None else [f"{own}; for the project's: {seen}"]
    return tuple(notes)


def _said(decisions: Mapping[str, Decision]) -> tuple[str, ...]:
    return tuple(f"{name}: {note}" for name, one in sorted(decisions.items()) for note in one.notes)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
