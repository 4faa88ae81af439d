"""Group: processes of all sides that run the same benchmarks in lockstep, and time them in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gates.builtin.bench.facts import Kind, Problem, Side
from gates.builtin.bench.paired import turns
from gates.builtin.bench.paired.protocol import Burst, Done, Ended, Forked, Outcome, Ready, Release, Said, Time
from gates.builtin.bench.paired.turns import Rhythm
from gates.builtin.bench.paired.worker import END, Lost, Worker

KINDS: Mapping[Outcome, Kind] = {
    "failed": "errored",
    "skipped": "skipped",
    "disabled": "disabled",
    "idle": "idle",
    "passed": "idle",
}
"""What it means that a benchmark ended before it was timed."""

FORKED = "it forked, and the copy of the process went on"

S = TypeVar("S", Ready, Burst)


@dataclass
class Taken:
    """What one benchmark came to in one group: the times of each burst of each side, and what went wrong.

    `absent` are sides that did not have it: each with why its process was gone before, or why it was not collected.
    """

    bursts: dict[Side, list[tuple[float, ...]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    absent: dict[Side, str] = field(default_factory=dict)
    rhythm: Rhythm | None = None

    def note(self, side: Side, kind: Kind, message: str) -> None:
        """Take down a problem."""
        self.problems.append(Problem(side=side, kind=kind, message=message))


class Group:
    """One group of processes, each in its turn at the same benchmark; `number` turns their order.

    `late` is called with the id of another benchmark than the present one, and what is found out about that.
    """

    def __init__(
        self, workers: Sequence[Worker], number: int, timeout: Callable[[str], float], late: Callable[[str, Side], None]
    ) -> None:
        self._workers = workers
        self._number = number
        self._timeout = timeout
        self._late = late

    def take(self, name: str, sides: Sequence[Side], rhythm: Rhythm | None, slow: float = 0.0) -> Taken:
        """One benchmark on the sides that were told to run it; `slow` is the share by which head is made slower."""
        taken = Taken(rhythm=rhythm)
        asked = [one for one in self._workers if one.side in sides]
        until = time.monotonic() + self._timeout(name)
        ready: list[tuple[Worker, Ready]] = []
        for worker in asked:
            if worker.lost is not None:
                taken.absent[worker.side] = str(worker.lost)
            elif (said := self._awaited(worker, name, taken, Ready, until)) is not None:
                ready.append((worker, said))
        running = [worker for worker, _ in ready]
        if any(worker.side == "head" for worker in running):
            taken.rhythm = rhythm or _rhythm([said for _, said in ready])
            running = self._time(name, running, taken, taken.rhythm, slow)
        for worker in running:
            worker.tell(Release())
        until = time.monotonic() + self._timeout(name)
        for worker in running:
            self._finish(worker, name, taken, until)
        return taken

    def leave(self) -> None:
        """Hear the last of each process."""
        until = time.monotonic() + END
        for worker in self._workers:
            if worker.lost is None:
                self._dismiss(worker, until)

    def _dismiss(self, worker: Worker, until: float) -> None:
        try:
            while isinstance(said := worker.receive(until - time.monotonic()), Forked):
                self._late(said.id, worker.side)
        except Lost:
            return
        if not isinstance(said, Done):
            worker.lose(Lost("crashed", "it went on after its last benchmark"))

    def _time(self, name: str, workers: Sequence[Worker], taken: Taken, rhythm: Rhythm, slow: float) -> list[Worker]:
        """Time all bursts; returns the processes that wait to be released from the benchmark."""
        running = list(workers)
        for order in turns.orders(workers, rhythm.bursts, self._number):
            for worker in order:
                if worker not in running:
                    continue
                share = slow if worker.side == "head" else 0.0
                worker.tell(Time(calls=rhythm.calls, loops=rhythm.loops, slow=share))
                said = self._awaited(worker, name, taken, Burst, time.monotonic() + self._timeout(name))
                if said is None or not said.times:
                    running.remove(worker)
                    taken.bursts.pop(worker.side, None)
                    if said is not None:
                        self._stray(worker, taken)
                else:
                    taken.bursts.setdefault(worker.side, []).append(said.times)
        return running

    def _awaited(self, worker: Worker, name: str, taken: Taken, kind: type[S], until: float) -> S | None:
        """What a process is to say of a benchmark; None where that ended instead or the process was lost, noted."""
        said = self._heard(worker, name, taken, until)
        if isinstance(said, kind) and said.id == name:
            return said
        if isinstance(said, Ended) and said.id == name:
            _note_end(taken, worker.side, said)
            taken.note(worker.side, KINDS[said.outcome], said.message or "it was never called")
        elif said is not None:
            self._stray(worker, taken)
        return None

    def _finish(self, worker: Worker, name: str, taken: Taken, until: float) -> None:
        """Hear how a benchmark ended that was timed; what raises now is a problem, though there are figures."""
        said = self._heard(worker, name, taken, until)
        if isinstance(said, Ended) and said.id == name:
            _note_end(taken, worker.side, said)
            if said.outcome != "passed":
                taken.note(worker.side, KINDS[said.outcome], said.message)
        elif said is not None:
            self._stray(worker, taken)

    def _heard(self, worker: Worker, name: str, taken: Taken, until: float) -> Said | None:
        """The next message; None with the problem noted where the process was lost."""
        while True:
            try:
                said = worker.receive(until - time.monotonic())
            except Lost as lost:
                hung = f"nothing was heard of it for {self._timeout(name):g} s, and its process was ended"
                taken.note(worker.side, lost.kind, hung if lost.kind == "hung" else str(lost))
                return None
            if not isinstance(said, Forked):
                return said
            if said.id == name:
                taken.note(worker.side, "forked", FORKED)
            else:
                self._late(said.id, worker.side)

    @staticmethod
    def _stray(worker: Worker, taken: Taken) -> None:
        worker.lose(Lost("crashed", "its process does not keep to what it is asked"))
        taken.note(worker.side, "crashed", str(worker.lost))


def _note_end(taken: Taken, side: Side, said: Ended) -> None:
    if said.moved:
        taken.note(side, "moved", "it was put back")


def _rhythm(ready: Sequence[Ready]) -> Rhythm:
    slowest = max(ready, key=lambda one: one.seconds)
    return turns.rhythm(slowest.seconds, next((one.loops for one in ready if one.loops), None))
