"""Session: as many groups of processes as are asked for, and more for suspects up to a number fixed in advance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gates.builtin.bench.facts import Benchmark, Problem, Side, Timed
from gates.builtin.bench.paired import worker as processes
from gates.builtin.bench.paired.group import Group, Taken
from gates.builtin.bench.paired.worker import Lost, Worker
from gates.builtin.bench.protocol import Done, Found, Select
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.bench.paired.turns import Rhythm

SPARE = 3
"""Further groups for each benchmark that took down the processes of one: what came after it has to run again."""

IMPORT = "import "
"""How the name of the benchmark of an import begins."""

Workers = Callable[[int, bool, Sequence[str]], list[Worker]]
"""Starts the processes of a group: its number, whether folders are swapped, and the files to collect (none: all)."""


@dataclass
class Course:
    """One benchmark on its way: where it can run, what it took so far, and how many pairs it is to have."""

    found: Found
    target: int
    sides: tuple[Side, ...]
    before: bool
    kind: Literal["test", "command", "import"] = "test"
    rhythm: Rhythm | None = None
    problems: list[Problem] = field(default_factory=list)
    pairs: list[Timed] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it is to be timed again."""
        return "head" in self.sides and len(self.pairs) < self.target

    def add(self, taken: Taken, number: int, *, swapped: bool) -> None:
        """What came of it in one group; only whole ones count."""
        self.rhythm = self.rhythm or taken.rhythm
        for problem in taken.problems:
            if not any((one.side, one.kind) == (problem.side, problem.kind) for one in self.problems):
                self.problems.append(problem)
            if problem.kind != "moved":
                self.sides = tuple(side for side in self.sides if side != problem.side)
        if "head" in self.sides and set(taken.bursts) >= set(self.sides):
            self.pairs.append(taken.timed(number, swapped=swapped))

    def fact(self) -> Benchmark:
        """The fact of it; pairs from before a side was lost have what it took."""
        whole = [one for one in self.pairs if _whole(one, self.sides)]
        return Benchmark(
            id=self.found.id,
            kind=self.kind,
            path=self.found.path or None,
            line=self.found.line or None,
            limit=counted(() if self.found.limit is None else (self.found.limit,)),
            loops=self.rhythm.loops if self.rhythm is not None else 0,
            before=self.before,
            problems=counted(self.problems),
            pairs=counted(whole),
        )


class Session:
    """The groups of one comparison, one after the other."""

    def __init__(
        self,
        workers: Workers,
        *,
        sides: Sequence[Side],
        planned: Callable[[int], int],
        suspects: Callable[[Sequence[Benchmark]], Mapping[str, int]],
        timeout: float,
        progress: Callable[[str], None],
        slow: float = 0.0,
    ) -> None:
        """`planned` is how many pairs each of so many benchmarks gets, `suspects` which need how many in the end."""
        self._workers = workers
        self._sides = tuple(sides)
        self._planned = planned
        self._suspects = suspects
        self._timeout = timeout
        self._progress = progress
        self._slow = slow
        self._number = 0
        self._wrecks = 0
        self.courses: dict[str, Course] = {}

    def run(self) -> Refusal | None:
        """Time every benchmark; a refusal where head could not even collect them."""
        refusal = self._group(first=True)
        if refusal is not None:
            return refusal
        while True:
            while any(course.open for course in self.courses.values()) and self._wrecks <= SPARE * len(self.courses):
                refusal = self._group()
                if refusal is not None:
                    return refusal
            more = self._suspects([course.fact() for course in self.courses.values()])
            for name, target in more.items():
                self.courses[name].target = max(self.courses[name].target, target)
            if not any(self.courses[name].open for name in more):
                return None

    def _group(self, *, first: bool = False) -> Refusal | None:
        number, swapped = self._number, self._number % 4 in {1, 2}
        self._number += 1
        wanted = [course.found for course in self.courses.values() if course.open]
        workers = self._workers(number, swapped, sorted({one.path for one in wanted}))
        try:
            head = next(one for one in workers if one.side == "head")
            if head.lost is not None or head.collected is None:
                return _uncollected(head)
            if first:
                self._enter(workers)
            self._time(workers, number, swapped=swapped)
        finally:
            for one in workers:
                one.end()
        return None

    def _enter(self, workers: Sequence[Worker]) -> None:
        """Take down which benchmarks there are, and which side can run each."""
        listed = {one.side: one.collected for one in workers if one.collected is not None}
        lost = {one.side: str(one.lost) for one in workers if one.lost is not None}
        found = listed["head"].benchmarks
        planned = self._planned(len(found))
        for one in found:
            sides, problems = [], []
            for side in self._sides:
                held = listed.get(side)
                if held is not None and any(other.id == one.id for other in held.benchmarks):
                    sides.append(side)
                    continue
                why = lost.get(side) or next(
                    (broken.message for broken in (held.broken if held else ()) if one.id.startswith(broken.id)),
                    "it is not collected",
                )
                problems.append(Problem(side=side, kind="unlisted", message=why))
            self.courses[one.id] = Course(
                one, planned, tuple(sides), "base" in sides, self._kind(one), problems=problems
            )

    @staticmethod
    def _kind(found: Found) -> Literal["test", "command", "import"]:
        if found.path:
            return "test"
        return "import" if found.id.startswith(IMPORT) else "command"

    def _time(self, workers: Sequence[Worker], number: int, *, swapped: bool) -> None:
        names = [name for name, course in self.courses.items() if course.open]
        for one in workers:
            held = {found.id for found in one.collected.benchmarks} if one.collected is not None else set()
            one.tell(Select(ids=tuple(n for n in names if one.side in self.courses[n].sides and n in held)))
        timeouts = {name: c.found.timeout for name, c in self.courses.items() if c.found.timeout is not None}
        group = Group(workers, number, timeouts, self._timeout)
        for place, name in enumerate(names, start=1):
            self._progress(f"processes {number + 1}, benchmark {place} of {len(names)}: {name}")
            course = self.courses[name]
            taken = group.take(name, course.sides, course.rhythm, self._slow)
            course.add(taken, number, swapped=swapped)
        self._wrecks += any(one.lost is not None for one in workers)
        for one in workers:
            _hang_up(one)


def _hang_up(worker: Worker) -> None:
    if worker.lost is not None:
        return
    try:
        said = worker.receive(processes.END)
    except Lost:
        return
    if not isinstance(said, Done):
        worker.lose(Lost("crashed", "it went on after its last benchmark"))


def _whole(pair: Timed, sides: Iterable[Side]) -> bool:
    held: Mapping[Side, int] = {"base": pair.base.count, "head": pair.head.count, "control": pair.control.count}
    return all(held[side] for side in sides)


def _uncollected(head: Worker) -> Refusal:
    why = str(head.lost) if head.lost is not None else "it does not say what it collected"
    return refuse(
        "tool_crashed", f"the benchmarks of head could not be collected: {why}", "python -m pytest --collect-only"
    )
