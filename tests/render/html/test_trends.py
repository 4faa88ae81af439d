"""Figures over runs: where they lie, which are beyond the limit, and the same in words."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model.section import Detail, Point, Trend, Trends
from gates.render.html import sections, trends
from support import html_reports, reports
from support.html_reports import Parsed

VALUES = st.floats(allow_nan=True, allow_infinity=True)


def trend(*values: float, **fields: Any) -> Trend:
    points = tuple(Point(f"run-{at}", f"2026-11-{at % 28 + 1:02}T08:00:00Z", one) for at, one in enumerate(values))
    return Trend(**{"name": "coverage.total", "unit": "percent", "points": points, **fields})


def diamonds(drawn: trends.Curve) -> list[tuple[float, float]]:
    """The places that are marked as beyond the limit."""
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)", drawn.beyond)]


@given(st.lists(VALUES, max_size=30), st.none() | VALUES, st.sampled_from(["min", "max", None]))
def test_all_that_is_drawn_lies_within_the_drawing(
    values: list[float], limit: float | None, direction: str | None
) -> None:
    drawn = trends.curve(trend(*values, limit=limit, direction=direction))
    ways = [tuple(map(float, spot.split(","))) for way in drawn.ways for spot in way.split()]
    spots = [*ways, *diamonds(drawn), *([drawn.last] if drawn.last else [])]
    assert all(0 <= x <= trends.WIDTH and 0 <= y <= trends.HEIGHT for x, y in spots)
    assert drawn.limit is None or 0 <= drawn.limit <= trends.HEIGHT
    assert all(len(way.split()) > 1 for way in drawn.ways)


def test_newer_is_to_the_right_and_more_is_above() -> None:
    (way,) = trends.curve(trend(1.0, 3.0, 2.0)).ways
    (first, least), (second, most), (third, between) = (map(float, spot.split(",")) for spot in way.split())
    assert first < second < third
    assert least > between > most
    assert (first, third) == (trends.EDGE, trends.WIDTH - trends.EDGE)
    assert (least, most) == (trends.HEIGHT - trends.EDGE, trends.EDGE)


@pytest.mark.parametrize(
    ("direction", "beyond", "standing"), [("min", 1, "passed"), ("max", 2, "failed"), (None, 0, "none")]
)
def test_what_misses_the_limit_is_marked_and_the_newest_run_counts(
    direction: str | None, beyond: int, standing: str
) -> None:
    drawn = trends.curve(trend(80.0, 90.0, 85.0, 86.0, limit=85.0, direction=direction))
    assert (len(diamonds(drawn)), drawn.standing) == (beyond, standing)


def test_the_drawing_is_said_in_words() -> None:
    drawn = trends.curve(trend(83.0, 80.0, 90.0, 83.2, limit=85.0, direction="min"))
    assert drawn.title == "coverage.total over 4 runs"
    assert drawn.value == "83.2 %"
    assert drawn.about == "at least 85; 80 to 90 in 4 runs since 2026-11-01"
    assert drawn.said == (
        "From 2026-11-01 to 2026-11-04: first 83, least 80, most 90, last 83.2 %; at least 85, missed in 3 runs."
    )
    steady = trends.curve(trend(5.0, 5.0, unit="s", limit=9.0, direction="max"))
    assert steady.about == "at most 9; always 5 in 2 runs since 2026-11-01"
    assert steady.said.endswith("at most 9, never missed.")


def test_values_that_stand_for_words_are_said_as_words_and_keep_their_places() -> None:
    words = ((0.0, "failed"), (0.5, "undecided"), (1.0, "passed"))
    verdict = {"unit": "", "limit": 1.0, "direction": "min", "words": words}
    drawn = trends.curve(trend(1.0, 0.0, 1.0, 0.5, **verdict))
    assert (drawn.value, drawn.standing, len(diamonds(drawn))) == ("undecided", "failed", 2)
    assert drawn.about == "2 passed, 1 failed, 1 undecided in 4 runs since 2026-11-01"
    assert drawn.said == "From 2026-11-01 to 2026-11-04: 2 passed, 1 failed, 1 undecided, last undecided."
    assert trends.curve(trend(1.0, **verdict)).last == (trends.EDGE, trends.EDGE)
    assert trends.curve(trend(0.0, **verdict)).last == (trends.EDGE, trends.HEIGHT - trends.EDGE)


def test_what_is_no_number_leaves_a_gap_and_no_verdict() -> None:
    drawn = trends.curve(trend(1.0, 2.0, math.nan, 3.0, 4.0, math.inf, limit=0.0, direction="min"))
    assert len(drawn.ways) == 2
    assert (drawn.last, drawn.standing) == (None, "none")
    nothing = trends.curve(trend(math.nan, limit=3.0, direction="max"))
    assert (nothing.ways, nothing.last, nothing.limit) == ((), None, None)
    assert nothing.about == "at most 3; no figure in 1 run"


def test_only_the_newest_runs_are_drawn_and_figures_beyond_the_room_are_counted() -> None:
    many = trend(*range(trends.POINTS + 10))
    drawn = trends.curve(many)
    assert "10 to 209 in 200 runs" in drawn.about
    (shown,) = sections.shown((Trends(title="t", rows=(many,) * (trends.MOST + 3)),), "a")
    assert (len(shown.curves), shown.more) == (trends.MOST, 3)


def test_each_drawing_has_a_name_and_a_description_of_its_own() -> None:
    parsed = Parsed(html_reports.page(*html_reports.whole()))
    ids = [one["id"] for _, one in parsed.tags if "id" in one]
    drawings = [one for tag, one in parsed.tags if tag == "svg" and one.get("role") == "img"]
    assert len(drawings) == 9
    for one in drawings:
        title, said = str(one["aria-labelledby"]).split()
        assert ids.count(title) == ids.count(said) == 1


def test_without_a_record_the_page_has_no_history_and_a_problem_is_said() -> None:
    assert "Over runs" not in html_reports.page(reports.passed())
    text = html_reports.page(reports.passed(), {}, Detail(problem="the store is damaged"))
    assert "Over runs the store is damaged" in Parsed(text).words
    assert re.search(r"<h1[^>]*>.*Passed", text)
