"""Figures over runs as a section: what they are called, in which order, and that nothing of it can fail a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.model.section import Detail, Trend
from gates.record.asked import figures, questions
from gates.record.asked.answers import Series
from gates.record.stored.store import Store
from support import event_logs, many_runs
from support.many_runs import Failure


def drawn(root: Path) -> dict[str, Trend]:
    (section,) = figures.detail(root).sections
    return {one.name: one for one in section.rows}  # type: ignore[union-attr, misc]


def test_verdicts_come_first_in_words_and_the_oldest_run_is_to_the_left(tmp_path: Path) -> None:
    names = many_runs.write(tmp_path, 3, {1: Failure("tests/test_it.py::test_b", "assert 1")})
    found = drawn(tmp_path)
    assert next(iter(found)) == "tests verdict"
    verdict = found["tests verdict"]
    assert [(one.run, one.value) for one in verdict.points] == list(zip(names, (1.0, 0.0, 1.0), strict=True))
    assert (verdict.unit, verdict.limit, verdict.direction) == ("", 1.0, "min")
    assert dict(verdict.words) == {0.0: "failed", 0.5: "undecided", 1.0: "passed"}


def test_what_is_held_to_a_limit_comes_before_what_moved_and_that_before_what_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = "2026-11-01T00:00:00Z"

    def series(name: str, unit: str, *values: float, limit: float | None = None, side: str | None = None) -> Series:
        points = tuple((f"r{number}", at, value) for number, value in enumerate(values))
        return Series(name=name, unit=unit, limit=limit, direction=side, points=points)

    def made(_store: Store, _runs: int) -> tuple[Series, ...]:
        return (
            series("a", "files", 2, 2),
            series("b", "ms", 500, 1500),
            series("c", "percent", 80, 80, limit=85, side="min"),
            series("d", "ms", 5, 7),
            series("e", "ms", 5000, 7, limit=9000, side="other"),
        )

    many_runs.write(tmp_path, 1)
    monkeypatch.setattr(questions, "series", made)
    found = drawn(tmp_path)
    assert list(found) == ["c", "e", "b", "d", "a"]
    assert [(one.unit, [point.value for point in one.points]) for one in found.values()] == [
        ("percent", [80, 80]),
        ("ms", [5000, 7]),
        ("s", [0.5, 1.5]),
        ("ms", [5, 7]),
        ("files", [2, 2]),
    ]
    assert found["e"].direction is None


def test_without_a_record_there_is_nothing_and_none_is_made(tmp_path: Path) -> None:
    assert figures.detail(None) == figures.detail(tmp_path) == Detail()
    assert list(tmp_path.iterdir()) == []


def test_runs_without_a_figure_draw_nothing_but_their_durations(tmp_path: Path) -> None:
    event_logs.history(tmp_path / ".gates" / "events", 2)
    assert "duration of gates check" in drawn(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\x00" * 5000, b"not a database" * 500])
def test_a_store_that_cannot_be_read_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    many_runs.write(tmp_path, 1)
    (tmp_path / ".gates" / "record.sqlite").write_bytes(data)
    made = figures.detail(tmp_path)
    if data:
        assert made.sections == ()
        assert made.problem.startswith("The figures of former runs cannot be shown: the store .gates/record.sqlite")
    else:
        assert made.sections, "an empty file is an empty store, which is made from the events"


def test_event_files_that_are_none_are_passed_over(tmp_path: Path) -> None:
    many_runs.write(tmp_path, 2)
    (tmp_path / ".gates" / "events" / "20270101T000000Z-00000000.jsonl").write_bytes(b"\xff\x00{]\n" * 3)
    assert len(drawn(tmp_path)["tests verdict"].points) == 2
