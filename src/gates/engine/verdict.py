"""Verdict: one gate's report from its decision, and one verdict and exit code from many gates."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.errors import FAILED, NOTHING_JUDGED, PASSED, UNDECIDED
from gates.model.decision import Decision, Verdict
from gates.model.finding import Finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.report import GateReport

if TYPE_CHECKING:
    from gates.config.settings import Config, SeverityOverride


def settle(
    decision: Decision, overrides: Sequence[SeverityOverride], hidden: Collection[str] = frozenset()
) -> Decision:
    """The decision with the user's severities, sorted, and with a reason wherever it does not allow a pass.

    Findings of the rules `hidden`, by code, are left out: those in preview that nobody asked for.
    """
    shown = (item for item in decision.findings if item.rule not in hidden)
    findings = tuple(sorted(_levelled(shown, overrides), key=place))
    measures = tuple(sorted(decision.measures, key=lambda one: one.name))
    reason = decision.reason
    if reason is None and decision.denominator.count < 1 and not any(one.blocks for one in findings):
        reason = nothing_examined(decision.denominator)
    return msgspec.structs.replace(decision, findings=findings, measures=measures, reason=reason)


def nothing_examined(denominator: Denominator) -> Reason:
    """The reason of a gate that ran and looked at nothing."""
    return Reason(
        code="nothing_examined",
        message=f"no {denominator.unit} were examined, so nothing was proved",
        fix="gates check --plan",
    )


def _levelled(findings: Iterable[Finding], overrides: Sequence[SeverityOverride]) -> Iterable[Finding]:
    for item in findings:
        level = next((one.level for one in reversed(overrides) if _matches(item, one)), None)
        if level == "off":
            continue
        yield item if level is None else msgspec.structs.replace(item, severity=level)


def _matches(item: Finding, override: SeverityOverride) -> bool:
    named = override.rule in {item.rule, item.name, item.tool_rule}
    return named and (override.path == "**" or fnmatch.fnmatchcase(item.path or "", override.path))


def with_places(decision: Decision, gate: str, config: Config) -> Decision:
    """The decision with `limit_from` as a place: a gate names the setting, the configuration knows the line."""
    measures = tuple(
        one
        if one.limit_from is None or not one.limit_from.startswith("setting:")
        else msgspec.structs.replace(one, limit_from=config.where(gate, one.limit_from.removeprefix("setting:")))
        for one in decision.measures
    )
    return msgspec.structs.replace(decision, measures=measures)


def overall(
    gates: Sequence[GateReport], allowed: Collection[str] = (), attendant: Collection[str] = ()
) -> tuple[Verdict, int]:
    """The verdict of the run and its exit code.

    `allowed` are gates whose being undecided the user accepts; where every judged gate is one of those, nothing was
    decided, and the run stays undecided. `attendant` are gates that are judged in every run: where no other gate is,
    nothing was judged, unless one of them is red.
    """
    verdicts: set[Verdict] = {one.verdict for one in gates}
    if "failed" in verdicts:
        return "failed", FAILED
    if all(one.name in attendant for one in gates) and verdicts <= {"passed"}:
        return "undecided", NOTHING_JUDGED
    accepted = {one.name for one in gates if one.verdict == "undecided" and one.name in allowed}
    if "undecided" not in {one.verdict for one in gates if one.name not in accepted} and len(accepted) < len(gates):
        return "passed", PASSED
    return "undecided", UNDECIDED
