"""Rules: the proof of each rule of one gate: planted, judged, restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import proofs
from gates.model.canary import Canary
from gates.model.proof import RuleProof, StarvedProof
from gates.model.reason import Reason
from gates.model.rule import Rule, asleep
from gates.prove import judging, overlay, planting, starving
from gates.prove.judging import Outcome
from gates.prove.planting import Sown

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.engine.observer import Observer
    from gates.engine.plan import Planned
    from gates.model.gate import Gate
    from gates.prove.check import Ran
    from gates.prove.clean import Clean
    from gates.prove.field import Field

Pair = tuple[Rule, Canary]


class Proving(msgspec.Struct, kw_only=True):
    """The proofs of one gate's rules, and with `starves` what it says when evidence is changed."""

    field: Field
    planned: Planned
    config: Config
    clean: Clean
    observer: Observer
    gates: Mapping[str, Gate[Any, Any]]
    starves: bool
    found: dict[str, RuleProof] = msgspec.field(default_factory=dict)
    tools: dict[str, str] = msgspec.field(default_factory=dict)
    hungry: list[StarvedProof] = msgspec.field(default_factory=list)

    def prove(self, *, only: str | None, fast: bool) -> tuple[RuleProof, ...]:
        """The proof of each rule, of the rule `only`, or with `fast` of the first rule that can be proved."""
        gate = self.planned.gate
        wanted = [rule for rule in gate.rules if only in {None, rule.code, rule.name}]
        canaries = {one.rule: one for one in gate.canaries()}
        for rule in wanted:
            settled = self._without_planting(rule, canaries.get(rule.code))
            if settled is not None:
                self.found[rule.code] = settled
        pairs = [(rule, canaries[rule.code]) for rule in wanted if rule.code not in self.found]
        if fast:
            for pair in pairs:
                self._group([pair])
                if self.found[pair[0].code].verdict in {"passed", "failed"}:
                    break
        else:
            for group in self._groups(pairs):
                self._group(group)
        strangers = self._strangers(canaries) if only is None else ()
        return (*(self.found[rule.code] for rule in wanted if rule.code in self.found), *strangers)

    def _without_planting(self, rule: Rule, canary: Canary | None) -> RuleProof | None:
        if proofs.is_off(rule, self.config.severity):
            return _off(rule, "its severity is `off` in [[tool.gates.severity]]")
        if asleep([rule], self.config.preview):
            return _off(rule, "it is in preview, and `preview` in [tool.gates] does not ask for it")
        if canary is None:
            return RuleProof(
                rule=rule.code,
                name=rule.name,
                verdict="failed",
                expected="a canary of its own",
                seen=f"{self.planned.gate.name} has no canary for it, so that nobody knows whether it can fire",
            )
        return None

    def _strangers(self, canaries: Mapping[str, Canary]) -> tuple[RuleProof, ...]:
        known = {rule.code for rule in self.planned.gate.rules}
        return tuple(
            RuleProof(
                rule=code,
                name=code,
                verdict="failed",
                title=canary.title,
                expected="a rule of the gate",
                seen=f"the gate {self.planned.gate.name} has a canary for {code}, and no such rule",
            )
            for code, canary in sorted(canaries.items())
            if code not in known
        )

    def _groups(self, pairs: Sequence[Pair]) -> list[list[Pair]]:
        """What is planted together: all that shares and is to come to the same, and each other by itself."""
        shared: dict[Outcome, list[Pair]] = {}
        alone = []
        for rule, canary in pairs:
            if canary.shares:
                shared.setdefault(self._wanted(rule, canary), []).append((rule, canary))
            else:
                alone.append([(rule, canary)])
        return [*shared.values(), *alone]

    def _wanted(self, rule: Rule, canary: Canary) -> Outcome:
        """What the fault must come to with the rule's severity as the settings and the canary's own have it."""
        added = [(one["rule"], one["level"]) for one in canary.settings.get("severity", ()) if "path" not in one]
        levels = [(one.rule, one.level) for one in self.config.severity if one.path == "**"] + added
        own = [level for name, level in levels if name in {rule.code, rule.name}]
        return judging.outcome(rule, own[-1] if own else rule.severity)

    def _group(self, group: Sequence[Pair]) -> None:
        """Plant and judge together; what does not come out as it should is judged once more, by itself."""
        self.field.prepare(planting.added_by(canary for _, canary in group))
        sown, spoilt = planting.sow(group, self.planned, self.field.copy, self.field.world())
        for one in sown:
            if one.planted is None:
                self.found[one.rule.code] = self._unplanted(one)
        standing = [one for one in sown if one.planted is not None]
        if spoilt and standing:
            self._group([(one.rule, one.canary) for one in standing])
        elif standing:
            self._judge(standing)

    def _judge(self, standing: Sequence[Sown]) -> None:
        gate = self.planned.gate.name
        plants = [one.planted for one in standing if one.planted is not None]
        narrowing = overlay.narrowing(gate, plants)
        if narrowing is None:
            for one in standing:
                self._group([(one.rule, one.canary)])
            return
        self.observer.progressed(gate, ", ".join(one.rule.code for one in standing))
        beside = sorted({name for one in plants for name in one.beside})
        before = {path: text for one in plants for path, text in one.before.items()}
        ran = self.field.run_narrowed(gate, narrowing, beside, before)
        self._remember(ran)
        judged = [(one, self._compared(one, ran, narrowing)) for one in standing]
        for one, proof in judged:
            self.found[one.rule.code] = proof
        unproved = [one for one, proof in judged if proof.verdict != "passed"]
        if len(standing) > 1:
            for one in unproved:
                self._group([(one.rule, one.canary)])

    def _compared(self, one: Sown, ran: Ran, narrowing: Mapping[str, Any]) -> RuleProof:
        assert one.planted is not None  # noqa: S101 - told to the type checker
        wanted = self._wanted(one.rule, one.canary)
        proof = RuleProof(
            rule=one.rule.code,
            name=one.rule.name,
            verdict="undecided",
            title=one.canary.title,
            planted=one.planted,
            expected=judging.expectation(one.rule, one.planted, wanted),
        )
        before = [found for found in self.clean.findings if found.rule == one.rule.code]
        if before and one.planted.path is None and not narrowing:
            return msgspec.structs.replace(
                proof,
                seen="the clean project has a finding of this rule too, and nothing tells the planted one from it",
                reason=Reason(
                    code="evidence_incomplete",
                    message="a finding of the clean project hides the planted one",
                    fix=f"gates check {self.planned.gate.name} -v",
                ),
            )
        verdict, seen = judging.planted_run(self.planned.gate.name, one.rule, one.planted, ran, wanted)
        return msgspec.structs.replace(proof, verdict=verdict, seen=seen)

    def _unplanted(self, one: Sown) -> RuleProof:
        common = RuleProof(rule=one.rule.code, name=one.rule.name, verdict="failed", title=one.canary.title)
        if one.fault is not None:
            return msgspec.structs.replace(common, expected="a fault in what the gate reads", seen=one.fault)
        assert one.reason is not None  # noqa: S101 - told to the type checker
        excused = self.config.prove.excused
        why = excused.get(one.rule.code) or excused.get(one.rule.name)
        if one.reason.code == "not_configured" or why is not None:
            return msgspec.structs.replace(common, verdict=None, reason=one.reason, excused=why)
        return msgspec.structs.replace(
            common,
            verdict="undecided",
            expected="a canary that fits this project",
            seen=one.reason.message,
            reason=one.reason,
        )

    def _remember(self, ran: Ran) -> None:
        """Note the tools; after the first check, what the gate says without its evidence where nobody knows yet."""
        name = self.planned.gate.name
        report = ran.gate(name)
        if report is None:
            return
        self.tools |= report.tools
        if self.starves:
            self.starves = False
            self.hungry += starving.of_evidence(self.field, [self.planned], self.gates)[name]


def _off(rule: Rule, why: str) -> RuleProof:
    reason = Reason(code="not_configured", message=why, fix=f"gates explain {rule.code}")
    return RuleProof(rule=rule.code, name=rule.name, verdict=None, reason=reason)
