"""Commands: what `gates trace` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from gates.builtin.trace.settings import TraceSettings
    from gates.model.report import GateReport
    from gates.project.facts import Project


def only(settings: TraceSettings, documents: Sequence[str]) -> TraceSettings:
    """The settings with these documents alone, on the level that each has by the settings, and no number to reach."""
    return msgspec.structs.replace(settings, documents=tuple(documents), levels=(), least=None)


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
