"""Planting: canaries put into the copy, one after the other, each with an account of what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine.context import GateContext, World
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.prove import overlay

if TYPE_CHECKING:
    from gates.engine.plan import Planned
    from gates.prove.copy import Copy


class Sown(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one canary: it was planted, it does not fit (`reason`), or it is at fault itself (`fault`)."""

    rule: Rule
    canary: Canary
    planted: Planted | None = None
    reason: Reason | None = None
    fault: str | None = None


def sow(pairs: Sequence[tuple[Rule, Canary]], planned: Planned, copy: Copy, world: World) -> tuple[list[Sown], bool]:
    """What came of each canary, and whether one that was not planted left something behind."""
    sown = []
    spoilt = False
    for rule, canary in pairs:
        before = copy.marks()
        one = _sow(rule, canary, planned, world)
        changed = copy.changed(before)
        if one.planted is None:
            spoilt = spoilt or bool(changed)
        elif not _reads(planned, copy, changed):
            what = ", ".join(changed[:3]) or "nothing"
            one = Sown(
                rule=rule, canary=canary, fault=f"the canary changed nothing that the gate reads (it changed {what})"
            )
            spoilt = spoilt or bool(changed)
        sown.append(one)
    return sown, spoilt


def settings_of(planned: Planned, added: Mapping[str, Any]) -> Any:
    """The gate's settings in the copy: without evidence taken before, and with what the canaries add."""
    kind = type(planned.settings)
    table = msgspec.to_builtins(planned.settings)
    for key in planned.gate.recorded:
        table.pop(key, None)
    return msgspec.convert(overlay.merged(table, added.get(planned.gate.name, {})), kind)


def added_by(canaries: Iterable[Canary]) -> Mapping[str, Any]:
    """What several canaries add to the configuration together."""
    whole: Mapping[str, Any] = {}
    for canary in canaries:
        whole = overlay.merged(whole, canary.settings)
    return whole


def _sow(rule: Rule, canary: Canary, planned: Planned, world: World) -> Sown:
    context = GateContext(
        gate=planned.gate.name,
        settings=settings_of(planned, canary.settings),
        world=world,
        demanded=planned.demanded,
        needed={
            name: msgspec.convert(overlay.merged(msgspec.to_builtins(held), canary.settings.get(name, {})), type(held))
            for name, held in planned.needed.items()
        },
    )
    try:
        answer = canary.plant(context)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a canary with a bug is a failed proof, and no crash
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        return Sown(rule=rule, canary=canary, fault=f"the canary could not be planted: {context.redact(text)}")
    if isinstance(answer, Reason):
        return Sown(rule=rule, canary=canary, reason=answer)
    return Sown(rule=rule, canary=canary, planted=answer)


def _reads(planned: Planned, copy: Copy, changed: Sequence[str]) -> bool:
    inputs = planned.gate.inputs(copy.project(), planned.settings)
    read = set(copy.project().tree.matching(inputs.globs))
    # A file that the plant removed is read too, where its name says so.
    gone = msgspec.structs.replace(copy.project().tree, files=tuple(changed)).matching(inputs.globs)
    return not read.union(gone).isdisjoint(changed)
