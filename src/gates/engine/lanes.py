"""Lanes: the parts of one gate by the kind of run that they are of, all that are expected and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gates.engine.part import Stored
from gates.model.gate import Gate
from gates.model.reason import Reason, ReasonCode

Lanes = Mapping[str | None, Sequence[Stored]]


def grouped(gate: Gate[Any, Any], own: Sequence[Stored], expected: Sequence[str]) -> Lanes | Reason:
    """The parts of each lane, in the expected order, or why they are not all that is expected and nothing else.

    Under None are parts that name no lane. They are the whole where no lane is expected, and for a gate that does not
    say what lanes mean: its evidence does not depend on how the suite is run.
    """
    lanes = dict.fromkeys(expected)
    found = {part.lane for part in own}
    alone = not lanes or type(gate).join is Gate.join
    if found == {None} and alone:
        return {None: own}
    stray = sorted(name for name in found if name is not None and name not in lanes)
    if stray:
        message = f"nobody expects {_named(stray)} of {gate.name}"
        wanted = [*lanes, *stray]
        fix = f"lanes = [{', '.join(map(_quoted, wanted))}] in [tool.gates], or gates merge{_flags(wanted)} DIR"
        return Reason(code="evidence_foreign", message=message, fix=fix)
    missing = [name for name in lanes if name not in found]
    if missing:
        more = "; a part without a lane stands for none" if None in found else ""
        verb = "are" if missing[1:] else "is"
        message = f"{_named(missing)} of {gate.name} {verb} missing{more}"
        return _again("evidence_incomplete", message, gate.name, missing[0])
    if None in found:
        message = f"a part of {gate.name} without a lane lies beside those of {_named(list(lanes))}"
        return _again("evidence_foreign", message, gate.name, next(iter(lanes)))
    return {name: [part for part in own if part.lane == name] for name in lanes}


def said(name: str | None) -> str:
    """` in lane linux`, or nothing."""
    return "" if name is None else f" in lane {name}"


def flag(name: str | None) -> str:
    """` --lane linux`, or nothing."""
    return "" if name is None else _flags([name])


def _flags(names: Sequence[str]) -> str:
    return "".join(f" --lane {name}" for name in names)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _named(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"the lane {names[0]}"
    return f"the lanes {', '.join(names[:-1])} and {names[-1]}"


def _again(code: ReasonCode, message: str, gate: str, lane: str) -> Reason:
    fix = f"gates collect {gate} --lane {lane} --output DIR on the machine of that lane, then merge again"
    return Reason(code=code, message=message, fix=fix)
