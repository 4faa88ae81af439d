"""Accounting: what becomes of findings after every gate has decided: waived, known, or counted.

A finding counts unless a waiver excuses it or the committed baseline lists it. What is to be said of waivers and
baselines themselves stands in the report of the gate that lists those rules (`gates.model.account`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from gates.config import baseline as committed
from gates.config.baseline import BaselineError
from gates.engine import approving, verdict
from gates.engine.plan import Planned
from gates.engine.runner import Outcome
from gates.model.decision import Decision, verdict_of
from gates.model.finding import Finding
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.rule import asleep
from gates.model.waiver import Waiver, WaiverReport

if TYPE_CHECKING:
    from gates.engine.circumstances import Circumstances
    from gates.engine.request import Request


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions that the report shows, by gate, and what has become of each waiver."""

    decisions: Mapping[str, Decision]
    waivers: tuple[WaiverReport, ...] = ()


def settle(
    request: Request,
    judged: Sequence[Planned],
    outcomes: Mapping[str, Outcome],
    now: datetime,
    circumstances: Circumstances,
) -> Account:
    """The account of the judged gates: severities, then waivers, then baselines, then what is to be said of those."""
    return _Accounting(request, judged, outcomes, now.astimezone(UTC).date(), circumstances).settle()


class _Accounting:
    def __init__(
        self,
        request: Request,
        judged: Sequence[Planned],
        outcomes: Mapping[str, Outcome],
        today: date,
        circumstances: Circumstances,
    ) -> None:
        self.request = request
        self.judged = judged
        self.outcomes = outcomes
        self.today = today
        self.circumstances = circumstances

    def settle(self) -> Account:
        decisions, waivers, faults = self.waived({one.gate.name: self.decided(one) for one in self.judged})
        found = {name: self.compared(name, one, faults) for name, one in decisions.items()}
        attached = self.attached(found, faults)
        approved = approving.apply(attached, self.judged, self.outcomes, self.request.approve, self.today)
        return Account(decisions=approved, waivers=waivers)

    def decided(self, planned: Planned) -> Decision:
        name = planned.gate.name
        outcome = self.outcomes[name]
        none = Decision(denominator=Denominator(count=0, unit="files"), reason=outcome.collected.reason)
        config = self.request.config
        hidden = asleep(planned.gate.rules, config.preview)
        return verdict.with_places(verdict.settle(outcome.decision or none, config.severity, hidden), name, config)

    def waived(
        self, decisions: Mapping[str, Decision]
    ) -> tuple[Mapping[str, Decision], tuple[WaiverReport, ...], list[Finding]]:
        waivers = self.request.config.waiver
        if not waivers:
            return decisions, (), []
        from gates.engine import waiving

        done = waiving.apply(decisions, waivers, self.today)

        def whole(waiver: Waiver) -> bool:
            return all(self.is_whole(name) for name in waiving.concerned(waiver, self.request.gates))

        source = self.request.config.source
        found = waiving.reports(
            waivers, done.matches, self.today, whole, lambda index: (source.path, source.line("waiver", index))
        )
        return done.decisions, found, list(waiving.faults(found))

    def compared(self, name: str, decision: Decision, faults: list[Finding]) -> Decision:
        """The decision with known findings marked; what is wrong with its baseline goes to `faults`."""
        if not self.request.with_baseline or not any(rule.waivable for rule in self.request.gates[name].rules):
            return decision
        try:
            baseline = self.circumstances.baseline(name)
        except BaselineError as error:
            return _unusable(decision, error)
        if baseline is None:
            return self.without(name, decision)
        from gates.engine import known

        recognised = known.recognise(decision, baseline, lambda: self.circumstances.moves(name))
        if self.is_whole(name):
            faults += known.outdated(recognised, baseline)
            faults += known.regressed(decision.measures, baseline)
            faults += known.shrunk(
                decision.denominator, baseline, lambda: known.deleted_sources(self.circumstances.moves(name))
            )
        return recognised.decision

    def without(self, name: str, decision: Decision) -> Decision:
        """The decision of a gate that has no baseline, which is undecided where the configuration names one."""
        config = self.request.config
        if name not in config.baseline or decision.reason is not None:
            return decision
        shown = committed.name(name)
        reason = Reason(
            code="evidence_missing",
            message=f"{shown} is not there, and {config.where('', 'baseline')} says that {name} has a baseline",
            fix=f"git checkout -- {shown}",
        )
        return msgspec.structs.replace(decision, reason=reason)

    def is_whole(self, name: str) -> bool:
        """Whether the gate came to a decision over the whole project: not a part of it, and not only a change."""
        planned = next((one for one in self.judged if one.gate.name == name), None)
        if planned is None or self.request.shard is not None:
            return False
        decision = self.outcomes[name].decision
        if decision is None or decision.reason is not None or verdict_of(decision) == "undecided":
            return False
        return not planned.gate.of_change

    def attached(self, decisions: Mapping[str, Decision], faults: Iterable[Finding]) -> Mapping[str, Decision]:
        """The decisions with the findings about waivers and baselines, each at the gate that lists its rule."""
        added: dict[str, list[Finding]] = {}
        for item in faults:
            added.setdefault(self.owner(item), []).append(item)
        return {name: self.with_findings(one, added[name]) if name in added else one for name, one in decisions.items()}

    def with_findings(self, decision: Decision, findings: Iterable[Finding]) -> Decision:
        every = msgspec.structs.replace(decision, findings=(*decision.findings, *findings))
        return verdict.settle(every, self.request.config.severity)

    def owner(self, item: Finding) -> str:
        names = (one.gate.name for one in self.judged if any(item.rule == rule.code for rule in one.gate.rules))
        return next(names, "")


def _unusable(decision: Decision, error: BaselineError) -> Decision:
    """The decision of a gate whose baseline cannot be used: nobody knows which of its findings are known."""
    path = error.path
    reason = Reason(code=error.code, message=str(error), fix=f"git checkout -- {path}")
    return Decision(denominator=decision.denominator, measures=decision.measures, reason=decision.reason or reason)
