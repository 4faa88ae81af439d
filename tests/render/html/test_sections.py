"""Sections ready to be drawn: cells, scales, and what does not fit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model.section import Column, Entries, Entry, Interval, Intervals, Mark, Table
from gates.render.html import sections
from gates.render.html.scale import Scale

CHANGES = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(CHANGES, CHANGES, st.none() | CHANGES), max_size=6), CHANGES)
def test_every_change_has_a_place_within_the_drawing(
    rows: list[tuple[float, float, float | None]], change: float
) -> None:
    scale = Scale(rows)
    assert 2 <= scale(change) <= 98
    assert scale(0) == 50
    assert 3 <= len(list(scale.ticks)) <= 5


def test_a_slower_one_lies_to_the_right_and_one_far_off_leaves_the_others_readable() -> None:
    scale = Scale([(-1.0, 2.0, 5.0)] * 9 + [(400.0, 900.0, 5.0)])
    assert scale(-1) < 50 < scale(2) < scale(5)
    assert scale(5) - scale(2) > 5
    assert scale.is_beyond(900.0)
    assert not scale.is_beyond(5.0)
    assert scale.is_beyond(math.nan)


def test_cells_are_drawn_by_what_they_are() -> None:
    columns = tuple(Column("c", kind) for kind in ("text", "code", "number", "share", "text", "text", "share"))
    row = ("a", "b", 1234.5, 99.99, Mark("passed", "passed", "test"), (Mark("a"), Mark("b", "failed")), None)
    (shown,) = sections.shown((Table(title="t", columns=columns, rows=(row,)),), "gate-a")
    assert [spot.kind for spot in shown.rows[0]] == ["text", "code", "number", "share", "mark", "marks", "text"]
    assert [spot.text for spot in shown.rows[0]] == ["a", "b", "1,234.5", "99.9 %", "", "", ""]
    marks = shown.rows[0][5].marks
    assert marks is not None
    assert (marks.said, marks.standing) == ("1 a, 1 b", "failed")
    assert shown.anchor == "gate-a.1"


@pytest.mark.parametrize(("share", "text"), [(100.0, "100 %"), (99.999, "99.9 %"), (0.0, "0 %")])
def test_no_share_looks_better_than_it_is(share: float, text: str) -> None:
    (shown,) = sections.shown((Table(title="t", columns=(Column("c", "share"),), rows=((share,),)),), "a")
    assert shown.rows[0][0].text == text


def test_what_does_not_fit_is_counted() -> None:
    many = sections.ROWS + 5
    interval = Interval(name="n", low=-1, value=0, high=1, word="no change")
    held = (
        Table(title="t", columns=(Column("c"),), rows=(("x",),) * many),
        Intervals(title="i", rows=(interval,) * many),
        Entries(title="e", entries=(Entry(title="x"),) * many),
    )
    shown = sections.shown(held, "a")
    assert [one.more for one in shown] == [5, 5, 5]
    (long,) = sections.shown((Entries(title="e", entries=(Entry(title="x", facts=(("a", "b"),) * many),)),), "a")
    assert long.entries[0].facts[-1] == ("and", "5 more, which are not in this page")
    assert [len(shown[0].rows), len(shown[1].spans), len(shown[2].entries)] == [sections.ROWS] * 3
