"""Limits: which hold, which are missing, and what a required one does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gates.process import cgroup, network, starting
from gates.process.child import Enforced, Limits
from gates.process.limits import NAMES
from support.children import python


@pytest.mark.parametrize(
    "figures",
    [
        {"wall": 0.0},
        {"wall": -1.0},
        {"wall": float("nan")},
        {"memory": 0},
        {"output": -1},
        {"required": frozenset({"walls"})},
    ],
)
def test_a_limit_that_limits_nothing_is_refused(figures: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="limit"):
        Limits(**figures)  # type: ignore[arg-type]


@pytest.mark.requirement("PRC-6")
def test_every_limit_is_accounted_for(tmp_path: Path) -> None:
    done = python("pass", cwd=tmp_path)
    assert tuple(one.limit for one in done.enforced) == NAMES
    by_name = {one.limit: one for one in done.enforced}
    assert by_name["wall"].applied
    assert by_name["output"].applied
    assert by_name["group"].applied
    assert by_name["memory"] == Enforced(limit="memory", detected=True, applied=False, reason="not asked for")
    assert by_name["job_object"] == Enforced(
        limit="job_object", detected=False, applied=False, reason="only Windows has them"
    )
    assert all(one.reason for one in done.enforced if not one.applied)


def test_no_wall_at_all_is_said(tmp_path: Path) -> None:
    done = python("pass", cwd=tmp_path, limits=Limits(wall=float("inf")))
    assert (done.status, done.enforced[0].applied) == ("OK", False)


@pytest.mark.requirement("PRC-6")
@pytest.mark.parametrize("name", ["job_object", "memory", "network"])
def test_a_required_limit_that_does_not_hold_stops_the_child(tmp_path: Path, name: str) -> None:
    done = python("open('ran', 'w')", cwd=tmp_path, limits=Limits(required=frozenset({name})))
    assert (done.status, done.code) == ("INTERNAL_ERROR", None)
    assert done.reason.startswith(f"limit_not_applied: {name} is required: ")
    assert not (tmp_path / "ran").exists()


def test_a_required_limit_that_holds(tmp_path: Path) -> None:
    limits = Limits(wall=30.0, memory=1 << 30, required=frozenset({"wall", "memory", "output", "group"}))
    assert python("pass", cwd=tmp_path, limits=limits).status == "OK"


def test_required_control_group_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "MOUNTS", tmp_path / "none")
    done = python("pass", cwd=tmp_path, limits=Limits(required=frozenset({"cgroup_v2"})))
    assert (done.status, done.reason) == (
        "INTERNAL_ERROR",
        "limit_not_applied: cgroup_v2 is required: cgroup v2 is not mounted here",
    )


@pytest.mark.parametrize(("required", "status"), [(True, "INTERNAL_ERROR"), (False, "OK")])
def test_control_group_that_takes_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, required: bool, status: str
) -> None:
    group = cgroup.Cgroup(tmp_path / "group", memory=False)
    group.path.mkdir()
    monkeypatch.setattr(cgroup, "create", lambda name, memory: group)
    limits = Limits(wall=30.0, required=frozenset({"cgroup_v2"} if required else set()))
    done = python("import time; time.sleep(0.2)", cwd=tmp_path, limits=limits)
    assert done.status == status
    by_name = {one.limit: one for one in done.enforced}
    assert not by_name["cgroup_v2"].applied


def test_kernel_that_ended_a_member_for_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No machine of ours delegates the memory controller: the kernel's two files are written by hand.
    group = cgroup.Cgroup(tmp_path / "group", memory=True)
    group.path.mkdir()
    (group.path / "memory.events").write_text("oom 1\noom_kill 1\n")
    (group.path / "cgroup.procs").write_text("")
    monkeypatch.setattr(cgroup, "create", lambda name, memory: group)
    done = python("import os; os.kill(os.getpid(), 9)", cwd=tmp_path, limits=Limits(memory=1 << 30))
    assert done.status == "MEM_LIMIT"
    assert "held by the control group" in next(one.reason for one in done.enforced if one.limit == "memory")


def test_windows_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    told = starting.enforced(Limits(), "no groups", Enforced(limit="network", detected=False, applied=False, reason=""))
    by_name = {one.limit: one for one in told}
    assert by_name["group"].reason == "a process group of its own"
    assert not by_name["job_object"].applied
    assert network.obstacle.__doc__
