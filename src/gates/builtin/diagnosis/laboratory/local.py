"""Local: the laboratory of this machine; trials in processes of their own, several at a time."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import msgspec

from gates.builtin.diagnosis.laboratory.equipment import Equipment
from gates.builtin.diagnosis.laboratory.journal import Journal
from gates.builtin.diagnosis.laboratory.limits import Limits
from gates.builtin.diagnosis.laboratory.running import Bench, unstarted
from gates.builtin.diagnosis.trial import Ran, Trial


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
        self.deadline = deadline
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
        self._known: tuple[str, ...] = ()
        self._limits = Limits()
        self._short = False
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
        return self._limits.base

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had on this machine, likeliest first."""
        return self.equipment.means.values(factor)

    def finished(self) -> None:
        """The diagnosis has come to its end: nothing of it is kept for another, unless it was for want of time."""
        if not self._short:
            self._journal.clear()

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        """What came of each, in their order."""
        wanted = list(dict.fromkeys(one for one in trials if one not in self._done))
        self._asked.update(wanted)
        if not self._known and len(wanted) > 1 and Trial() in wanted:
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
        if ran is not None:
            self.resumed += 1
        else:
            ran = self._fresh(trial)
        with self._lock:
            # A run that was cut short by the budget may be asked for again, by whoever has more of it.
            self._done[trial] = ran
            self._short = self._short or ran.status == "budget"
            if ran.status == "done" and not trial.tests and not trial.settings and not self._known:
                self._known = ran.order
                self._limits = Limits.measured(ran)
        self._tell()

    def _fresh(self, trial: Trial) -> Ran:
        left = float("inf") if self.deadline is None else self.deadline - time.monotonic()
        if left <= 0:
            return Ran(trial=trial, status="budget", reason="the time budget was used up before this run")
        limit = trial.limit or self._limits.of(trial, left)
        wall = min(left, self._limits.wall(trial, limit))
        bench = self._benches.get()
        try:
            ran = bench.run(trial, self._known, limit=limit, wall=wall, cancel=self._stop)
        except OSError as error:
            why = error.strerror or type(error).__name__
            ran = unstarted(trial, f"its copy of the project could not be made: {why}")
        finally:
            self._benches.put(bench)
        if ran.status == "broken" and wall == left and time.monotonic() >= (self.deadline or 0.0):
            return msgspec.structs.replace(ran, status="budget", reason="the time budget was used up in this run")
        with self._lock:
            self.trials += 1
        self._journal.note(ran)
        return ran

    def _tell(self) -> None:
        if self._observer is None:
            return
        with self._lock:
            done, known, spent = len(self._done), len(self._asked), self.seconds
        ran = max(1, self.trials)
        left = (known - done) * spent / ran if self.trials else None
        self._observer(Progress(done=done, known=known, seconds=spent, left=left))


def _alone(trial: Trial) -> bool:
    return trial.quiet or dict(trial.settings).get("load") == "busy"


def _cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system
