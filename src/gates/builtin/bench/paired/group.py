"""Group: processes of all sides that run the same benchmarks in lockstep, and time them in turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from gates.builtin.bench.facts import Kind, Problem, Side, Timed
from gates.builtin.bench.paired import turns
from gates.builtin.bench.paired.turns import Rhythm
from gates.builtin.bench.paired.worker import Lost, Worker
from gates.builtin.bench.protocol import Burst, Ended, Forked, Outcome, Ready, Release, Time
from gates.model.evidence import counted

KINDS: Mapping[Outcome, Kind] = {
    "failed": "errored",
    "skipped": "skipped",
    "disabled": "disabled",
    "idle": "idle",
    "passed": "idle",
}
"""What it means that a benchmark ended before it was ready to be timed."""


@dataclass
class Taken:
    """What one benchmark came to in one group: the times of each burst of each side, and what went wrong."""

    bursts: dict[Side, list[tuple[float, ...]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lost: set[Side] = field(default_factory=set)
    """Sides whose process had gone before this benchmark had its turn."""
    rhythm: Rhythm | None = None

    def timed(self, number: int, *, swapped: bool) -> Timed:
        """The fact of it."""
        least = {side: [min(times) for times in bursts] for side, bursts in self.bursts.items()}
        calls = sorted(time for times in self.bursts.get("head", ()) for time in times)
        cuts = quantiles(calls, n=20, method="inclusive") if len(calls) > 1 else [*calls * 19]
        return Timed(
            pair=number,
            swapped=swapped,
            base=counted(least.get("base", ())),
            head=counted(least.get("head", ())),
            control=counted(least.get("control", ())),
            calls=len(calls),
            median=cuts[9] if cuts else 0.0,
            p95=cuts[18] if cuts else 0.0,
        )


class Group:
    """One group of processes, each in its turn at the same benchmark."""

    def __init__(self, workers: Sequence[Worker], number: int, timeouts: Mapping[str, float], default: float) -> None:
        self._workers = workers
        self._number = number
        self._timeouts = timeouts
        self._default = default

    def take(self, name: str, sides: Sequence[Side], rhythm: Rhythm | None, slow: float = 0.0) -> Taken:
        """One benchmark on the sides that have it; `slow` is what head is made to take longer, as a share."""
        taken = Taken(rhythm=rhythm)
        ready: list[tuple[Worker, Ready]] = []
        for worker in self._workers:
            if worker.side not in sides:
                continue
            if worker.lost is not None:
                taken.lost.add(worker.side)
            elif (one := self._await(worker, name, taken)) is not None:
                ready.append((worker, one))
        if any(worker.side == "head" for worker, _ in ready):
            taken.rhythm = rhythm or self._rhythm([one for _, one in ready])
            self._time(name, [worker for worker, _ in ready], taken, slow)
        for worker, _ in ready:
            worker.tell(Release())
        for worker, _ in ready:
            if not any(one.side == worker.side and one.kind != "moved" for one in taken.problems):
                self._finish(worker, name, taken)
        return taken

    @staticmethod
    def _rhythm(ready: Sequence[Ready]) -> Rhythm:
        slowest = max(ready, key=lambda one: one.seconds)
        return turns.rhythm(slowest.seconds, next((one.loops for one in ready if one.loops), None))

    def _time(self, name: str, workers: Sequence[Worker], taken: Taken, slow: float) -> None:
        assert taken.rhythm is not None  # noqa: S101 - told to the type checker
        held = taken.rhythm
        broken: set[Side] = set()
        for order in turns.orders(workers, held.bursts, self._number):
            for worker in order:
                if worker.side in broken:
                    continue
                share = slow if worker.side == "head" else 0.0
                worker.tell(Time(calls=held.calls, loops=held.loops, slow=share))
                said = self._said(worker, name, taken)
                if isinstance(said, Burst):
                    taken.bursts.setdefault(worker.side, []).append(said.times)
                else:
                    broken.add(worker.side)
        for side in broken:
            taken.bursts.pop(side, None)

    def _await(self, worker: Worker, name: str, taken: Taken) -> Ready | None:
        """The benchmark's readiness, or None where it ended instead, which is noted."""
        said = self._said(worker, name, taken)
        return said if isinstance(said, Ready) else None

    def _finish(self, worker: Worker, name: str, taken: Taken) -> None:
        """Hear how a benchmark ended that was timed; what raises now is a problem, though there are figures."""
        said = self._said(worker, name, taken, timed=True)
        if isinstance(said, Ready | Burst):
            worker.lose(Lost("crashed", "it does not keep to the order in which it is asked"))

    def _said(self, worker: Worker, name: str, taken: Taken, *, timed: bool = False) -> Ready | Burst | None:
        """What a process says of a benchmark; None with the problem noted where it ended, forked on, or was lost."""
        while True:
            try:
                said = worker.receive(self._timeouts.get(name, self._default))
            except Lost as lost:
                self._note(taken, worker.side, "hung" if lost.kind == "hung" else "crashed", str(lost))
                return None
            if isinstance(said, Forked):
                self._note(taken, worker.side, "forked", "it forked, and the copy of the process went on")
            elif isinstance(said, Ended):
                self._ended(worker, said, taken, timed=timed)
                return None
            elif isinstance(said, Ready | Burst) and said.id == name:
                return said
            else:
                worker.lose(Lost("crashed", "it runs another benchmark than it was asked for"))
                self._note(taken, worker.side, "crashed", str(worker.lost))
                return None

    def _ended(self, worker: Worker, said: Ended, taken: Taken, *, timed: bool) -> None:
        if said.moved:
            self._note(taken, worker.side, "moved", "it leaves the current directory changed")
        if not (timed and said.outcome == "passed"):
            self._note(taken, worker.side, KINDS[said.outcome], said.message or "it was never called")

    @staticmethod
    def _note(taken: Taken, side: Side, kind: Kind, message: str) -> None:
        taken.problems.append(Problem(side=side, kind=kind, message=message))
