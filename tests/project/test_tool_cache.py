"""The folder of a tool's cache: kept while no time stamp lies, emptied when one does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.project import tool_cache


def write(path: Path, text: str, stamp: int = 1_700_000_000) -> None:
    path.write_text(text)
    os.utime(path, (stamp, stamp))


def kept(root: Path, *files: str) -> bool:
    """Whether what a run left in the cache is still there for the next one."""
    cache = tool_cache.folder(root, "tool", root, files)
    found = (cache / "left").exists()
    cache.mkdir(exist_ok=True)
    (cache / "left").touch()
    return found


def test_cache_is_kept_while_files_are_unchanged_or_bear_a_new_stamp(tmp_path: Path) -> None:
    write(tmp_path / "a", "one")
    assert [kept(tmp_path, "a"), kept(tmp_path, "a")] == [False, True]
    write(tmp_path / "a", "two", 1_700_000_001)
    write(tmp_path / "b", "new")
    assert kept(tmp_path, "a", "b")


def test_cache_is_emptied_when_contents_change_under_one_stamp(tmp_path: Path) -> None:
    write(tmp_path / "a", "one")
    kept(tmp_path, "a")
    write(tmp_path / "a", "two")
    assert [kept(tmp_path, "a"), kept(tmp_path, "a")] == [False, True]


def test_stamp_that_comes_back_later_is_remembered(tmp_path: Path) -> None:
    write(tmp_path / "a", "one", 1)
    kept(tmp_path, "a")
    write(tmp_path / "a", "two", 2)
    kept(tmp_path, "a")
    kept(tmp_path)
    write(tmp_path / "a", "six", 1)
    assert not kept(tmp_path, "a")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\x00"])
def test_cache_without_a_readable_record_is_emptied(tmp_path: Path, text: str) -> None:
    write(tmp_path / "a", "one")
    kept(tmp_path, "a")
    (tmp_path / "tool-seen.json").write_text(text)
    assert [kept(tmp_path, "a"), kept(tmp_path, "a")] == [False, True]


def test_record_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_cache, "STAMPS_PER_FILE", 0)
    write(tmp_path / "a", "one")
    assert [kept(tmp_path, "a"), kept(tmp_path, "a")] == [False, False]


def test_file_that_is_gone_is_left_out(tmp_path: Path) -> None:
    assert [kept(tmp_path, "gone"), kept(tmp_path, "gone")] == [False, True]


def test_record_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / f"tool-seen.json.{os.getpid()}").mkdir()
    assert [kept(tmp_path), kept(tmp_path)] == [False, False]
