"""Clean: the green half of a proof: what the gate says of the project as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from gates.config.general import Prove
from gates.engine import collection, mishap, reporting, session
from gates.engine.cache import Cache
from gates.engine.collection import Collected
from gates.engine.context import GateContext
from gates.engine.runner import Outcome
from gates.model.decision import Decision
from gates.model.finding import Finding
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.model.report import GateReport

if TYPE_CHECKING:
    from gates.engine.plan import Plan
    from gates.engine.request import Request
    from gates.prove.check import Ran


class Clean(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a gate over the clean tree: `reason` says why it is not green, None where it is."""

    source: Literal["run", "receipt"]
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()


def recalled(request: Request, plan: Plan, names: Collection[str], now: datetime) -> Mapping[str, Clean]:
    """The gates of `names` that have a passing receipt over just these inputs in the project's own cache."""
    if not request.use_cache or request.has_committed_state:
        return {}
    cache = Cache(request.project.root)
    world = session.world_of(request)
    # That the last proof is too old is no reason not to make a new one.
    unasked = msgspec.structs.replace(
        request, config=msgspec.structs.replace(request.config, prove=Prove(excused=request.config.prove.excused))
    )
    held: dict[str, Collected] = {}
    found: dict[str, Clean] = {}
    try:
        for planned in plan.planned:
            name, gate = planned.gate.name, planned.gate
            if any(need not in held for need in planned.needs) or planned.refused is not None:
                continue
            context = GateContext(
                gate=name,
                settings=planned.settings,
                world=world,
                demanded=planned.demanded,
                sharded=type(gate).merge is not Gate.merge,
                needs={need: held[need].facts for need in planned.needs},
                needed=planned.needed,
            )
            got = collection.recall(
                planned, context, cache, {need: held[need].digest or "" for need in planned.needs}, now
            )
            if got is None or got.reason is not None:
                continue
            held[name] = got
            decision = mishap.decide(
                gate, got.facts, planned.settings, now, root=request.project.root, redactor=world.find_redactor
            )
            if isinstance(decision, Decision) and name in names:
                outcome = Outcome(planned=planned, collected=got, decision=decision)
                report = reporting.judged(gate, outcome, unasked, now)
                if report.verdict == "passed":
                    found[name] = Clean(source="receipt", findings=report.findings)
    finally:
        world.scratch.remove()
    return found


def judged(name: str, ran: Ran) -> Clean:
    """What a check of the clean copy says of one gate."""
    report = ran.gate(name)
    if report is None or ran.problem is not None:
        return Clean(source="run", reason=_not_green(name, ran.problem or "`gates check` says nothing of it"))
    # A gate that only lacks a young proof has passed: that is why it is being proved.
    unproved = report.reason is not None and report.reason.code in {"proof_missing", "proof_stale"}
    if report.verdict == "passed" or unproved:
        return Clean(source="run", findings=report.findings)
    return Clean(source="run", reason=_not_green(name, said(report)))


def said(report: GateReport) -> str:
    """A gate's verdict as a clause: `it failed: LNT001 at src/a.py:3, and 4 more`."""
    if report.verdict == "failed":
        blocking = [one for one in report.findings if one.blocks]
        if not blocking:
            return "it failed without a finding that blocks"
        more = f", and {len(blocking) - 1:,} more" if len(blocking) > 1 else ""
        return f"it failed: {shown(blocking[0])}{more}"
    if report.verdict == "undecided" and report.reason is not None:
        return f"it was undecided ({report.reason.code}): {report.reason.message}"
    return f"it {'passed' if report.verdict == 'passed' else 'was undecided'}"


def shown(found: Finding) -> str:
    """A finding's rule and place."""
    where = "" if found.path is None else f" at {found.path}" + ("" if found.line is None else f":{found.line}")
    return f"{found.rule}{where}"


def _not_green(name: str, what: str) -> Reason:
    return Reason(
        code="not_green",
        message=f"the clean copy of the project is not green, and a red one would prove nothing: {what}",
        fix=f"gates check {name}",
    )
