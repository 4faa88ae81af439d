"""Processes that write, retire, verify, compare and make the store anew beside each other find nothing amiss."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gates.record.integrity import verifying
from pytest_vltair import eventlog
from support import beside_worker, event_logs, stored

DONE = ("run", "run", "run", "retire", "retire", "verify", "compare", "compare")


def beside(root: Path, seconds: float) -> None:
    (root / ".gates" / "events" / "open").mkdir(parents=True)
    words = [[sys.executable, beside_worker.__file__, str(root), what, str(seconds)] for what in DONE]
    started = [
        subprocess.Popen([*one, str(number)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number, one in enumerate(words)
    ]
    ended = [(*one.communicate(), one.returncode) for one in started]
    assert not [err for _, err, code in ended if code], ended
    assert all(int(out) > 0 for out, _, _ in ended)
    eventlog.close_dead(root / ".gates" / "events", event_logs.CODEC, by="")
    found = verifying.verify(root / ".gates" / "events")
    assert (found.verdict, found.notes) == ("passed", ()), "whatever a run names that is there is there"
    assert found.runs
    assert found.retired
    stored.take(root)
    assert stored.drifts(root) == ()


def test_they_find_nothing_amiss_for_three_seconds(tmp_path: Path) -> None:
    beside(tmp_path, 3)


@pytest.mark.slow
def test_they_find_nothing_amiss_for_a_minute(tmp_path: Path) -> None:
    beside(tmp_path, 60)
