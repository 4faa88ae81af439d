"""Hash seed: the order of sets of text, which Python decides when it starts: reported, required, or started again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import PurePath
from typing import NoReturn

import pytest

from pytest_vltair.fixed.siphash import hashes_with
from pytest_vltair.settings import Given, Settings

VARIABLE = "PYTHONHASHSEED"
RANDOM = "random"
_LARGEST = 2**32 - 1
_AGAIN = "vltair-again"
"""The `-X` option of a process that was started again; unlike a variable it does not reach the children of tests."""

_DEBUGGERS = ("debugpy", "pydevd")
_PROGRAMS = ("pytest", "py.test")
_WORKER = "in a worker, which is started by others"


class HashSeed:
    """Reports the hash seed, requires one, or starts pytest again with one."""

    name = "hash-seed"

    def __init__(self, given: Given, settings: Settings) -> None:
        self._given = given
        self._mode = given.choice("report", "require", "reexec")
        self._wanted = _wanted(settings)
        self.demanded = in_force()

    @property
    def variables(self) -> dict[str, str]:
        """The variable that repeats this run, which no option can stand for."""
        return {} if self.demanded == RANDOM else {VARIABLE: self.demanded}

    @property
    def note(self) -> str:
        """What the header says of a run that cannot be repeated."""
        return f"not repeatable: set {VARIABLE}" if self.demanded == RANDOM else ""

    def apply(self, config: pytest.Config) -> None:
        """Make sure of a seed, where one is wanted.

        Raises:
            pytest.UsageError: there is none, and pytest cannot be started again here.
        """
        if self.demanded != RANDOM or self._mode == "report":
            return
        if sys.flags.ignore_environment:
            self._given.wrong(f"cannot be had: Python runs with -E or -I, which ignore {VARIABLE}")
        why_not = _why_not(config) if self._mode == "reexec" else ""
        if self._mode == "reexec" and not why_not:
            _start_again(config, self._wanted)
        command = shlex.join(["python", "-m", "pytest", *map(str, config.invocation_params.args)])
        lacking = why_not or "needs a hash seed, and none is set"
        self._given.wrong(f"{lacking}: start it with {VARIABLE}={self._wanted} {command}")

    def restore(self) -> None:
        """Nothing: nothing was changed."""

    def shown(self) -> str:
        """The seed that this process hashes with, or `random`."""
        return in_force()


def in_force() -> str:
    """The seed that this process hashes with, `random` if nobody chose it; found by hashing where that is possible."""
    named = os.environ.get(VARIABLE, "")
    for text in (named, "0"):
        if text.isascii() and text.isdigit() and int(text) <= _LARGEST:
            found = hashes_with(int(text))
            if found is None:
                found = not sys.flags.ignore_environment if text == named else not sys.flags.hash_randomization
            if found:
                return str(int(text))
    return RANDOM


def _wanted(settings: Settings) -> str:
    """The run's seed where it is a number that will do, so that one number repeats both."""
    seed = settings["seed"]
    text = "0" if seed is None else seed.text
    return str(int(text)) if text.isascii() and text.isdigit() and int(text) <= _LARGEST else "0"


def _why_not(config: pytest.Config) -> str:
    """Why pytest cannot be started again here; empty where it can."""
    if _AGAIN in sys._xoptions:  # noqa: SLF001 - its documented name
        return "did not take effect when Python was started again"
    if not _is_program(config):
        return f"cannot be had {_WORKER if _is_worker() else 'by starting again inside another program'}"
    if any(name in sys.modules for name in _DEBUGGERS):
        return "cannot be had by starting again under a debugger"
    return ""


def _is_program(config: pytest.Config) -> bool:
    """Whether this process was started to run this very pytest, and nothing but pytest runs in it."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    name = PurePath(getattr(main, "__file__", None) or "").stem
    ours = spec.name in {"pytest.__main__", "pytest"} if spec is not None else name in _PROGRAMS
    given = [str(one) for one in config.invocation_params.args]
    return ours and given == sys.argv[1:] and not _nested()


def _is_worker() -> bool:
    """Whether this is a worker of pytest-xdist; programs that its tests start have its variables, and are none."""
    return "PYTEST_XDIST_WORKER" in os.environ and not hasattr(sys.modules.get("__main__"), "__file__")


def _nested() -> bool:
    """Whether a session of pytest is under way further out."""
    frame = sys._getframe()  # noqa: SLF001 - as inspect does, without importing it
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__") == "_pytest.main":
            return True
    return False


def _start_again(config: pytest.Config, seed: str) -> NoReturn:
    """Become the same command with a hash seed; nothing of the project was imported yet."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()
    # What pytest-cov has set for the children of this process would have the next one measured twice.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV_CORE_")}
    environ[VARIABLE] = seed
    argv = [sys.executable, "-X", _AGAIN, *sys.orig_argv[1:]]
    if os.name == "nt":  # there, exec leaves the caller with a process that has ended
        raise SystemExit(subprocess.call(argv, env=environ))
    os.execve(sys.executable, argv, environ)  # noqa: S606 - it is this very command
