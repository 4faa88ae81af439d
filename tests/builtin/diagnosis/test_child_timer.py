"""Faulthandler's timer in a trial: put once for many short tests, and gone before it ends a process without a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import faulthandler, sys, time
put = []
later = faulthandler.dump_traceback_later
faulthandler.dump_traceback_later = lambda *given, **named: put.append(given[0]) or later(*given, **named)
from gates.builtin.diagnosis.child.events import Writer
from gates.builtin.diagnosis.child.stacks import Project
from gates.builtin.diagnosis.child.watchdog import Watchdog
limit, tests, pause = float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
watchdog = Watchdog(Writer(sys.argv[1]), Project("."), limit)
for _ in range(tests):
    watchdog.watch()
    watchdog.rest()
time.sleep(pause)
print(len(put), watchdog._due is None)
"""


def told(folder: Path, limit: float, tests: int, pause: float) -> tuple[int, str]:
    words = [sys.executable, "-c", SCRIPT, str(folder / "events"), str(limit), str(tests), str(pause)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, ran.stdout.strip() or ran.stderr


def test_many_short_tests_need_one_timer(tmp_path: Path) -> None:
    assert told(tmp_path, 600.0, 500, 0.0) == (0, "1 False")


def test_no_timer_ends_a_process_in_which_no_test_runs(tmp_path: Path) -> None:
    assert told(tmp_path, 0.2, 1, 3.5) == (0, "1 True")
