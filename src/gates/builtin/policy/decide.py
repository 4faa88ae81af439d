"""Decide: whatever the head holds less strictly than the base is a finding, and so is a call that cannot be red."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from gates.builtin.policy.facts import Changed, Compared, Excuse, PolicyEvidence
from gates.builtin.policy.rules import (
    BASELINE_WORSE,
    EXCLUSION_WIDENED,
    JUDGING_DROPPED,
    LIMIT_LOWERED,
    SETTING_CHANGED,
    WAIVER_EXTENDED,
    WIRING_DEFUSED,
)
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.rule import Rule

RULE_OF = {"limit": LIMIT_LOWERED, "judging": JUDGING_DROPPED, "exclusion": EXCLUSION_WIDENED}


def decide(evidence: PolicyEvidence) -> Decision:
    """Findings over the settings that were examined."""
    base = evidence.base
    found = [*_settings(evidence), *_waivers(evidence)]
    if evidence.wires.calls.items or (isinstance(base, Compared) and base.wires.calls.items):
        found += _wiring(evidence)
    if isinstance(base, Compared):
        found += [
            _finding(
                BASELINE_WORSE, one.subject, f"{one.what}: it is {one.now}, and was {one.before}", one.place, one.now
            )
            for one in base.worse.items
        ]
    notes = list(evidence.notes.items)
    if not isinstance(base, Compared):
        notes.append(f"compared with no base: {base.because}")
    return Decision(
        denominator=Denominator(count=evidence.settings.count, unit="settings"),
        findings=tuple(sorted(found, key=place)),
        reason=_unreadable(evidence),
        notes=tuple(notes),
    )


def _settings(evidence: PolicyEvidence) -> Iterator[Finding]:
    if not evidence.changed.items:
        return
    # Imported when called: mostly, nothing has changed.
    from gates.builtin.policy import compare

    new: dict[str, list[tuple[Changed, str]]] = {}
    for one in evidence.changed.items:
        folder = _new_folder(one)
        for lost in compare.losses(one):
            if folder is not None:
                new.setdefault(folder, []).append((one, lost.place))
                continue
            rule = SETTING_CHANGED if one.way == "unknown" else RULE_OF[one.about]
            subject = one.key if lost.element is None else f"{one.key}: {lost.element}"
            yield _finding(rule, subject, f"`{one.key}` {_verb(one)}: {lost.said}", lost.place, lost.now)
    yield from (_configured_apart(folder, lost) for folder, lost in new.items())


def _configured_apart(folder: str, lost: Sequence[tuple[Changed, str]]) -> Finding:
    """One finding for a folder that leaves the configuration around it, whatever the number of its settings."""
    known = [one for one in lost if one[0].way != "unknown"]
    named = ", ".join(dict.fromkeys(one.key.partition("].")[2] for one, _ in known or lost))
    said = f"{folder} gets a configuration of its own for ruff, which is looser than the one around it: {named}"
    where = next((place for _, place in lost if place.startswith(f"{folder}/")), "")
    return _finding(EXCLUSION_WIDENED if known else SETTING_CHANGED, f"ruff[{folder}]", said, where, named)


def _new_folder(one: Changed) -> str | None:
    """The folder whose setting this is, if on the base the configuration of another folder held there."""
    tool, bracket, rest = one.key.partition("[")
    folder, closed, _ = rest.partition("].")
    if tool != "ruff" or not bracket or not closed:
        return None
    return None if one.base.place.startswith(f"{folder}/") else folder


def _verb(one: Changed) -> str:
    if one.way == "unknown":
        return "has changed"
    return {"limit": "got looser", "judging": "judges less", "exclusion": "looks at less"}[one.about]


def _wiring(evidence: PolicyEvidence) -> Iterator[Finding]:
    from gates.builtin.policy import calls

    base = evidence.base.wires.calls.items if isinstance(evidence.base, Compared) else ()
    head = evidence.wires.calls.items
    for call in calls.defused(base, head):
        said = f"`{call.text}` cannot make anything red: {call.defused}"
        yield _finding(WIRING_DEFUSED, f"{call.path}: {call.text}", said, f"{call.path}:{call.line}", call.defused)
    yield from _variables(evidence)
    for call, near in calls.gone(base, head):
        was = f"the base has `{call.text}` at {call.path}:{call.line}"
        if near is None:
            yield _finding(
                WIRING_DEFUSED, f"{call.path}: {call.text}", f"{was}, and nothing here judges as much", "", ""
            )
        elif not near.defused:
            said = f"`{near.text}` judges less: {was}"
            yield _finding(WIRING_DEFUSED, f"{near.path}: {near.text}", said, f"{near.path}:{near.line}", near.text)


def _variables(evidence: PolicyEvidence) -> Iterator[Finding]:
    """New lines that make gates judge less by a variable."""
    if not isinstance(evidence.base, Compared):
        return
    before = {one.text for one in evidence.base.wires.variables.items}
    for one in evidence.wires.variables.items:
        if one.text not in before:
            path = one.place.rpartition(":")[0]
            said = f"`{one.text}` stands where gates are called, and the base has no such line"
            yield _finding(WIRING_DEFUSED, f"{path}: {one.text}", said, one.place, one.text)


def _waivers(evidence: PolicyEvidence) -> Iterator[Finding]:
    if not isinstance(evidence.base, Compared):
        return
    before: dict[tuple[str, str], str] = {}
    for one in evidence.base.waivers.items:
        before[one.rule, one.subject] = max(one.expires, before.get((one.rule, one.subject), ""))
    for one in evidence.waivers.items:
        until = before.get((one.rule, one.subject))
        if until is None or one.expires > until:
            yield _extended(one, until)


def _extended(one: Excuse, until: str | None) -> Finding:
    was = "the base has no such waiver" if until is None else f"on the base it lasts until {until}"
    said = f"the waiver of {one.rule} for {one.subject} lasts until {one.expires}; {was}"
    return _finding(WAIVER_EXTENDED, f"waiver: {one.rule} {one.subject}", said, one.place, one.expires)


def _unreadable(evidence: PolicyEvidence) -> Reason | None:
    first = next(iter(evidence.wires.unreadable.items), None)
    if first is None:
        return None
    return Reason(
        code="unreadable",
        message=f"{first.place} may call gates and cannot be read: {first.text}; mend it and judge again",
        fix="gates check policy",
    )


def _finding(rule: Rule, subject: str, said: str, where: str, value: str) -> Finding:
    """A finding that says how to let it through; `value` is part of what it is, so that an approval can name it."""
    path, _, line = where.rpartition(":")
    known = line.isdigit()
    allow = (
        f"; to let it through: --approve {shlex.quote(f'{rule.code}:{subject}')}" if rule.severity == "error" else ""
    )
    return finding(
        rule,
        said + allow,
        path=(path if known else where) or None,
        line=int(line) if known else None,
        subject=subject,
        source=value,
    )
