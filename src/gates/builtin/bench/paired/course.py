"""Course: one benchmark on its way through all groups of processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from statistics import quantiles
from typing import Literal

from gates.builtin.bench.facts import Benchmark, Problem, Side, Timed
from gates.builtin.bench.paired.group import Taken
from gates.builtin.bench.paired.protocol import Broken, Collected, Found
from gates.builtin.bench.paired.turns import Rhythm
from gates.model.evidence import counted

IMPORT = "import "
"""How the name of the benchmark of an import begins."""


@dataclass
class Course:
    """One benchmark: where it can still run, what it took so far, and how many pairs it is to have.

    `absent` are the sides that did not come to it in the last group, each with why.
    """

    found: Found
    target: int
    sides: tuple[Side, ...]
    before: bool
    rhythm: Rhythm | None = None
    problems: list[Problem] = field(default_factory=list)
    pairs: list[Timed] = field(default_factory=list)
    absent: Mapping[Side, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it is to be timed again."""
        return "head" in self.sides and len(self.pairs) < self.target

    @property
    def steps(self) -> int:
        """Grows with all that a group brings it further by."""
        return len(self.pairs) + len(self.problems)

    def add(self, taken: Taken, number: int, *, swapped: bool) -> None:
        """What came of it in one group; only whole ones count."""
        self.rhythm = self.rhythm or taken.rhythm
        self.absent = taken.absent
        for problem in taken.problems:
            self.note(problem)
        if "head" in self.sides and set(taken.bursts) >= set(self.sides):
            self.pairs.append(_timed(taken, number, swapped=swapped))

    def note(self, problem: Problem) -> None:
        """Take down a problem, of each side and kind the first; the side does not run it again."""
        if not any((one.side, one.kind) == (problem.side, problem.kind) for one in self.problems):
            self.problems.append(problem)
        if problem.kind != "moved":
            self.sides = tuple(side for side in self.sides if side != problem.side)

    def give_up(self) -> None:
        """Do without the sides that do not come to it."""
        absent = {side: why for side, why in self.absent.items() if side in self.sides}
        for side, why in (absent or {"head": "it never came to its turn"}).items():
            self.note(Problem(side=side, kind="missing", message=why))

    def fact(self) -> Benchmark:
        """The fact of it; pairs from before a side was lost have what it took."""
        return Benchmark(
            id=self.found.id,
            kind=self._kind,
            path=self.found.path or None,
            line=self.found.line or None,
            limit=counted(() if self.found.limit is None else (self.found.limit,)),
            was=counted(()),
            loops=self.rhythm.loops if self.rhythm is not None else 0,
            before=self.before,
            problems=counted(self.problems),
            pairs=counted(self.pairs),
        )

    @property
    def _kind(self) -> Literal["test", "command", "import"]:
        if self.found.path:
            return "test"
        return "import" if self.found.id.startswith(IMPORT) else "command"


def entered(
    head: Collected, listed: Mapping[Side, Collected | None], lost: Mapping[Side, str], target: int
) -> list[Course]:
    """A course for each benchmark of head; `listed` is what each side collected, `lost` why one did not."""
    held = {side: ids(one) for side, one in listed.items()}
    courses = []
    for found in head.benchmarks:
        sides = tuple(side for side in listed if found.id in held[side])
        problems = [
            Problem(side=side, kind="unlisted", message=lost.get(side) or uncollected(found.id, one))
            for side, one in listed.items()
            if side not in sides
        ]
        courses.append(Course(found, target, sides, "base" in sides, problems=problems))
    return courses


def ids(collected: Collected | None) -> frozenset[str]:
    """The benchmarks that a process collected."""
    return frozenset() if collected is None else frozenset(one.id for one in collected.benchmarks)


def uncollected(name: str, collected: Collected | None) -> str:
    """Why a process did not collect a benchmark."""
    return why_not(name, () if collected is None else collected.broken) or "it is not collected"


def why_not(name: str, broken: Iterable[Broken]) -> str:
    """What kept a benchmark from being collected, or nothing where nothing did."""
    for one in broken:
        if is_below(name, one.id):
            return one.message if name.startswith(f"{one.id}::") else one.said
    return ""


def is_below(name: str, broken: str) -> bool:
    """Whether a benchmark is in a file, class or folder that could not be collected; a conftest.py is its folder's."""
    if PurePosixPath(broken).name == "conftest.py":
        folder = PurePosixPath(broken).parent.as_posix()
        return folder == "." or name.startswith(f"{folder}/")
    return broken in {"", ".", name} or name.startswith((f"{broken}::", f"{broken}/"))


def _timed(taken: Taken, number: int, *, swapped: bool) -> Timed:
    least = {side: [min(times) for times in bursts] for side, bursts in taken.bursts.items()}
    calls = sorted(time for times in taken.bursts.get("head", ()) for time in times)
    median, p95 = _percentiles(calls)
    return Timed(
        pair=number,
        swapped=swapped,
        base=counted(least.get("base", ())),
        head=counted(least.get("head", ())),
        control=counted(least.get("control", ())),
        calls=len(calls),
        median=median,
        p95=p95,
    )


def _percentiles(calls: Sequence[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 keep to."""
    cuts = quantiles(calls, n=20, method="inclusive") if len(calls) > 1 else [calls[0]] * 19
    return cuts[9], cuts[18]
