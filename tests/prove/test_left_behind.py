"""What a proof leaves when it is interrupted or killed: no process, no folder, no change of the project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gates.prove import copy
from support import commands, provable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


class Proof:
    """A proof under way, whose gate sleeps in the copy."""

    def __init__(self, folder: Path) -> None:
        self.root = provable.write(folder / "project", "sleepy", "todo")
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.note = folder / "note"
        self.environment = commands.environment({"TMPDIR": str(self.temporary), "SLEEPY": str(self.note)})
        argv = [sys.executable, "-P", "-m", "gates", "prove", "sleepy"]
        self.process = subprocess.Popen(argv, cwd=self.root, env=self.environment, stderr=subprocess.DEVNULL)
        until(lambda: self.note.is_file() and self.note.read_text() != "")
        self.sleeper = int(self.note.read_text())

    @property
    def is_gone(self) -> bool:
        return not lives(self.sleeper) and not list(self.temporary.iterdir())


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.requirement("PRF-4")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_proof_leaves_nothing(tmp_path: Path, sign: signal.Signals) -> None:
    proof = Proof(tmp_path)
    proof.process.send_signal(sign)
    assert proof.process.wait(45) == 130
    assert proof.is_gone
    kept = sorted(path.name for path in (proof.root / ".gates").iterdir())
    assert kept == [".gitignore", "events"]


def test_a_killed_proof_leaves_nothing_for_long(tmp_path: Path) -> None:
    proof = Proof(tmp_path)
    proof.process.kill()
    proof.process.wait(45)
    until(lambda: proof.is_gone, 20.0)


def test_the_next_proof_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    dead, alive = temporary / "vltair-99999999-1", temporary / f"vltair-{os.getpid()}-1"
    owner = copy._owner(os.getpid())
    for folder, text in ((dead, owner.replace(str(os.getpid()), "99999999")), (alive, owner)):
        (folder / "vltair-1-1").mkdir(parents=True)
        (folder / "vltair-1-1" / "a.py").touch(0o400)
        (folder / copy.OWNER).write_text(text, "utf-8")
    (temporary / "vltair-99999998-1").mkdir()
    root = provable.write(tmp_path / "project", "todo")
    assert commands.gates("prove", "todo", cwd=root, env={"TMPDIR": str(temporary)}).code == 0
    assert sorted(path.name for path in temporary.iterdir()) == sorted(["vltair-99999998-1", alive.name])
