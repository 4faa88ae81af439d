"""A kill at any moment, and two runs at one time: nothing that a later run trusts is wrong."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import healthy
from support.children import alive, pid_in
from support.commands import check, environment

KILLED = [sys.executable, "-P", "-m", "gates", "check", "--no-cache", "--output-file", "json=../report.json"]


def start(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(KILLED, cwd=root, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_at(root: Path, moment: float) -> None:
    process = start(root)
    time.sleep(moment)
    process.kill()
    process.wait()


def trusted(root: Path) -> None:
    """After a kill the fault is still found, by a run that may use whatever the killed one left."""
    result = check(root)
    assert result.code == 1, result.out
    assert result.verdicts == {"lint": "passed", "types": "passed", "tests": "failed", "policy": "passed"}
    report = root.parent / "report.json"
    if report.exists():
        assert report.read_text("utf-8").startswith('{"') or not report.read_text("utf-8")


def broken(root: Path) -> Path:
    return healthy.write(
        root / "project",
        **{"tests/test_bad.py": "def test_bad(tmp_path: object) -> None:\n    assert tmp_path is None\n"},
    )


@pytest.mark.requirement("EVD-7")
@pytest.mark.parametrize("moment", [0.05, 0.3, 0.8, 1.5])
def test_a_kill_leaves_nothing_that_is_trusted(tmp_path: Path, moment: float) -> None:
    root = broken(tmp_path)
    kill_at(root, moment)
    trusted(root)


@pytest.mark.slow
def test_a_hundred_kills_leave_nothing_that_is_trusted(tmp_path: Path) -> None:
    root = broken(tmp_path)
    chance = random.Random(7)
    for _ in range(100):
        kill_at(root, chance.uniform(0.0, 4.0))
    trusted(root)


@pytest.mark.skipif(sys.platform == "win32", reason="signals and shell of POSIX")
def test_an_interruption_ends_a_git_that_a_gate_waits_for(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    number, fake = tmp_path / "pid", tmp_path / "bin" / "git"
    fake.parent.mkdir()
    hang = f"echo $$ > {number}.new; mv {number}.new {number}; exec sleep 60"
    fake.write_text(f"""#!/bin/sh\ncase "$*" in *'*.pyi'*) {hang};; esac\nexec {shutil.which("git")} "$@"\n""")
    fake.chmod(0o755)
    path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        [*KILLED, "--select", "lint"], cwd=root, env=environment({"PATH": path}), stderr=subprocess.DEVNULL
    )
    pid = pid_in(number)
    process.terminate()
    assert process.wait(45) == 130
    assert not alive(pid)


@pytest.mark.requirement("EVD-7")
def test_two_runs_at_one_time_come_to_the_same_verdict(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    processes = [start(root) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert check(root).report["run"]["cached"] == ["lint", "policy", "tests", "types"]
