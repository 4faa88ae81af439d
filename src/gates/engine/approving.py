"""Approving: findings about a change to the judging that the base, or whoever called, has let through.

What the change itself says lets nothing through: an approver file counts as it is on the base, and the caller's flags
count only while every line that could have written them is what it is on the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from gates.engine.plan import Planned
from gates.engine.runner import Outcome
from gates.errors import UsageError
from gates.model.approval import FILE, Approval, Granted, granting, matches
from gates.model.decision import Decision
from gates.model.evidence import counted
from gates.model.finding import Finding
from gates.model.rule import Rule

NOTHING = Granted(approvals=counted(()), rewired=counted(()))


def parse(flags: Iterable[str], rules: Mapping[str, tuple[str, Rule]]) -> tuple[tuple[str, str], ...]:
    """Rule and subject of each `--approve RULE:SUBJECT`.

    Raises:
        UsageError: it is not of this form, or names no rule that could be approved.
    """
    found = []
    for flag in flags:
        rule, colon, subject = flag.partition(":")
        if not colon or not subject:
            raise UsageError(f"--approve {flag!r}: write it as RULE:SUBJECT, for instance POL001:coverage.fail_under")
        if rule not in rules or rules[rule][1].waivable:
            known = sorted(one.code for _, one in rules.values() if not one.waivable)
            raise UsageError(f"--approve {flag!r}: {rule!r} is no rule of the gate policy ({known[0]} to {known[-1]})")
        found.append((rule, subject))
    return tuple(found)


def apply(
    decisions: Mapping[str, Decision],
    judged: Sequence[Planned],
    outcomes: Mapping[str, Outcome],
    flags: Sequence[tuple[str, str]],
    today: date,
) -> Mapping[str, Decision]:
    """The decisions with approved findings marked, and notes about approvals that count for nothing."""
    found = dict(decisions)
    for one in judged:
        name = one.gate.name
        rules = {rule.code: rule for rule in one.gate.rules if not rule.waivable}
        if rules and (flags or decisions[name].findings):
            granted = getattr(outcomes[name].collected.facts, "granted", None)
            found[name] = _approved(decisions[name], rules, granted, flags, today)
    return found


def _approved(
    decision: Decision,
    rules: Mapping[str, Rule],
    granted: Granted | None,
    flags: Sequence[tuple[str, str]],
    today: date,
) -> Decision:
    why = _refused(granted) if flags else None
    honoured = () if why is not None else flags
    held = granted or NOTHING
    findings = tuple(_marked(item, rules, held.approvals.items, honoured, today) for item in decision.findings)
    notes = [f"--approve counts for nothing: {why}"] if why is not None else []
    for rule, subject in honoured:
        if not any(matches(rules[item.rule], item.subject or "", rule, subject) for item in findings):
            notes.append(f"--approve {rule}:{subject} is about no finding")
    return msgspec.structs.replace(decision, findings=findings, notes=(*decision.notes, *notes))


def _marked(
    item: Finding,
    rules: Mapping[str, Rule],
    approvals: Sequence[Approval],
    flags: Sequence[tuple[str, str]],
    today: date,
) -> Finding:
    rule = rules.get(item.rule)
    if rule is None or item.waived_by is not None:
        return item
    if any(matches(rule, item.subject or "", *flag) for flag in flags):
        return msgspec.structs.replace(item, waived_by="approval of the caller: --approve")
    approval = granting(item, rule, approvals, today)
    if approval is None:
        return item
    return msgspec.structs.replace(item, waived_by=f"{approval.label} ({FILE} on the base)")


def _refused(granted: Granted | None) -> str | None:
    """Why the caller's flags are not honoured, or None where they are."""
    if granted is None:
        return "there is no base that says what the caller's lines were"
    first = next(iter(granted.rewired.items), None)
    return None if first is None else f"{first} calls tools and is not what it is on the base"
