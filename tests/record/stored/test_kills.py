"""Processes that write and ingest at once and are killed at any moment lose nothing and double nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from gates.record.integrity import checkpoints, verifying
from pytest_vltair import eventlog
from support import event_logs, record_worker, stored

PROCESSES = 8


class Workers:
    """Eight processes on one project, each with a file of what it was acknowledged."""

    def __init__(self, root: Path, reports: Path) -> None:
        self.root = root
        self.reports = reports
        self.started = 0
        self.running = [self._start() for _ in range(PROCESSES)]

    def kill(self, at: int, *, again: bool) -> None:
        process = self.running[at]
        assert process.poll() is None, "it ended by itself"
        process.send_signal(signal.SIGKILL)
        process.wait()
        if again:
            self.running[at] = self._start()

    def acknowledged(self) -> Counter[str]:
        """What was reported in whole lines."""
        return Counter(
            line for path in self.reports.iterdir() for line in path.read_text().split("\n")[:-1] if " " in line
        )

    def _start(self) -> subprocess.Popen[bytes]:
        self.started += 1
        words = [sys.executable, record_worker.__file__, str(self.root), str(self.started)]
        with (self.reports / f"{self.started}.txt").open("wb") as out:
            return subprocess.Popen(words, stdout=out)


def killed(tmp_path: Path, kills: int) -> None:
    root, reports = tmp_path / "project", tmp_path / "reports"
    folder = root / ".gates" / "events"
    folder.mkdir(parents=True)
    reports.mkdir()
    chance = random.Random(kills)
    workers = Workers(root, reports)
    for number in range(kills):
        time.sleep(chance.uniform(0.0, 0.5 if number % PROCESSES else 1.0))
        workers.kill(chance.randrange(PROCESSES), again=True)
    for at in range(PROCESSES):
        workers.kill(at, again=False)
    eventlog.close_dead(folder, event_logs.CODEC, by="")
    assert not list((folder / "open").iterdir())

    told = workers.acknowledged()
    assert len(told) > 20 * kills, "too little was written for kills to hit anything"
    assert set(told.values()) == {1}
    written = Counter(
        f"{path.stem} {number}"
        for path in folder.glob("2*.jsonl")
        for number, _ in enumerate(path.read_bytes().splitlines())
    )
    assert not told - written
    verified = verifying.verify(folder, checkpoints.Checked(), own=True)
    assert verified.verdict == "passed", verified.faults

    stored.take(root)
    held = Counter(f"{run} {seq}" for run, seq in stored.rows(root, "SELECT run, seq FROM events"))
    assert held == written, "each event of the files is in the store once"
    assert not (root / ".gates" / "quarantine.jsonl").exists()
    assert stored.drifts(root) == ()


@pytest.mark.requirement("REC-2")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_nothing_is_lost_or_doubled_over_20_kills(tmp_path: Path) -> None:
    killed(tmp_path, 20)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_nothing_is_lost_or_doubled_over_200_kills(tmp_path: Path) -> None:
    killed(tmp_path, 200)
