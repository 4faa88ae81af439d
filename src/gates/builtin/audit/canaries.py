"""Canaries: how to make each rule of the gate `audit` fire in any project, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.builtin.audit import planting
from gates.builtin.audit.planting import ID, OFFLINE, WHOLE
from gates.builtin.audit.rules import (
    ANSWER_UNUSABLE,
    CONTROL_CLEAN,
    DEPENDENCY_UNAUDITED,
    EXEMPTION_UNUSED,
    KNOWN_VULNERABILITY,
)
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.audit.settings import AuditSettings
    from gates.model.gate import Context

NAME = "gates-canary"


def _vulnerable(context: Context[AuditSettings]) -> Planted | Reason:
    """An advisory about every version of a dependency that the project has."""
    one = planting.dependency(context)
    if isinstance(one, Reason):
        return one
    planting.mirror(context.project.root, [*planting.known(), planting.record(ID, one.name, WHOLE)])
    return Planted(path=one.path, line=one.line, settings=OFFLINE)


def _unaudited(context: Context[AuditSettings]) -> Planted | Reason:
    lines = (f"{NAME} @ git+https://127.0.0.1/{NAME}", "gates-canary-pinned==1.0")
    return planting.listed(context, planting.known(), *lines)


def _unused(context: Context[AuditSettings]) -> Planted | Reason:
    planting.mirror(context.project.root, planting.known())
    held = [{"name": one.name, "reason": one.reason} for one in context.settings.unaudited]
    return Planted(path=None, settings={**OFFLINE, "unaudited": [*held, {"name": NAME, "reason": "planted"}]})


def _silent(context: Context[AuditSettings]) -> Planted | Reason:
    planting.mirror(context.project.root, [planting.record(ID, NAME, WHOLE)])
    return Planted(path=None, settings=OFFLINE)


def _unusable(context: Context[AuditSettings]) -> Planted | Reason:
    broken = planting.record(ID, NAME, [{"fixed": "2.0"}])
    planted = planting.listed(context, [*planting.known(), broken], f"{NAME}==1.0")
    return Planted(path=None, settings=planted.settings)


CANARIES = (
    Canary(rule=KNOWN_VULNERABILITY.code, title="an advisory about a dependency", plant=_vulnerable),
    Canary(rule=DEPENDENCY_UNAUDITED.code, title="a dependency from a repository", plant=_unaudited),
    Canary(rule=EXEMPTION_UNUSED.code, title="an exemption for what nobody depends on", plant=_unused),
    Canary(rule=CONTROL_CLEAN.code, title="a mirror that does not know the control", plant=_silent),
    Canary(rule=ANSWER_UNUSABLE.code, title="a record of which nobody can tell what it is about", plant=_unusable),
)
