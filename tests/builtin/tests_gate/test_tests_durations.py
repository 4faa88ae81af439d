"""Durations are kept for cutting shards, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.builtin.suite import record
from gates.builtin.suite.record import RecordedRun
from gates.builtin.tests import durations
from support import suites

A, B, C = (f"tests/test_a.py::test_{name}" for name in "abc")


def run(folder: Path, *tests: str, shard: str | None = None, deselected: tuple[str, ...] = ()) -> RecordedRun:
    between = [line for test in tests for line in suites.phases(test)]
    recorded = suites.lines(list(tests), *between, first=suites.begin(shard=shard), deselected=list(deselected))
    path = folder / "run.jsonl"
    path.write_bytes(suites.encoded(recorded))
    found = record.read(path, "run.jsonl", again="", match="", python="python")
    assert isinstance(found, RecordedRun)
    return found


def test_the_seconds_of_all_phases_are_added_up_and_old_tests_forgotten(tmp_path: Path) -> None:
    durations.keep(run(tmp_path, A, C), tmp_path)
    durations.keep(run(tmp_path, B, deselected=(A,)), tmp_path)
    assert durations.read(tmp_path) == {A: 0.03, B: 0.03}


def test_a_shard_leaves_them_as_they_are(tmp_path: Path) -> None:
    durations.keep(run(tmp_path, A, shard="1/2"), tmp_path)
    assert durations.read(tmp_path) == {}


def test_a_folder_that_cannot_be_written_to_is_left_alone(tmp_path: Path) -> None:
    durations.keep(run(tmp_path, A), tmp_path / "missing")
    assert durations.read(tmp_path / "missing") == {}


@pytest.mark.parametrize("held", ["", "[]", "{", "null", json.dumps({A: "1"}), json.dumps({A: True}), '{"a": NaN}'])
def test_damage_is_no_duration(tmp_path: Path, held: str) -> None:
    (tmp_path / durations.NAME).write_text(held)
    assert durations.read(tmp_path) == {}
