"""Locks: where they are looked for."""

from __future__ import annotations

from pathlib import Path

from gates.process.locks import upward


def test_upward_stops_at_the_repository(tmp_path: Path) -> None:
    deep = tmp_path / "a/b"
    deep.mkdir(parents=True)
    assert list(upward(deep)) == [deep]
    (tmp_path / ".git").mkdir()
    assert list(upward(deep)) == [deep, tmp_path / "a", tmp_path]
    assert list(upward(tmp_path)) == [tmp_path]
