"""Local: the laboratory of this machine; trials in processes of their own, several at a time."""

from __future__ import annotations

import hashlib
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import msgspec

import gates
from gates.builtin.diagnosis.laboratory import command, imports, surroundings, template
from gates.builtin.diagnosis.laboratory.journal import Journal
from gates.builtin.diagnosis.laboratory.means import Means
from gates.builtin.diagnosis.laboratory.running import Bench, Equipment, Known
from gates.builtin.diagnosis.trial import Ran, Trial
from gates.process import child
from gates.process.interpreter import Interpreter
from gates.project import workspace
from gates.project.facts import Project

PACKAGE = "vltair_trial"
CHILD = Path(__file__).parent.parent / "child"
LEAST, TIMES = 10.0, 20.0
"""A test may take so many seconds, or so many times what it took in the base, whichever is more."""
UNKNOWN = 60.0
"""What a test may take as long as the base is not known."""
PATIENCE = 120.0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is: trials that are done, of those that were asked for so far; seconds spent, and perhaps to come."""

    done: int
    known: int
    seconds: float
    left: float | None


Observer = Callable[[Progress], None]


class Local:
    """Runs trials: each in a fresh checkout of the project, several at a time, none twice."""

    def __init__(
        self,
        equipment: Equipment,
        benches: Sequence[Bench],
        journal: Journal,
        *,
        notes: tuple[str, ...] = (),
        deadline: float | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.equipment = equipment
        self.notes = notes
        self.trials = 0
        self.resumed = 0
        self.begun = time.monotonic()
        self._journal = journal
        self._deadline = deadline
        self._observer = observer
        self._benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        for bench in benches:
            self._benches.put(bench)
        self._jobs = len(benches)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._kept = journal.read()
        self._done: dict[Trial, Ran] = {}
        self._asked: set[Trial] = set()
        self._known = Known()
        self._seconds: dict[str, float] = {}
        self._base = 0.0
        self._cpu = _cpu()

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Factors of which no value can be had here, with the reason."""
        return self.equipment.means.unavailable

    @property
    def seconds(self) -> float:
        """Wall time since the laboratory was opened."""
        return time.monotonic() - self.begun

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all that was run."""
        return _cpu() - self._cpu

    @property
    def base_seconds(self) -> float:
        """What the first run of the whole suite in the base took; 0 as long as there was none."""
        return self._base

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had on this machine, likeliest first."""
        return self.equipment.means.values(factor)

    def finished(self) -> None:
        """The diagnosis has come to its end: nothing of it is kept for another."""
        self._journal.clear()

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each, in their order."""
        wanted = list(dict.fromkeys(one for one in trials if one not in self._done))
        self._asked.update(wanted)
        if not self._known.tests and len(wanted) > 1 and Trial() in wanted:
            # All others are measured by the base.
            self._together([Trial()])
        wanted = [one for one in wanted if one not in self._done]
        self._together([one for one in wanted if not _alone(one)])
        for one in wanted:
            if _alone(one):
                self._together([one])
        return [self._done[one] for one in trials]

    def _together(self, trials: Sequence[Trial]) -> None:
        if not trials:
            return
        with ThreadPoolExecutor(min(self._jobs, len(trials)), thread_name_prefix="trial") as pool:
            jobs: list[Future[None]] = [pool.submit(self._one, one) for one in trials]
            try:
                wait(jobs, return_when="FIRST_EXCEPTION")
            except BaseException:
                self._stop.set()
                for job in jobs:
                    job.cancel()
                raise
        for job in jobs:
            job.result()

    def _one(self, trial: Trial) -> None:
        ran = self._kept.get(trial)
        if ran is not None and self._known.tests:
            self.resumed += 1
        else:
            ran = self._fresh(trial)
        with self._lock:
            # A run that was cut short by the budget may be asked for again, by whoever has more of it.
            self._done[trial] = ran
        self._tell()

    def _fresh(self, trial: Trial) -> Ran:
        left = float("inf") if self._deadline is None else self._deadline - time.monotonic()
        if left <= 0:
            return Ran(trial=trial, status="budget", reason="the time budget was used up before this run")
        limit = trial.limit or self._limit(trial)
        wall = min(left, self._wall(trial, limit))
        bench = self._benches.get()
        try:
            ran, record = bench.run(trial, self._known, limit=limit, wall=wall, cancel=self._stop)
        finally:
            self._benches.put(bench)
        if ran.status == "broken" and wall == left and time.monotonic() >= (self._deadline or 0.0):
            return msgspec.structs.replace(ran, status="budget", reason="the time budget was used up in this run")
        with self._lock:
            self.trials += 1
            if ran.status == "done" and not trial.tests and not trial.settings and not self._known.tests:
                self._base = ran.seconds
                self._known = Known(tests=ran.order, effects=record.seen.get("main", {}))
                self._seconds = {one.nodeid: one.seconds for one in ran.results}
        self._journal.note(ran)
        return ran

    def _limit(self, trial: Trial) -> float:
        if not self._seconds:
            return UNKNOWN
        tests = trial.tests or tuple(self._seconds)
        return max(LEAST, TIMES * max((self._seconds.get(one, 0.0) for one in tests), default=0.0))

    def _wall(self, trial: Trial, limit: float) -> float:
        """No run takes longer than this, whatever its tests do."""
        if not self._seconds:
            return 3600.0
        turns = int(dict(trial.settings).get("repeat", "1"))
        return PATIENCE + 3 * limit + TIMES * self._base * turns

    def _tell(self) -> None:
        if self._observer is None:
            return
        with self._lock:
            done, known, spent = len(self._done), len(self._asked), self.seconds
        ran = max(1, self.trials)
        left = (known - done) * spent / ran if self.trials else None
        self._observer(Progress(done=done, known=known, seconds=spent, left=left))


@contextmanager
def opened(
    project: Project,
    interpreter: Interpreter,
    *,
    environ: Mapping[str, str],
    state: Path,
    scratch: Path | None = None,
    jobs: int = 1,
    deadline: float | None = None,
    args: Sequence[str] = (),
    observer: Observer | None = None,
) -> Iterator[Local]:
    """The laboratory of this machine for a project; all that it made is gone when the block ends.

    `deadline` is a moment of the monotonic clock, `args` are arguments of pytest that choose the suite, `state` is the
    folder in which results are kept for a diagnosis that is stopped.

    Raises:
        ProjectError: the project cannot be copied.
    """
    with workspace.folder(scratch) as place:
        pristine = template.made(project, place / "template")
        (place / "means").mkdir()
        package = place / "child"
        shutil.copytree(CHILD, package / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        compile_all = [str(interpreter.path), "-I", "-S", "-m", "compileall", "-q", "-o", "0", "-o", "1", "-o", "2"]
        child.run([*compile_all, str(package)], cwd=place, env=child.environment(environ), limits=child.Limits(wall=60))
        neutral = surroundings.neutral(environ)
        path = neutral.pop("PYTHONPATH", "")
        asking = {**neutral, "PYTHONDONTWRITEBYTECODE": "1"}
        found = imports.found(project, interpreter, {**asking, "PYTHONPATH": path}, place / "means")
        equipment = Equipment(
            python=interpreter.path,
            root=project.root,
            suite=command.suite(project, args),
            environ=neutral,
            home=environ.get("HOME"),
            pythonpath=path,
            package=package,
            imports=found,
            means=Means(interpreter.path, asking, place / "means"),
        )
        led = {**asking, "PYTHONPATH": found.path(pristine.root, (), project.root, path)}
        note = imports.astray(found, interpreter, led, pristine.root, place / "means")
        benches = []
        for number in range(max(1, jobs)):
            bench = place / str(number)
            bench.mkdir(mode=0o755)
            benches.append(Bench(equipment, template.Checkout(pristine, bench), bench))
        key = _key(pristine.digest, interpreter, args)
        yield Local(
            equipment,
            benches,
            Journal(state, key),
            notes=(note,) if note else (),
            deadline=deadline,
            observer=observer,
        )


def _key(tree: str, interpreter: Interpreter, args: Sequence[str]) -> str:
    said = [tree, interpreter.digest, str(interpreter.path), gates.__version__, *args]
    said += [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(CHILD.rglob("*.py"))]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _alone(trial: Trial) -> bool:
    return trial.quiet or dict(trial.settings).get("load") == "busy"


def _cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system
