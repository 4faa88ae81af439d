"""Joined: what came of a workspace: the one report, and the judgement behind each project of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from gates.engine.plan import Planned
from gates.engine.session import Judgement
from gates.model.report import Report

if TYPE_CHECKING:
    from gates.engine.joining import Part


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """The report of the workspace `name`, the parts that it was joined from, and by their folders the judgements.

    `chosen` are the folders where only those were to be judged.
    """

    report: Report
    judgements: Mapping[str, Judgement]
    name: str
    parts: tuple[Part, ...]
    chosen: tuple[str, ...]

    @property
    def planned(self) -> tuple[Planned, ...]:
        """Every planned gate of every project."""
        return tuple(one for judgement in self.judgements.values() for one in judgement.plan.planned)
