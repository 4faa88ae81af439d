"""Running: one trial from its checkout to what came of it; who hangs or dies does not hide those after it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.laboratory import command, proof, reading, surroundings
from gates.builtin.diagnosis.laboratory.imports import Imports
from gates.builtin.diagnosis.laboratory.means import Means
from gates.builtin.diagnosis.laboratory.reading import Record
from gates.builtin.diagnosis.laboratory.template import Checkout
from gates.builtin.diagnosis.trial import Ran, Result, Trial
from gates.process import child
from gates.process.completed import Completed
from gates.project import workspace

CASUALTIES = 12
"""So many tests may end their process before a run is given up."""

OUTSIDE = "outside"
DEEP = "a rather long name of a folder/with another one/below it"
OUTPUT = 4 * 1024 * 1024
FELL_OVER = {3: "pytest fell over", 4: "pytest refused to start"}


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """What all trials share: the interpreter, the suite, the neutral environment, the folder of the child's package."""

    python: Path
    root: Path
    suite: command.Suite
    environ: Mapping[str, str]
    home: str | None
    pythonpath: str
    package: Path
    imports: Imports
    means: Means


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the base has shown: its tests, and what its process had of each factor."""

    tests: tuple[str, ...] = ()
    effects: Mapping[str, Any] = {}


class Bench:
    """A place where one trial runs at a time, with a checkout of its own."""

    def __init__(self, equipment: Equipment, checkout: Checkout, place: Path) -> None:
        self.equipment = equipment
        self.checkout = checkout
        self.place = place

    def run(self, trial: Trial, known: Known, *, limit: float, wall: float, cancel: child.Cancel) -> tuple[Ran, Record]:
        """What came of a trial, of which one test may take `limit` and the whole `wall` seconds; and what it wrote."""
        return Attempt(self, trial, known, limit, time.monotonic() + wall, cancel).outcome()


class Attempt:
    """One trial, with as many processes as it takes."""

    def __init__(
        self, bench: Bench, trial: Trial, known: Known, limit: float, until: float, cancel: child.Cancel
    ) -> None:
        self.bench, self.trial, self.known, self.limit, self.until, self.cancel = (
            bench, trial, known, limit, until, cancel,
        )  # fmt: skip
        self.tools = bench.equipment
        self.settings = dict(trial.settings)
        self.around = {} if trial.at else self.settings  # with lines, all else is as in the base
        self.results: dict[reading.Turn, Result] = {}
        self.lost: set[str] = set()
        self.record = Record()

    def outcome(self) -> tuple[Ran, Record]:
        """Run it, and the rest of it for as long as tests end their process."""
        began = time.monotonic()
        self._prepare()
        reason = ""
        with self._busy():
            reason = self._process(self.trial.tests, 0)
            for number in range(1, CASUALTIES + 1):
                rest = self._rest()
                if reason or not rest:
                    break
                before = len(self.results), len(self.lost)
                reason = self._process(rest, number)
                if not reason and before == (len(self.results), len(self.lost)):
                    reason = f"pytest ended without a word before it ran {rest[0]}"
            else:
                if self._rest() and not reason:
                    reason = f"more than {CASUALTIES} tests ended the process in which they ran"
        return self._ran(reason, time.monotonic() - began), self.record

    def _prepare(self) -> None:
        self.work = self.bench.place / "w"
        workspace.remove(self.work)
        for name in ("cache", "elsewhere", "trial"):
            (self.work / name).mkdir(parents=True, mode=0o700)
        own = self.tools.root.name or "project"
        value = self.around.get("directory", "project")
        self.outside = value == OUTSIDE
        named = {"project": own, OUTSIDE: own, "deep": f"{DEEP}/{own}"}.get(value, value)
        self.root = self.bench.checkout.fresh(named)
        self.env = self._environment()

    def _environment(self) -> dict[str, str]:
        tools, around = self.tools, self.around
        value = {name: around.get(name, factor.base) for name, factor in FACTORS.items()}
        env = {**tools.environ, **surroundings.private(self.work, tools.home)}
        zone, _ = tools.means.zone(value["timezone"])
        env |= {
            "PYTHONHASHSEED": value["hashseed"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "TZ": zone,
            "LC_ALL": "C" if value["locale"] == "ASCII" else value["locale"],
        }
        if locales := tools.means.locale(self.settings.get("locale", value["locale"])):
            env["LOCPATH"] = locales
        if value["optimize"] != "0":
            env["PYTHONOPTIMIZE"] = value["optimize"]
        before = [str(tools.package), *((tools.means.machine or ()) if "clock" in self.settings else ())]
        env["PYTHONPATH"] = tools.imports.path(self.root, before, tools.root, tools.pythonpath)
        return surroundings.changed(env, value["environment"])

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Keep every processor at work meanwhile, where that is asked for."""
        if self.around.get("load") != "busy":
            yield
            return
        over = threading.Event()
        argv = [str(self.tools.python), "-I", "-S", "-c", "while True: pass"]
        limits = child.Limits(wall=max(1.0, self.until - time.monotonic()))
        with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            for _ in range(2 * (os.cpu_count() or 1)):
                pool.submit(child.run, argv, cwd=self.work, env=self.tools.environ, limits=limits, cancel=over)
            try:
                time.sleep(0.3)
                yield
            finally:
                over.set()

    def _rest(self) -> tuple[str, ...]:
        """The tests that have not run as often as they were to, those that ended their process left out."""
        wanted = self.record.collected
        turns = range(1, int(self.settings.get("repeat", "1")) + 1)
        return tuple(
            one for one in wanted if one not in self.lost and not all((one, turn) in self.results for turn in turns)
        )

    @property
    def _halves(self) -> bool:
        return "parallel" in self.settings and not self.tools.means.xdist

    def _process(self, tests: Sequence[str], number: int) -> str:
        """Run these tests in a process, or two side by side; the reason why it gave no answer, or ""."""
        left = self.until - time.monotonic()
        if left <= 0:
            return "its time was over"
        every = tuple(tests) or self.known.tests
        parts: list[tuple[str, ...]] = [tuple(tests)]
        if self._halves and len(every) > 1 and not number:
            parts = [every[0::2], every[1::2]]
        prefixes = [
            self.work / "trial" / f"events{number}{'' if len(parts) == 1 else f'-{part}'}" for part in range(len(parts))
        ]
        if len(parts) == 1:
            ended = [self._start(parts[0], prefixes[0], 0, left, again=number > 0)]
        else:
            with ThreadPoolExecutor(len(parts)) as pool:
                jobs = [
                    pool.submit(self._start, part, prefix, index, left, again=False)
                    for index, (part, prefix) in enumerate(zip(parts, prefixes, strict=True))
                ]
                ended = [job.result() for job in jobs]
        return self._account(reading.read(prefixes, self.root), ended)

    def _start(self, tests: Sequence[str], prefix: Path, part: int, wall: float, *, again: bool) -> Completed:
        settings = dict(self.settings)
        if self._halves:
            settings.pop("parallel", None)
        if again:
            settings.pop("order", None)  # the rest is in the order in which it was to run
        spec = {
            "events": str(prefix),
            "root": str(self.root),
            "tests": list(tests),
            "settings": settings,
            "base": {name: factor.base for name, factor in FACTORS.items()},
            "limit": self.limit,
            "watch": list(self.trial.watch),
            "at": [[one.path, one.line] for one in self.trial.at],
            "writable": [str(self.root), str(self.work)],
            "turns": int(settings.get("repeat", "1")),
            "part": part,
        }
        file = prefix.with_suffix(".json")
        file.write_bytes(msgspec.json.encode(spec))
        workers = settings.get("parallel")
        named = "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in self.env
        means = self.tools.means
        argv = [*means.entering(self.around.get("user", "own")), *means.bound(self.around.get("cpus", "own"))]
        argv += command.pytest(
            self.tools.python, self.root, self.work / "cache", self.tools.suite, workers=workers, named=named
        )
        argv += ["-W", command.UNASSERTED] if "optimize" in self.around else []
        argv += command.arguments(self.tools.suite, tests, self.root, outside=self.outside)
        cwd = self.work / "elsewhere" if self.outside else self.root
        limits = child.Limits(wall=wall, output=OUTPUT)
        return child.run(argv, cwd=cwd, env={**self.env, "VLTAIR_TRIAL": str(file)}, limits=limits, cancel=self.cancel)

    def _account(self, record: Record, ended: Sequence[Completed]) -> str:
        """Take over what was written; the reason why nothing can be said, or ""."""
        for turn, result in record.results.items():
            self.results.setdefault(turn, result)
            if result.ended == "hang":
                self.lost.add(turn[0])
        late = any(one.status == "TIMEOUT" for one in ended)
        for turn, result in record.open.items():
            self.lost.add(turn[0])
            self.results.setdefault(turn, _casualty(result, late=late, ended=ended))
        first = not self.record.seen and not self.record.collected
        if first:
            self.record = record
        if late and not record.open and self._rest():
            return "its time was over"
        if (
            any(one.status == "KILLED" and one.reason.startswith("not started") for one in ended)
            or self.cancel.is_set()
        ):
            return "it was interrupted"
        if record.uncollected and (self.trial.tests or self.known.tests):
            return ""
        worst = next((one for one in ended if one.code in FELL_OVER), None)
        if worst is not None and not (record.results or record.open):
            return f"{FELL_OVER[worst.code or 0]}: {self._complaint(worst)}"
        if (first and record.silent) or (record.status is None and not record.collected and not record.uncollected):
            return f"pytest gave no answer: {self._complaint(ended[0])}"
        return ""

    def _complaint(self, ended: Completed) -> str:
        lines = [line.strip() for line in (ended.errors + "\n" + ended.text).splitlines() if line.strip()]
        told = [
            line.removeprefix("ERROR: ")
            for line in lines
            if line.startswith(("ERROR:", "E  ", "INTERNALERROR> ")) or ": error: " in line
        ]
        if ended.status in ("TIMEOUT", "MEM_LIMIT", "NOT_INSTALLED", "INTERNAL_ERROR", "SANDBOX_DENIED"):
            told = [ended.reason]
        line = (told or lines or [ended.reason or f"code {ended.code}"])[
            0 if told and "INTERNALERROR" not in told[0] else -1
        ]
        for place, shown in ((str(self.root), "."), (str(self.work), "")):
            line = line.replace(place, shown)
        return line.removeprefix("INTERNALERROR> ").removeprefix("E  ").strip()[:300]

    def _ran(self, reason: str, seconds: float) -> Ran:
        results = [*self.results.values(), *self._absent()]
        status: Any = "broken" if reason else "done"
        asked = {name: value for name, value in self.settings.items() if name != "order"}
        missed = {} if reason else proof.missed(asked, self.record, self.known.effects, halves=self._halves)
        if not self.results:
            missed.pop("repeat", None)
        return Ran(
            trial=self.trial,
            status=status,
            reason=reason,
            results=tuple(results),
            missed=missed,
            methods=self._methods(),
            reads=tuple(sorted(self.record.reads)),
            effects=tuple(self.record.effects),
            seconds=seconds,
        )

    def _absent(self) -> Iterator[Result]:
        """Tests of files that could not be collected, and the files themselves where nothing of them is known."""
        expected = self.trial.tests or self.known.tests
        ran = {nodeid for nodeid, _ in self.results}
        record, told = self.record, set()
        for one in (one for one in expected if one not in ran):
            kept = next((file for file in (*record.uncollected, *record.skipped) if _within(one, file)), None)
            if kept is None and not record.collected and record.uncollected:
                kept = next(iter(record.uncollected))  # a conftest, without which nothing is collected
            if kept is not None:
                told.add(kept)
                yield msgspec.structs.replace((record.uncollected | record.skipped)[kept], nodeid=one)
            elif "::" not in one and record.status is not None and (self.root / one).is_file():
                # A file that could not be collected in the base is a test of its own: here it could.
                yield Result(nodeid=one, ended="passed")
        yield from (result for file, result in record.uncollected.items() if file not in told and file not in ran)

    def _methods(self) -> dict[str, str]:
        found = {}
        for name, value in self.settings.items():
            method = self._method(name, value)
            if method:
                found[name] = method
        return found

    def _method(self, name: str, value: str) -> str:
        means = self.tools.means
        if name == "timezone":
            return means.zone(value)[1]
        if name == "locale" and means.locale(value):
            return "compiled by localedef"
        if name == "user" and means.entering(value):
            return "user name space"
        if name == "parallel":
            return "two processes" if self._halves else "xdist"
        if name == "clock":
            return "time-machine"
        return ""


def _within(nodeid: str, collector: str) -> bool:
    return nodeid == collector or nodeid.startswith((f"{collector}::", f"{collector}/"))


def _casualty(begun: Result, *, late: bool, ended: Sequence[Completed]) -> Result:
    if late:
        message = "it had not ended when its time was over"
        return msgspec.structs.replace(begun, ended="hang", fingerprint="hang", message=message)
    codes = [one.code for one in ended if one.code is not None and one.code < 0]
    how = f" by signal {-codes[0]}" if codes and sys.platform != "win32" else ""
    mark = f"crashed{how}"
    return msgspec.structs.replace(begun, ended="crashed", fingerprint=mark, message=f"its process ended in it{how}")
