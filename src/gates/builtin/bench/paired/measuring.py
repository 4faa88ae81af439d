"""Measuring: every benchmark, command and import of a project, on all sides."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gates.builtin.bench import sides as places
from gates.builtin.bench.facts import Benchmark, Problem, Side
from gates.builtin.bench.paired import start, timer
from gates.builtin.bench.paired.session import IMPORT, Session
from gates.builtin.bench.paired.worker import Lost, Worker, connect
from gates.builtin.bench.protocol import Found, Select
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.bench.paired.channel import Exchange
    from gates.builtin.bench.settings import BenchSettings
    from gates.builtin.bench.sides import Sides
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.register import Cancel

COLLECTION = 300.0
"""Seconds in which a process must have collected its benchmarks."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How many process pairs: of each of so many benchmarks, which of those measured need more, and at most how many.

    `slow` is the share by which head is made slower, to see whether that is found.
    """

    planned: Callable[[int], int]
    suspects: Callable[[Sequence[Benchmark]], Mapping[str, int]]
    most: int
    slow: float = 0.0


@dataclass
class Measured:
    """What came of it: the benchmarks, and those that base's own tree has."""

    benchmarks: list[Benchmark] = field(default_factory=list)
    before: list[Found] = field(default_factory=list)


class Measuring:
    """One comparison: who is started, where, and what they are to run."""

    def __init__(
        self, context: Context[BenchSettings], python: Interpreter, sides: Sides, exchange: Exchange, effort: Effort
    ) -> None:
        self._context = context
        self._python = python
        self._sides = sides
        self._exchange = exchange
        self._effort = effort
        self._before: list[Found] = []
        self._problem: Refusal | None = None

    def run(self) -> Measured | Refusal:
        """The benchmarks of the tests, then commands and imports."""
        measured = Measured()
        settings = self._context.settings
        if _has_tests(self._context):
            answer = self._session(self._pytests, settings.benchmark_timeout)
            if isinstance(answer, Refusal):
                return answer
            measured.benchmarks += answer
            measured.before = self._before
        if settings.command or settings.imports:
            answer = self._session(self._timers, settings.benchmark_timeout)
            if isinstance(answer, Refusal):
                return answer
            measured.benchmarks += answer
        return measured

    def _session(self, workers: Callable[[int, bool, Sequence[str]], list[Worker]], timeout: float) -> Any:
        session = Session(
            workers,
            sides=self._sides.names,
            planned=self._effort.planned,
            suspects=self._effort.suspects,
            timeout=timeout,
            progress=self._context.progress,
            slow=self._effort.slow,
        )
        refusal = session.run()
        if refusal is not None or self._problem is not None:
            return self._problem or refusal
        return [course.fact() for course in session.courses.values()]

    def _pytests(self, number: int, swapped: bool, files: Sequence[str]) -> list[Worker]:
        """A pytest of each side; with the first ones, one of base as it was committed, to hear what it has."""
        original = self._sides.original if number == 0 else None
        listing = [] if original is None else [self._pytest(original, number, ())]
        group = [self._pytest(self._sides.side(name, swapped=swapped), number, files) for name in self._sides.names]
        connect([*listing, *group], self._exchange, COLLECTION)
        for one in listing:
            self._before = [] if one.collected is None else list(one.collected.benchmarks)
            one.tell(Select(ids=()))
            one.end()
        for one in group:
            self._check(one)
        return group

    def _pytest(self, place: places.Side, number: int, files: Sequence[str]) -> Worker:
        modules = self._sides.modules[place.name]

        def run(_side: Side, address: str, cancel: Cancel) -> Completed:
            return start.run(
                self._context,
                self._python,
                place,
                files,
                address=address,
                seed=number + 1,
                packages=modules,
                cancel=cancel,
            )

        return Worker(place.name, self._exchange, run)

    def _check(self, worker: Worker) -> None:
        """Give up on a process that imported the product from elsewhere."""
        if worker.collected is None:
            return
        place = self._sides.side(worker.side, swapped=self._sides.swapped)
        wrong = places.strays(self._sides, place, worker.collected.packages)
        if wrong is not None:
            self._problem = Refusal(wrong)
            worker.lose(Lost("crashed", wrong.message))

    def _timers(self, number: int, swapped: bool, files: Sequence[str]) -> list[Worker]:
        del files
        group = [self._timer(self._sides.side(name, swapped=swapped), number) for name in self._sides.names]
        connect(group, self._exchange, COLLECTION)
        return group

    def _timer(self, place: places.Side, number: int) -> Worker:
        python = str(self._python.path)
        env = {**place.env, "PYTHONHASHSEED": str(number + 1)}
        told = {"commands": list(_commands(self._context.settings, python)), "env": env}

        def run(_side: Side, address: str, cancel: Cancel) -> Completed:
            return self._context.run(
                (sys.executable, "-P", "-m", timer.__name__),
                env={timer.ADDRESS: address, timer.COMMANDS: json.dumps(told)},
                cwd=place.folder,
                cancel=cancel,
            )

        return Worker(place.name, self._exchange, run)


def left(measured: Measured) -> Iterator[Benchmark]:
    """Benchmarks that only base has, as facts without figures."""
    held = {one.id for one in measured.benchmarks}
    for found in measured.before:
        if found.id not in held:
            gone = Problem(side="head", kind="left", message="base has it, and head has it not")
            yield Benchmark(
                id=found.id,
                kind="test",
                path=found.path,
                line=found.line,
                limit=counted(()),
                loops=0,
                before=True,
                problems=counted([gone]),
                pairs=counted(()),
            )


def _has_tests(context: Context[BenchSettings]) -> bool:
    settings = context.settings
    return bool(context.project.layout.tests or settings.paths) or not (settings.command or settings.imports)


def _commands(settings: BenchSettings, python: str) -> Iterator[Mapping[str, Any]]:
    for one in settings.command:
        argv = [python if one.argv[0] in {"python", "python3"} else one.argv[0], *one.argv[1:]]
        yield {"id": one.name, "argv": argv, "reports": False, "limit": one.limit}
    for module in settings.imports:
        argv = [python, "-P", "-c", timer.IMPORTING.format(module=module)]
        yield {"id": f"{IMPORT}{module}", "argv": argv, "reports": True, "limit": None}


def nothing() -> Refusal:
    """Where there is no benchmark at all."""
    message = "there is no benchmark: no test uses `benchmark`, and neither `command` nor `imports` names anything"
    fix = "write a test that calls `benchmark(function)`, or bear `@pytest.mark.vltair_bench`"
    return refuse("does_not_apply", message, fix)
