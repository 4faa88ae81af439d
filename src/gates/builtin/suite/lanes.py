"""Lanes: decisions on several kinds of runs of one suite as one decision; a fault in one of them is a fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gates.model.decision import Decision
from gates.model.finding import Finding
from gates.model.measure import Measure
from gates.model.reason import Reason


def findings(decisions: Mapping[str, Decision]) -> list[Finding]:
    """What is wrong in any lane, once; a finding that not every lane has says in which it is."""
    found: dict[Finding, list[str]] = {}
    for name, decision in decisions.items():
        for one in dict.fromkeys(decision.findings):
            found.setdefault(one, []).append(name)
    return [
        one
        if len(names) == len(decisions)
        else msgspec.structs.replace(one, message=f"{one.message} (in {named(names)})")
        for one, names in found.items()
    ]


def reason(decisions: Mapping[str, Decision]) -> Reason | None:
    """Why the first lane that does not allow a pass does not, or None."""
    for name, decision in decisions.items():
        if decision.reason is not None:
            return msgspec.structs.replace(decision.reason, message=f"lane {name}: {decision.reason.message}")
    return None


def measures(gate: str, decisions: Mapping[str, Decision]) -> list[Measure]:
    """What has a better and a worse as the worst lane has it, then each lane's own: `tests.linux.passed`."""
    worst: dict[str, Measure] = {}
    own = []
    for name, decision in decisions.items():
        for one in decision.measures:
            own.append(msgspec.structs.replace(one, name=f"{gate}.{name}.{one.name.removeprefix(f'{gate}.')}"))
            held = worst.get(one.name, one)
            better = one.value < held.value if one.direction == "max" else one.value > held.value
            if one.direction is not None:
                worst[one.name] = held if better else one
    return [*worst.values(), *own]


def named(names: Sequence[str]) -> str:
    """`lane linux`, `lanes linux, macos and windows`."""
    if len(names) == 1:
        return f"lane {names[0]}"
    return f"lanes {', '.join(names[:-1])} and {names[-1]}"
