"""What is kept in `.gates`: whoever uses a file and whoever removes it do not come between each other's two steps."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from pytest_vltair import keeping, state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return state.folder(tmp_path, keeping.FOLDER)


def keep_three(folder: Path) -> None:
    """Keep 0.json, 1.json and 2.json, the last one used last."""
    for number in range(3):
        (folder / f"{number}.json").write_bytes(b"{}")
        os.utime(folder / f"{number}.json", (number, number))


def test_a_file_that_is_removed_before_it_is_used_again_is_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = keeping.keep(folder, b"1\n")
    path = folder / f"{digest}.jsonl"
    read = Path.read_bytes

    def late(self: Path) -> bytes:
        path.unlink(missing_ok=True)
        return read(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", late)
        assert keeping.keep(folder, b"1\n") == digest
    assert path.read_bytes() == b"1\n"


def test_what_is_used_while_the_oldest_are_removed_waits_and_is_told_that_it_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_three(folder)
    listed, told = state.newest_first, []
    thread = threading.Thread(target=lambda: told.append(state.used(folder / "0.json")))

    def late(*args: str) -> list[state.Kept]:
        found = listed(folder, *args[1:])
        thread.start()
        thread.join(0.1)
        assert told == []
        return found

    monkeypatch.setattr(state, "newest_first", late)
    state.prune(folder, 2)
    thread.join()
    assert told == [False]
    assert state.used(folder / "1.json")


def test_what_a_killed_process_did_not_write_to_its_end_goes_after_an_hour(folder: Path) -> None:
    old, young = folder / ".a.json.00.tmp", folder / ".b.json.00.tmp"
    for path in (old, young, folder / "1.json"):
        path.write_bytes(b"{}")
    os.utime(old, (1, 1))
    state.prune(folder, 5)
    assert {path.name for path in folder.iterdir()} == {young.name, "1.json"}


def test_one_that_cannot_be_removed_leaves_the_others_to_be_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_three(folder)
    unlink = Path.unlink

    def busy(self: Path, missing_ok: bool = False) -> None:
        if self.name == "1.json":
            raise PermissionError(errno.EACCES, "in use")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", busy)
    state.prune(folder, 1)
    assert {path.name for path in folder.iterdir()} == {"1.json", "2.json"}


@pytest.mark.parametrize("windows", [False, True])
def test_a_file_that_somebody_reads_on_windows_is_replaced_when_they_have_done(
    folder: Path, windows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, tries = os.replace, []

    def busy(*args: Path) -> None:
        tries.append(args)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "in use")
        replace(*args)

    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(state, "_WINDOWS", windows)
    if windows:
        state.write(folder / "1.json", b"{}")
        assert (folder / "1.json").read_bytes() == b"{}"
    else:
        with pytest.raises(PermissionError):
            state.write(folder / "1.json", b"{}")
    assert not list(folder.glob(".*.tmp"))


def test_where_the_lock_cannot_be_had_a_run_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PATIENCE", 0.01)
    (folder / "1.json").write_bytes(b"{}")
    with state.locked(folder) as held, state.locked(folder) as again:
        assert (held, again) == (True, False)
        assert state.used(folder / "1.json")
    (folder.parent / ".gitignore").unlink()
    assert state.used(folder / "1.json")
