"""Processes: those of one trial, started in a checkout that is made ready for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gates.builtin.diagnosis.checks.surroundings import DEEP
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.laboratory import bytecode, command
from gates.builtin.diagnosis.laboratory.checkout import Checkout
from gates.builtin.diagnosis.laboratory.equipment import Equipment
from gates.builtin.diagnosis.trial import Trial
from gates.process import child
from gates.process.completed import Completed
from gates.project import workspace

OUTSIDE, BESIDE = "outside", "tests"
OUTPUT = 4 * 1024 * 1024


class Processes:
    """Starts pytest for a trial, of which one test may take `limit` seconds.

    Raises:
        OSError: its checkout cannot be made.
    """

    def __init__(self, tools: Equipment, checkout: Checkout, place: Path, trial: Trial, limit: float) -> None:
        self.tools, self.trial, self.limit = tools, trial, limit
        self.settings = dict(trial.settings)
        self.around = {} if trial.at else self.settings  # with lines, all else is as in the base
        self.work = place / "w"
        workspace.remove(self.work)
        for name in ("cache", "elsewhere", "trial"):
            (self.work / name).mkdir(parents=True, mode=0o700)
        value = self.around.get("directory", FACTORS["directory"].base)
        self.started = value
        own = tools.folder
        named = {FACTORS["directory"].base: own, OUTSIDE: own, BESIDE: own, "deep": f"{DEEP}/{own}"}
        self.root = checkout.fresh(named.get(value, value))
        if "optimize" in self.around:
            bytecode.ready(tools.bytecode, str(tools.means.facts.get("library") or ""))
        self.env = tools.environment(self.work, self.root, self.settings, bool(trial.at))

    @property
    def halves(self) -> bool:
        """Whether two processes stand in for workers."""
        return "parallel" in self.settings and not self.tools.means.xdist

    def run(
        self, parts: Sequence[Sequence[str]], number: int, wall: float, cancel: child.Cancel
    ) -> tuple[list[Path], list[Completed]]:
        """Run each part of the tests in a process, side by side; where it wrote, and how it ended.

        `number` counts the processes of the trial: those after the first run what is left, in the order of before.
        """
        prefixes = [
            self.work / "trial" / f"events{number}{'' if len(parts) == 1 else f'-{part}'}" for part in range(len(parts))
        ]
        with ThreadPoolExecutor(len(parts)) as pool:
            jobs = [
                pool.submit(self._start, part, prefix, index, wall, number > 0, cancel)
                for index, (part, prefix) in enumerate(zip(parts, prefixes, strict=True))
            ]
            return prefixes, [job.result() for job in jobs]

    def _start(
        self, tests: Sequence[str], prefix: Path, part: int, wall: float, again: bool, cancel: child.Cancel
    ) -> Completed:
        settings = dict(self.settings)
        if self.halves:
            settings.pop("parallel", None)
        if again:
            settings.pop("order", None)  # the rest is in the order in which it was to run
        file = prefix.with_suffix(".json")
        file.write_bytes(msgspec.json.encode(self._asked(tests, prefix, part, settings)))
        limits = child.Limits(wall=wall, output=OUTPUT)
        env = {**self.env, "VLTAIR_TRIAL": str(file)}
        return child.run(self._argv(tests, settings), cwd=self._cwd(tests), env=env, limits=limits, cancel=cancel)

    def _cwd(self, tests: Sequence[str]) -> Path:
        """The folder in which pytest is started."""
        if self.started == BESIDE:
            return command.beside(self.tools.suite, tests, self.root)
        return self.work / "elsewhere" if self.started == OUTSIDE else self.root

    def _asked(self, tests: Sequence[str], prefix: Path, part: int, settings: dict[str, str]) -> dict[str, object]:
        return {
            "events": str(prefix),
            "root": str(self.root),
            "tests": list(tests),
            "settings": settings,
            "base": {name: factor.base for name, factor in FACTORS.items()},
            "limit": self.limit,
            "watch": list(self.trial.watch),
            "at": [[one.path, one.line] for one in self.trial.at],
            "writable": [str(self.root), str(self.work), str(self.tools.bytecode), str(self.tools.compiled)],
            "compiled": str(self.tools.compiled),
            "turns": int(settings.get("repeat", "1")),
            "part": part,
        }

    def _argv(self, tests: Sequence[str], settings: dict[str, str]) -> list[str]:
        tools = self.tools
        named = "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in self.env
        argv = [
            *tools.means.entering(self.around.get("user", "own")),
            *tools.means.bound(self.around.get("cpus", "own")),
        ]
        argv += command.pytest(
            tools.python, self.root, self.work / "cache", tools.suite, workers=settings.get("parallel"), named=named
        )
        argv += ["-W", command.UNASSERTED] if "optimize" in self.around else []
        elsewhere = self.started in (OUTSIDE, BESIDE)
        return argv + command.arguments(tools.suite, tests, self.root, outside=elsewhere)

    @contextmanager
    def busy(self, wall: float) -> Iterator[None]:
        """Keep every processor at work meanwhile, where that is asked for."""
        if self.around.get("load") != "busy":
            yield
            return
        over = threading.Event()
        argv = [str(self.tools.python), "-I", "-S", "-c", "while True: pass"]
        limits = child.Limits(wall=max(1.0, wall))
        with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            for _ in range(2 * (os.cpu_count() or 1)):
                pool.submit(child.run, argv, cwd=self.work, env=self.tools.environ, limits=limits, cancel=over)
            try:
                time.sleep(0.3)
                yield
            finally:
                over.set()
