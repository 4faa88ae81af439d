"""Commands: what `gates trace` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from gates.builtin.trace.facts import TraceEvidence
    from gates.builtin.trace.settings import TraceSettings
    from gates.model.report import GateReport
    from gates.project.facts import Project


def only(settings: TraceSettings, documents: Sequence[str], project: Project) -> TraceSettings:
    """The settings with these documents alone, each on the level that it has, and no number of items to reach.

    What a level needs of one that has none of these documents is not asked for.
    """
    held = [(level, frozenset(project.tree.matching(level.documents))) for level in settings.levels]
    owned: dict[str, list[str]] = {}
    for one in documents:
        name = next((level.name for level, paths in held if one in paths), "")
        owned.setdefault(name, []).append(one)
    levels = [
        msgspec.structs.replace(
            level,
            documents=tuple(owned[level.name]),
            needs=tuple(one for one in level.needs if one in {"test", "code", *owned}),
        )
        for level, _ in held
        if level.name in owned
    ]
    return msgspec.structs.replace(settings, documents=tuple(owned.get("", ())), levels=tuple(levels), least=None)


def without_tests(settings: TraceSettings) -> TraceSettings:
    """The settings under which the suite is not asked, so that nobody knows which tests exist."""
    return msgspec.structs.replace(settings, tests=False)


def tables(evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Mapping[str, Any]:
    """Every item with its tests, and what they prove at a moment."""
    from gates.builtin.trace import tables as held

    return held.tables(evidence, settings, now)


def document(tables: Mapping[str, Any], report: GateReport) -> Mapping[str, Any]:
    """What JSON has, and what every other form is made from."""
    from gates.builtin.trace import tables as held

    return held.document(tables, report)


def shown(value: Mapping[str, Any], wanted: str) -> tuple[list[Mapping[str, Any]], str | None]:
    """The items of an id, each with its findings; where there is none, the nearest id."""
    from gates.builtin.trace import asking

    return asking.shown(value, wanted)


def todo(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items that are neither done nor cancelled, the most severe first, then by id."""
    from gates.builtin.trace import asking

    return asking.todo(value)


def impact(project: Project, value: Mapping[str, Any], base: str) -> list[Mapping[str, Any]]:
    """The items that the change since a commit touches, each with what of it.

    Raises:
        GitError: git does not answer, or the project is in no work tree.
    """
    from gates.builtin.trace import asking, impact

    return asking.touched(value, impact.since(project, base))
