"""Figures: what was measured over the recorded runs of a project, for formats that have the room to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gates.model.section import Detail, Point, Trend, Trends
from gates.project.git import STATE

if TYPE_CHECKING:
    from gates.record.answers import Series

RUNS = 100
"""So many of the newest runs are looked at."""

LEAD = "Each figure over the runs that are recorded here, the newest one to the right; a dashed line is its limit."
SIDES: Mapping[str, Literal["min", "max"]] = {"min": "min", "max": "max"}


def detail(root: Path | None) -> Detail:
    """The figures as one section; nothing where no run is recorded, a `problem` where the record cannot be read.

    Nothing is raised: a report is not worth less because its history is lost.
    """
    from gates.record import questions
    from gates.record.store import NAME

    if root is None or not (any((root / STATE).glob("events/*.jsonl")) or (root / STATE / NAME).is_file()):
        return Detail()
    try:
        with questions.open_store(root) as store:
            found = questions.series(store, RUNS)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with what is kept; the verdicts stand
        return Detail(problem=f"The figures of former runs cannot be shown: {error}")
    rows = tuple(map(_trend, sorted(found, key=_rank)))
    return Detail(sections=(Trends(title="Figures over runs", lead=LEAD, rows=rows),) if rows else ())


def _rank(one: Series) -> tuple[bool, str]:
    """Those that are held to a limit first."""
    return one.limit is None, one.name


def _trend(one: Series) -> Trend:
    points = tuple(Point(*point) for point in one.points)
    return Trend(name=one.name, unit=one.unit, limit=one.limit, direction=SIDES.get(one.direction or ""), points=points)
