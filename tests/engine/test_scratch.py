"""The run's directory outside the project, and what killed runs have left beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gates.engine.scratch import ABANDONED, Scratch


@pytest.fixture
def dead() -> int:
    """The number of a process that is over."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
    process.wait()
    return process.pid


def left(folder: Path, age: float = ABANDONED + 60) -> Path:
    """A directory with something read-only in it, last changed `age` seconds ago."""
    (folder / "lint").mkdir(parents=True)
    (folder / "lint" / "file").write_text("x")
    (folder / "lint").chmod(0o500)
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def test_a_directory_for_each_gate_until_it_is_removed(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert not list(tmp_path.iterdir())
    folder = scratch.folder("lint")
    assert folder.is_dir()
    assert folder == scratch.folder("lint") != scratch.folder("types")
    scratch.remove()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("used", [True, False])
def test_a_gate_that_goes_on_after_the_removal_makes_nothing(tmp_path: Path, *, used: bool) -> None:
    scratch = Scratch(tmp_path)
    if used:
        scratch.folder("lint")
    scratch.remove()
    assert not scratch.folder("lint").exists()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path, dead: int) -> None:
    gone = left(tmp_path / f"vltair-{dead}-abcd_123")
    Scratch(tmp_path).folder("lint")
    assert not gone.exists()


def test_a_run_without_scratch_looks_for_nothing(tmp_path: Path, dead: int) -> None:
    kept = left(tmp_path / f"vltair-{dead}-abcd_123")
    Scratch(tmp_path).remove()
    assert kept.exists()


def test_what_may_be_in_use_or_of_somebody_else_stays(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (f"vltair-{dead}-", f"vltair-{dead}-ABCDEFGH", f"vltair-{dead}-abcdefgh.old", f"vltair-0{dead}-abcdefgh",
             f"my-vltair-{dead}-abcdefgh", "vltair-crash-abcdefgh", f"vltair-{dead}-abcdefghi")  # fmt: skip
    kept = [left(tmp_path / name) for name in names]
    kept.append(left(tmp_path / f"vltair-{dead}-recent_1", age=ABANDONED - 60))
    kept.append(left(tmp_path / f"vltair-{os.getpid()}-living_1"))
    file = tmp_path / f"vltair-{dead}-not_adir"
    file.write_text("x")
    os.utime(file, (0, 0))
    Scratch(tmp_path).folder("lint")
    assert [path for path in (*kept, file) if not path.exists()] == []
    if hasattr(os, "getuid"):
        foreign = left(tmp_path / f"vltair-{dead}-foreign1")
        monkeypatch.setattr(os, "getuid", lambda: foreign.stat().st_uid + 1)
        Scratch(tmp_path).folder("lint")
        assert foreign.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_no_link_is_followed(tmp_path: Path, dead: int) -> None:
    target = left(tmp_path / "precious")
    link = tmp_path / f"vltair-{dead}-a_link_1"
    link.symlink_to(target)
    inside = left(tmp_path / f"vltair-{dead}-abcdefgh")
    (inside / "link").symlink_to(target)
    os.utime(inside, (0, 0))
    Scratch(tmp_path).folder("lint")
    assert link.is_symlink()
    assert (target / "lint" / "file").exists()
    assert not inside.exists()
