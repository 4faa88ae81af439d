"""Control groups: made where the kernel allows it, and every refusal is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gates.process import cgroup
from gates.process.cgroup import Cgroup
from support.children import alive


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a mounted hierarchy; what the kernel would put into a new group is missing."""
    monkeypatch.setattr(cgroup, "MOUNTS", tmp_path / "mountinfo")
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "own")
    mount = tmp_path / "mount"
    (mount / "user.slice").mkdir(parents=True)
    (tmp_path / "mountinfo").write_text(
        f"30 1 0:1 / /proc rw - proc proc rw\n31 1 0:2 / {mount} rw,nosuid shared:4 - cgroup2 cgroup rw\n"
    )
    (tmp_path / "own").write_text("4:memory:/x\n0::/user.slice\n")
    return mount


def test_made_beside_this_process(hierarchy: Path) -> None:
    group = cgroup.create("abc", 100)
    assert group == Cgroup(hierarchy / "user.slice" / "vltair-abc", memory=False)
    assert isinstance(group, Cgroup)
    group.remove()
    assert not group.path.exists()


def test_nothing_is_written_that_the_kernel_does_not_offer(hierarchy: Path) -> None:
    group = cgroup.create("abc", 100)
    assert isinstance(group, Cgroup)
    group.kill()
    assert not group.add(1)
    assert list(group.path.iterdir()) == []
    assert (group.members(), group.out_of_memory()) == ([], False)


def test_refusal_to_make_one_names_the_error(hierarchy: Path) -> None:
    (hierarchy / "user.slice" / "vltair-abc").mkdir()
    assert cgroup.create("abc", None) == "no control group may be made here: File exists"


@pytest.mark.parametrize("own", ["", "4:memory:/x\n", "garbage"])
def test_no_unified_hierarchy(hierarchy: Path, own: str) -> None:
    cgroup.OWN.write_text(own)
    assert cgroup.create("abc", None) == "cgroup v2 is not mounted here"


def test_memory_limit_where_the_controller_is_delegated(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.mkdir

    def with_controller(self: Path) -> None:
        real(self)
        for name in ("memory.max", "memory.oom.group", "memory.swap.max"):
            (self / name).touch()

    monkeypatch.setattr(Path, "mkdir", with_controller)
    group = cgroup.create("abc", 4096)
    assert isinstance(group, Cgroup)
    assert group.memory
    assert {path.name: path.read_text() for path in group.path.iterdir()} == {
        "memory.max": "4096",
        "memory.oom.group": "1",
        "memory.swap.max": "0",
    }


def test_a_group_that_cannot_be_removed_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "group" / "child").mkdir(parents=True)
    Cgroup(tmp_path / "group", memory=False).remove(patience=0.01)
    assert (tmp_path / "group").exists()
    Cgroup(tmp_path / "gone", memory=False).remove()


def test_a_write_that_the_kernel_refuses(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").symlink_to("/dev/full")
    assert not Cgroup(tmp_path, memory=False).add(1)


def test_real_group_ends_its_members() -> None:
    group = cgroup.create("real-test", None)
    if isinstance(group, str):
        pytest.skip(group)
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
    assert group.add(process.pid)
    assert group.members() == [process.pid]
    group.kill()
    process.wait(10)
    group.remove()
    assert not alive(process.pid)
    assert not group.path.exists()
