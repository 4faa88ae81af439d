"""Session: one run from a request to a report."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import accounting, context, reporting, standing
from gates.engine.cache import Cache
from gates.engine.circumstances import Circumstances, Consulted, Present
from gates.engine.context import World
from gates.engine.plan import Plan, Planned, draw
from gates.engine.request import Request
from gates.engine.runner import Outcome, Runner
from gates.engine.scratch import Scratch
from gates.model.evidence import Facts
from gates.model.reason import Reason
from gates.model.report import Report, RunFacts

if TYPE_CHECKING:
    from gates.engine.accounting import Account
    from gates.process.redact import Redactor


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The report, and the evidence and settings behind it, by gate; `now` is the moment as of which was decided.

    `consulted` is what was decided on beside those.
    """

    report: Report
    request: Request
    plan: Plan
    outcomes: Mapping[str, Outcome]
    now: datetime
    consulted: Consulted

    @property
    def redactor(self) -> Redactor:
        """What hides secrets, as the project wishes."""
        return self.request.redactor

    @property
    def planned(self) -> tuple[Planned, ...]:
        """Every gate that was collected."""
        return self.plan.planned

    @property
    def judgements(self) -> Mapping[str, Judgement]:
        """Itself, as that of the one project."""
        return {".": self}

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
    present = Present(request, now)
    report = concluded(
        request, plan, outcomes, now, present, lambda account: reporting.run_facts(request, outcomes, account, started)
    )
    return Judgement(
        report=report, request=request, plan=plan, outcomes=outcomes, now=now, consulted=present.consulted()
    )


def concluded(
    request: Request,
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    circumstances: Circumstances,
    run: Callable[[Account], RunFacts],
) -> Report:
    """The report; beside its `run`, nothing but what is given here has a part in it."""
    account = accounting.settle(request, plan.judged, outcomes, now, circumstances)
    gates = tuple(
        reporting.judged(one.gate, outcomes[one.gate.name], request, now, account, circumstances) for one in plan.judged
    )
    for one in gates:
        request.observer.decided(one.name, one.verdict)
    return reporting.report(request, plan, gates, account, circumstances.project(), run(account))


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
        find_redactor=lambda: request.redactor,
        scratch=Scratch(),
        revisions=request.revisions,
        keeping=_keeping(request),
        observer=request.observer,
    )


def _keeping(request: Request) -> context.Keeping | None:
    record = request.config.record
    if not record.enabled:
        return None
    return context.Keeping(request.home or request.project.root, record.profile == "strict")
