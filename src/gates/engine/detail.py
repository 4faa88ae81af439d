"""Detail: the settings and sections behind each verdict of a judgement, masked as the report is.

They are made only for a format that asks for them, from the evidence that was judged: of this run, out of the cache or
merged. Nothing here can change a verdict: a gate whose sections cannot be made says so in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from gates.engine import masking
from gates.model.section import Detail, Section

if TYPE_CHECKING:
    from gates.engine.runner import Outcome
    from gates.engine.session import Judgement
    from gates.process.redact import Redactor


class Judged(Protocol):
    """What came of one project, or of each of a workspace by its folder."""

    @property
    def judgements(self) -> Mapping[str, Judgement]:
        """The judgement of each project."""


def details(judged: Judged) -> Mapping[tuple[str, str], Detail]:
    """What stands behind each judged gate, by project and name as the report has them."""
    found: dict[tuple[str, str], Detail] = {}
    for project, judgement in judged.judgements.items():
        for one in judgement.report.gates:
            found[project, one.name] = _detail(judgement.outcomes[one.name], judgement.now, judgement.redactor)
    return found


def _detail(outcome: Outcome, now: datetime, redactor: Redactor) -> Detail:
    planned = outcome.planned
    facts = outcome.collected.facts
    settings: Mapping[str, Any] = {}
    try:
        settings = masking.settings(planned.settings, redactor)
        if facts is None:
            return Detail(settings=settings)
        made = planned.gate.sections(facts, planned.settings, now)
        sections = msgspec.convert(masking.plain(msgspec.to_builtins(tuple(made)), redactor), tuple[Section, ...])
        _whole(sections)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a gate of anybody's making; its verdict stands
        said = redactor.text(f"{type(error).__name__}: {error}".partition("\n")[0])
        return Detail(settings=settings, problem=f"the sections of {planned.gate.name} cannot be made: {said}")
    return Detail(settings=settings, sections=sections)


def _whole(sections: tuple[Any, ...]) -> None:
    """Refuse a table with a row that has not a cell for each column.

    Raises:
        ValueError: there is one.
    """
    for one in sections:
        wide = len(getattr(one, "columns", ()))
        if wide and any(len(row) != wide for row in one.rows):
            raise ValueError(f"the table {one.title!r} has a row without a cell for each of its {wide} columns")
