"""What a killed rebuild leaves behind goes with the next ingest, and never while somebody makes the store anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gates.record.stored import rebuilding, sources
from gates.record.stored.errors import StoreError
from pytest_vltair import filelock
from support import event_logs, stored
from support.commands import environment, gates

ENDS = ("", "-wal", "-shm", "-journal")
REBUILDING = """
import sys
from pathlib import Path
from gates.record.stored import rebuilding, sources, store

root = Path(sys.argv[1])
old = rebuilding._old

def waiting(*given):
    print("begun", flush=True)
    sys.stdin.readline()
    return old(*given)

rebuilding._old = waiting
rebuilding.rebuild(root / ".gates" / store.NAME, [sources.own(root)])
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "sample"\n', "utf-8")
    event_logs.history(tmp_path / ".gates" / "events")
    stored.take(tmp_path)
    return tmp_path


def unfinished(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".gates").glob("record.*.tmp*"))


def leave(root: Path) -> None:
    for end in ENDS:
        (root / ".gates" / f"record.00ff00ff.tmp{end}").write_bytes(b"half")


def rebuild(root: Path) -> rebuilding.Rebuilt:
    return rebuilding.rebuild(stored.path(root), [sources.own(root)])


@contextmanager
def rebuilding_elsewhere(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that makes the store anew, and waits in the middle of it for a line."""
    with subprocess.Popen(
        [sys.executable, "-c", REBUILDING, str(root)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        yield process
        process.kill()


@pytest.mark.parametrize("words", [(), ("--rebuild",)])
def test_a_killed_rebuild_leaves_nothing_for_long(root: Path, words: tuple[str, ...]) -> None:
    with rebuilding_elsewhere(root) as process:
        process.kill()
        process.wait()
    assert unfinished(root)
    before = stored.content(root)
    done = gates("runs", "ingest", *words, cwd=root)
    assert done.code == 0, done
    assert unfinished(root) == []
    assert stored.content(root) == before


@pytest.mark.requirement("REC-2")
def test_a_rebuild_that_goes_on_loses_nothing_to_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PATIENCE", 0.05)
    with rebuilding_elsewhere(root) as process:
        used = unfinished(root)
        leave(root)
        rebuilding.clear(stored.path(root))
        with pytest.raises(StoreError, match="is being made anew by another process: try again later"):
            rebuild(root)
        assert set(used) < set(unfinished(root))
        process.communicate("\n", timeout=600)
        assert process.returncode == 0
    rebuilding.clear(stored.path(root))
    assert unfinished(root) == []
    assert stored.drifts(root) == ()


def test_one_rebuild_waits_for_another(root: Path) -> None:
    with rebuilding_elsewhere(root) as first:
        second = subprocess.Popen(
            [sys.executable, "-P", "-m", "gates", "runs", "ingest", "--rebuild"],
            cwd=root,
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(1.5)
        first.communicate("\n", timeout=600)
        assert (first.returncode, second.wait(60)) == (0, 0)
    assert stored.drifts(root) == ()


def test_other_files_stay(root: Path) -> None:
    others = ["record.tmp", "record.00ff00ff.tmp.txt", "record.00ff00fg.tmp", "xrecord.00ff00ff.tmp"]
    for name in others:
        (root / ".gates" / name).write_bytes(b"")
    leave(root)
    rebuild(root)
    assert all((root / ".gates" / name).exists() for name in others)
    assert not (root / ".gates" / "record.00ff00ff.tmp").exists()


def test_where_there_are_no_locks_nothing_of_others_is_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_descriptor: int, _seconds: float) -> bool:
        raise OSError("no locks available")

    monkeypatch.setattr(filelock, "wait", none)
    leave(root)
    rebuilding.clear(stored.path(root))
    rebuild(root)
    assert unfinished(root) == [f"record.00ff00ff.tmp{end}" for end in sorted(ENDS)]
    assert stored.drifts(root) == ()


def test_no_lock_is_made_where_nothing_is_left(root: Path) -> None:
    rebuilding.clear(stored.path(root))
    assert not (root / ".gates" / rebuilding.LOCK).exists()


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links cannot be told apart when a file is opened")
def test_a_lock_that_is_a_link_makes_no_file_elsewhere(root: Path) -> None:
    (root / ".gates" / rebuilding.LOCK).symlink_to(root / "elsewhere")
    leave(root)
    rebuilding.clear(stored.path(root))
    with pytest.raises(StoreError, match="the store cannot be made anew: "):
        rebuild(root)
    assert not (root / "elsewhere").exists()


def test_what_belonged_to_a_damaged_store_goes_after_it(root: Path) -> None:
    aside = stored.path(root).with_name("record.sqlite.damaged")
    for end in ENDS:
        aside.with_name(aside.name + end).write_bytes(b"of the damaged one")
    assert gates("runs", "ingest", cwd=root).code == 0
    assert all(aside.with_name(aside.name + end).exists() for end in ENDS)
    aside.unlink()
    assert gates("runs", "ingest", cwd=root).code == 0
    assert list(aside.parent.glob("*.damaged*")) == []


def test_a_store_that_is_damaged_later_is_not_put_beside_the_log_of_the_first(root: Path) -> None:
    aside = stored.path(root).with_name("record.sqlite.damaged")
    for end in ENDS:
        aside.with_name(aside.name + end).write_bytes(b"of the first")
    stored.path(root).write_bytes(b"no database at all " * 500)
    assert rebuild(root).damaged == aside
    assert aside.read_bytes() == b"no database at all " * 500
    assert [path.name for path in aside.parent.glob("*.damaged*")] == [aside.name]


def test_a_journal_goes_with_its_store_and_is_not_played_into_the_next(root: Path) -> None:
    stored.path(root).write_bytes(b"no database at all " * 500)
    journal = stored.path(root).with_name("record.sqlite-journal")
    journal.write_bytes(b"of the damaged one")
    rebuild(root)
    assert not journal.exists()
    assert journal.with_name("record.sqlite.damaged-journal").exists()
    assert stored.drifts(root) == ()
