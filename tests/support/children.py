"""Real Python children for the tests of `gates.process`."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.process import living
from gates.process.child import Completed, Limits, environment, run


def python(
    code: str,
    *args: str,
    cwd: Path,
    limits: Limits | None = None,
    cancel: threading.Event | None = None,
    env: dict[str, str] | None = None,
) -> Completed:
    """How a child that runs `code` ended; it gets 30 s unless `limits` says otherwise."""
    return run(
        (sys.executable, "-I", "-S", "-c", textwrap.dedent(code), *args),
        cwd=cwd,
        env=environment(os.environ, env or {}),
        limits=limits or Limits(wall=30.0),
        cancel=cancel,
    )


def alive(pid: int) -> bool:
    """Whether a process with this number lives and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def pid_in(path: Path, seconds: float = 60.0) -> int:
    """The number that a child writes into `path`, once it is there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return int(path.read_text())
        except (OSError, ValueError):
            time.sleep(0.01)
    raise AssertionError(f"no process wrote its number into {path.name}")


def out_of_time_once(monkeypatch: pytest.MonkeyPatch, there: Callable[[], bool]) -> None:
    """A child that is started is out of time as soon as something is there, however busy the machine is until then."""
    real = living.Living._excess

    def excess(self: living.Living, cancel: threading.Event | None) -> str:
        return "wall" if there() else real(self, cancel)

    monkeypatch.setattr(living.Living, "_excess", excess)


def written(path: Path) -> bool:
    """Whether there is something in a file."""
    return path.exists() and path.stat().st_size > 0


SLEEPER = """
import os, subprocess, sys, time
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if "deaf" in sys.argv[2:] else ""
code = deaf + "import os, pathlib, sys, time; p = pathlib.Path(sys.argv[1]); " \
    "t = p.with_suffix('.new'); t.write_text(str(os.getpid())); t.rename(p); time.sleep(60)"
options = {"start_new_session": "session" in sys.argv[2:]}
if "bare" in sys.argv[2:]:
    options["env"] = {}
    time.sleep(0.2)  # a process joins its control group a moment after it has started
if "silent" in sys.argv[2:]:
    options["stdout"] = options["stderr"] = subprocess.DEVNULL
subprocess.Popen([sys.executable, "-I", "-S", "-c", code, sys.argv[1]], **options)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.002)
"""
"""Starts a grandchild that writes its number into argv[1] and sleeps; returns as soon as it is there."""
