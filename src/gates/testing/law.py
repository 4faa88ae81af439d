"""The law: losing information never improves a verdict.

Deleting, emptying or truncating any part of a gate's evidence never turns `failed` or `undecided` into `passed`, and
turns `passed` only into `failed`, `undecided`, or a pass over the same denominator.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from gates.model.decision import Decision, Verdict, verdict_of
from gates.model.evidence import Facts, encode
from gates.model.gate import Gate

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def losses(value: Any, where: str = "$") -> Iterator[tuple[str, Any]]:
    """Pairs of a place and the document with one piece of information lost there.

    Keys are deleted; values become null; strings, lists and objects are emptied and cut in half; list elements go.
    """
    if isinstance(value, dict):
        yield from _lost_members(value, where)
    elif isinstance(value, list):
        yield from _lost_elements(value, where)
    elif isinstance(value, str) and value:
        yield f"{where} emptied", ""
        yield f"{where} cut", value[: len(value) // 2]


def _lost_members(value: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        yield f"{where}.{name} deleted", {key: one for key, one in value.items() if key != name}
        if inner is not None:
            yield f"{where}.{name} null", {**value, name: None}
        for place, lost in losses(inner, f"{where}.{name}"):
            yield place, {**value, name: lost}
    if value:
        yield f"{where} emptied", {}


def _lost_elements(value: list[Any], where: str) -> Iterator[tuple[str, Any]]:
    if value:
        yield f"{where} emptied", []
    if len(value) > 1:
        yield f"{where} cut", value[: len(value) // 2]
    for index, inner in enumerate(value):
        yield f"{where}[{index}] deleted", value[:index] + value[index + 1 :]
        for place, lost in losses(inner, f"{where}[{index}]"):
            yield place, [*value[:index], lost, *value[index + 1 :]]


def breaches(gate: Gate[Any, Any], evidence: Facts, settings: Any, now: datetime = NOON) -> list[str]:
    """Places where a loss made the verdict better, or changed what a pass was over; empty when the law holds."""
    whole = _decide(gate, evidence, settings, now)
    document = msgspec.json.decode(encode(evidence))
    found = []
    for place, lost in losses(document):
        try:
            facts = msgspec.convert(lost, type=gate.Evidence)
        except msgspec.ValidationError:
            continue
        if not lawful(whole, _decide(gate, facts, settings, now)):
            found.append(place)
    return found


def lawful(whole: Decision, lost: Decision) -> bool:
    """Whether a decision on less may follow a decision on all."""
    before, after = verdict_of(whole), verdict_of(lost)
    return allowed(before, after, same=whole.denominator == lost.denominator)


def allowed(before: Verdict, after: Verdict, *, same: bool) -> bool:
    """The law as a table: red stays red, and a pass stays a pass only over the same denominator."""
    return after != "passed" or (before == "passed" and same)


def _decide(gate: Gate[Any, Any], facts: Any, settings: Any, now: datetime) -> Decision:
    decision: Decision = gate.decide(facts, settings, now)
    return decision
