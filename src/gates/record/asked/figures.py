"""Figures: what was measured over the recorded runs of a project, for formats that have the room to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gates.model.section import Detail, Point, Trend, Trends
from gates.project.git import STATE

if TYPE_CHECKING:
    from gates.record.asked.answers import Series

RUNS = 60
"""So many of the newest runs are looked at."""

LEAD = "The runs that are recorded here, the newest one to the right. A dashed line is the limit, a diamond beyond it."
SIDES: Mapping[str, Literal["min", "max"]] = {"min": "min", "max": "max"}


def detail(root: Path | None) -> Detail:
    """The figures as one section; nothing where no run is recorded, a `problem` where the record cannot be read.

    Nothing is raised: a report is not worth less because its history is lost.
    """
    from gates.record.asked import questions
    from gates.record.stored.store import NAME

    if root is None or not (any((root / STATE).glob("events/*.jsonl")) or (root / STATE / NAME).is_file()):
        return Detail()
    try:
        with questions.open_store(root) as store:
            found = questions.series(store, RUNS)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with what is kept; the verdicts stand
        return Detail(problem=f"The figures of former runs cannot be shown: {error}")
    rows = tuple(map(_trend, sorted(found, key=_rank)))
    return Detail(sections=(Trends(title="Figures over runs", lead=LEAD, rows=rows),) if rows else ())


def _rank(one: Series) -> tuple[int, str]:
    """Verdicts first, then what is held to a limit, then what moved, then what was always the same."""
    moved = len({value for _, _, value in one.points}) > 1
    return (0 if one.unit == "verdict" else 1 if one.limit is not None else 2 if moved else 3), one.name


def _trend(one: Series) -> Trend:
    """A figure in the form in which it is drawn: verdicts as words, with the one that counts as limit; seconds."""
    points = tuple(Point(*point) for point in one.points)
    if one.unit == "verdict":
        from gates.record.asked.trends import VERDICTS

        words = tuple((value, word) for word, value in VERDICTS.items())
        return Trend(name=one.name, unit="", limit=1.0, direction="min", words=words, points=points)
    unit, limit = one.unit, one.limit
    if unit == "ms" and limit is None and max((point.value for point in points), default=0.0) >= 1000:
        unit, points = "s", tuple(Point(point.run, point.at, round(point.value / 1000, 1)) for point in points)
    return Trend(name=one.name, unit=unit, limit=limit, direction=SIDES.get(one.direction or ""), points=points)
