"""Offspring: found by every way there is, on every platform's path, and never somebody else's process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gates.process import offspring
from gates.process.offspring import Member, Offspring, ProcScan, PsutilScan, Scan, marked, new_token
from support.children import SLEEPER, alive, pid_in

SCANS = pytest.mark.parametrize("looking", [ProcScan, PsutilScan])


def leader(tmp_path: Path, token: str, *how: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", f"{SLEEPER}\nimport time; time.sleep(60)", str(tmp_path / "pid"), *how],
        env={offspring.VARIABLE: token},
        start_new_session=True,
    )


@SCANS
@pytest.mark.parametrize("how", [(), ("session",), ("session", "bare"), ("bare",)], ids="+".join)
def test_all_are_found_and_ended(tmp_path: Path, looking: type[Scan], how: tuple[str, ...]) -> None:
    token = new_token()
    process = leader(tmp_path, token, *how)
    grandchild = pid_in(tmp_path / "pid")
    tree = Offspring(process.pid, token, looking=looking())
    assert {one.pid for one in tree.members()} == {process.pid, grandchild}
    assert tree.exceeds(1)
    assert not tree.exceeds(1 << 40)
    assert tree.end() == 0
    assert not alive(process.pid)
    assert not alive(grandchild)
    process.wait()
    assert tree.members() == []


@SCANS
def test_what_was_found_once_is_found_when_its_parent_is_gone(tmp_path: Path, looking: type[Scan]) -> None:
    token = new_token()
    process = leader(tmp_path, token, "session", "bare", "deaf")
    grandchild = pid_in(tmp_path / "pid")
    assert Offspring(process.pid, token, looking=looking()).end(0.2) == 0
    assert not alive(grandchild)
    process.wait()


@SCANS
def test_orphan_in_a_session_of_its_own_is_found_by_its_token(tmp_path: Path, looking: type[Scan]) -> None:
    token = new_token()
    process = leader(tmp_path, token, "session")
    orphan = pid_in(tmp_path / "pid")
    process.kill()
    process.wait()
    tree = Offspring(process.pid, token, looking=looking())
    assert [one.pid for one in tree.members()] == [orphan]
    tree.end()
    assert not alive(orphan)


@SCANS
def test_a_stranger_is_left_alone(tmp_path: Path, looking: type[Scan]) -> None:
    stranger = leader(tmp_path, new_token())
    tree = Offspring(2**22 - 5, new_token(), looking=looking())
    assert tree.members() == []
    assert tree.end() == 0
    assert alive(stranger.pid)
    Offspring(stranger.pid, "x" * 32).insist()
    stranger.wait()


def test_a_number_that_now_belongs_to_somebody_else_gets_no_signal(tmp_path: Path) -> None:
    process = leader(tmp_path, new_token())
    pid_in(tmp_path / "pid")
    tree = Offspring(process.pid, "x" * 32)
    found = next(one for one in tree.members() if one.pid == process.pid)
    offspring._send(Member(found.pid, found.started - 1, 0), signal.SIGKILL)
    assert alive(process.pid)
    offspring._send(found, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    offspring._send(found, signal.SIGKILL)
    tree.insist()


def test_without_pidfd_and_groups_members_are_ended_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.delattr(os, "killpg")
    monkeypatch.delattr(os, "getpgid")
    token = new_token()
    process = leader(tmp_path, token, "session")
    grandchild = pid_in(tmp_path / "pid")
    assert Offspring(process.pid, token).end() == 0
    assert not alive(grandchild)
    process.wait()


def test_what_cannot_be_ended_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        def members(self, leader: int, token: str, known: object) -> list[Member]:
            return [Member(2**22 - 7, 0, 10), Member(2**22 - 6, 0, 10)]

    monkeypatch.setattr(offspring, "INSISTENCE", 0.02)
    tree = Offspring(2**22 - 5, "t", looking=Stuck())
    assert tree.end(0.01) == 2


def test_memory_is_the_resident_one_where_nobody_divides_it_and_none_of_what_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Two:
        def members(self, leader: int, token: str, known: object) -> list[Member]:
            return [Member(2**22 - 7, 0, 10), Member(2**22 - 6, 0, 10)]

    tree = Offspring(2**22 - 5, "t", looking=Two())
    monkeypatch.setattr(offspring, "PROC", tmp_path / "none")
    assert tree.exceeds(19)
    assert not tree.exceeds(20)
    monkeypatch.setattr(offspring, "PROC", tmp_path)
    assert not tree.exceeds(19)
    for pid in (2**22 - 7, 2**22 - 6):
        (tmp_path / str(pid)).mkdir()
    assert tree.exceeds(19)


def test_outer_tokens_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(offspring.VARIABLE, raising=False)
    assert marked({}, "b")[offspring.VARIABLE] == "b"
    assert marked({offspring.VARIABLE: "a"}, "b")[offspring.VARIABLE] == "a.b"
    monkeypatch.setenv(offspring.VARIABLE, "o")
    assert marked({}, "b")[offspring.VARIABLE] == "o.b"


def test_tokens_differ() -> None:
    assert new_token() != new_token()


def test_without_proc_psutil_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert isinstance(offspring.scan(), ProcScan)
    monkeypatch.setattr(offspring, "PROC", tmp_path)
    assert isinstance(offspring.scan(), PsutilScan)
