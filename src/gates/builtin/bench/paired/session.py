"""Session: as many groups of processes as are asked for, and more for suspects up to a number fixed in advance."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

from gates.builtin.bench.facts import Benchmark, Problem, Side
from gates.builtin.bench.paired import course as courses
from gates.builtin.bench.paired import worker as processes
from gates.builtin.bench.paired.course import Course
from gates.builtin.bench.paired.group import FORKED, Group
from gates.builtin.bench.paired.protocol import Broken, Select
from gates.builtin.bench.paired.worker import Worker
from gates.model.evidence import Refusal, refuse

SPARE = 3
"""Groups in a row that bring no benchmark further, as where processes do not start, before it is enough."""

Workers = Callable[[int, bool, Sequence[str]], "list[Worker] | Refusal"]
"""Starts the processes of a group: its number, whether folders are swapped, and the files to collect (none: all)."""


class Session:
    """The groups of one comparison, one after the other; `broken` is what head could not collect."""

    def __init__(
        self,
        workers: Workers,
        *,
        planned: Callable[[int], int],
        suspects: Callable[[Sequence[Benchmark]], Mapping[str, int]],
        timeout: float,
        seconds: float = math.inf,
        progress: Callable[[str], None],
        slow: float = 0.0,
    ) -> None:
        """`planned` is how many pairs each of so many benchmarks gets, `suspects` which need how many in the end.

        A benchmark may take `timeout` seconds, all groups together `seconds`: where what was planned takes longer, that
        is said after the first of them, and suspects get no pairs for which there is no time.
        """
        self._workers = workers
        self._planned = planned
        self._suspects = suspects
        self._timeout = timeout
        self._seconds = seconds
        self._begun = time.monotonic()
        self._progress = progress
        self._slow = slow
        self._number = 0
        self._courses: dict[str, Course] = {}
        self.broken: tuple[Broken, ...] = ()

    @property
    def benchmarks(self) -> list[Benchmark]:
        """The fact of each benchmark, as far as it is known."""
        return [course.fact() for course in self._courses.values()]

    def run(self) -> Refusal | None:
        """Time every benchmark; a refusal where head could not even collect them, or where no process may run."""
        refusal = self._group(first=True) or self._hopeless()
        barren = 0
        while refusal is None and self._are_left():
            before = self._steps
            refusal = self._group()
            barren = barren + 1 if self._steps == before else 0
            if barren > SPARE:
                barren = 0
                for course in self._open:
                    course.give_up()
        return refusal

    @property
    def _open(self) -> list[Course]:
        return [course for course in self._courses.values() if course.open]

    @property
    def _steps(self) -> int:
        return sum(course.steps for course in self._courses.values())

    def _are_left(self) -> bool:
        """Whether any is to be timed again; what the suspects need is looked up once the others are done."""
        if not self._open:
            more = self._suspects(self.benchmarks)
            if self._is_time_for(more):
                for name, target in more.items():
                    self._courses[name].target = max(self._courses[name].target, target)
        return bool(self._open)

    def _hopeless(self) -> Refusal | None:
        """Why there is no use in going on, as seen from how long the first group took."""
        taken = time.monotonic() - self._begun
        most = max((course.target for course in self._open), default=0)
        if taken * most <= self._seconds:
            return None
        message = f"one round of all benchmarks takes {taken:.0f} s, and {most} rounds are more than `timeout` allows"
        fix = f"set timeout = {math.ceil(taken * most * 2)} in [tool.gates.bench], or name fewer benchmarks in `paths`"
        return refuse("timeout", message, fix)

    def _is_time_for(self, more: Mapping[str, int]) -> bool:
        """Whether so many pairs can be had, as seen from how long those took that there are."""
        taken = time.monotonic() - self._begun
        there = {name: len(course.pairs) for name, course in self._courses.items()}
        wanted = sum(target - there[name] for name, target in more.items())
        return taken * (1 + wanted / max(sum(there.values()), 1)) <= self._seconds

    def _group(self, *, first: bool = False) -> Refusal | None:
        number, swapped = self._number, self._number % 4 in {1, 2}
        self._number += 1
        workers = self._workers(number, swapped, sorted({course.found.path for course in self._open}))
        if isinstance(workers, Refusal):
            return workers
        try:
            if first:
                refusal = self._enter(workers)
                if refusal is not None:
                    processes.end(workers, at_once=True)
                    return refusal
            self._time(workers, number, swapped=swapped)
        except BaseException:
            processes.end(workers, at_once=True)
            raise
        processes.end(workers)
        return None

    def _enter(self, workers: Sequence[Worker]) -> Refusal | None:
        """Take down which benchmarks there are, and which side can run each."""
        head = next(one for one in workers if one.side == "head")
        if head.collected is None:
            return uncollectable(str(head.lost))
        listed = {one.side: one.collected for one in workers}
        lost = {one.side: str(one.lost) for one in workers if one.lost is not None}
        planned = self._planned(len(courses.ids(head.collected)))
        self._courses = {one.found.id: one for one in courses.entered(head.collected, listed, lost, planned)}
        self.broken = head.collected.broken
        return None

    def _time(self, workers: Sequence[Worker], number: int, *, swapped: bool) -> None:
        held = {one.side: courses.ids(one.collected) for one in workers}
        names = [course.found.id for course in self._open]
        for one in workers:
            told = (name for name in names if one.side in self._courses[name].sides and name in held[one.side])
            one.tell(Select(ids=tuple(told)))
        group = Group(workers, number, self._allowed, self._forked)
        for place, name in enumerate(names, start=1):
            self._progress(f"processes {number + 1}, benchmark {place} of {len(names)}: {name}")
            course = self._courses[name]
            taken = group.take(name, [side for side in course.sides if name in held[side]], course.rhythm, self._slow)
            for one in workers:
                if one.side in course.sides and name not in held[one.side]:
                    taken.absent[one.side] = str(one.lost or courses.uncollected(name, one.collected))
            course.add(taken, number, swapped=swapped)
        group.leave()

    def _allowed(self, name: str) -> float:
        """The seconds that a benchmark may take."""
        return self._courses[name].found.timeout or self._timeout

    def _forked(self, name: str, side: Side) -> None:
        if name in self._courses:
            self._courses[name].note(Problem(side=side, kind="forked", message=FORKED))


def uncollectable(why: str) -> Refusal:
    """Where nothing of head can be run."""
    return refuse(
        "tool_crashed", f"the benchmarks of head could not be collected: {why}", "python -m pytest --collect-only"
    )
