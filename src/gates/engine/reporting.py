"""Reporting: the report of a run, from what came of every gate and from the account of all of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gates import __version__
from gates.engine import accounting, machine, masking, state, verdict
from gates.engine.circumstances import Present
from gates.engine.plan import Plan
from gates.engine.request import Request
from gates.engine.runner import Outcome
from gates.model.decision import verdict_of
from gates.model.evidence import Refusal
from gates.model.gate import Gate
from gates.model.report import EvidenceRef, GateReport, ProjectFacts, Report, RunFacts

if TYPE_CHECKING:
    from pathlib import Path

    from gates.engine.accounting import Account
    from gates.engine.circumstances import Circumstances
    from gates.model.decision import Decision


def judged(
    gate: Gate[Any, Any],
    outcome: Outcome,
    request: Request,
    now: datetime,
    account: Account | None = None,
    circumstances: Circumstances | None = None,
) -> GateReport:
    """One gate's part of the report; without an account of the whole run, as if no other gate had been judged."""
    got = outcome.collected
    circumstances = circumstances or Present(request, now)
    account = account or accounting.settle(request, (outcome.planned,), {gate.name: outcome}, now, circumstances)
    settled = account.decisions[gate.name]
    if request.config.prove.max_age is not None and verdict_of(settled) == "passed":
        settled = msgspec.structs.replace(settled, reason=circumstances.unproved(gate, got.tools))
    reached = verdict_of(settled)
    said = GateReport(
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
    return masking.gate(said, request.redactor)


def report(
    request: Request, plan: Plan, gates: Sequence[GateReport], account: Account, project: ProjectFacts, run: RunFacts
) -> Report:
    """The whole report; `gates` are the parts that `judged` returned."""
    reached, code = verdict.overall(gates, request.allow_undecided, plan.attendant)
    whole = Report(
        verdict=reached,
        exit_code=code,
        error=None,
        project=project,
        gates=tuple(sorted(gates, key=lambda one: list(request.gates).index(one.name))),
        not_judged=plan.not_judged,
        waivers=account.waivers,
        run=run,
    )
    return masking.report(whole, request.redactor)


def run_facts(request: Request, outcomes: Mapping[str, Outcome], account: Account, started: datetime) -> RunFacts:
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
        notes=(*_notes(request), *_said(account.decisions)),
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
