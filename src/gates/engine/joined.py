"""Joined: what came of a workspace: the one report, and the judgement behind each project of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.engine.plan import Planned
from gates.engine.session import Judgement
from gates.model.report import Report


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a workspace, and by their folders the judgements that it was joined from."""

    report: Report
    judgements: Mapping[str, Judgement]

    @property
    def planned(self) -> tuple[Planned, ...]:
        """Every planned gate of every project."""
        return tuple(one for judgement in self.judgements.values() for one in judgement.plan.planned)
