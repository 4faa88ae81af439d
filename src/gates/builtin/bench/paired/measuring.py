"""Measuring: every benchmark, command and import of a project, on all sides."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from gates.builtin.bench.facts import Benchmark, Side
from gates.builtin.bench.paired import measured as results
from gates.builtin.bench.paired import start, timer, worker
from gates.builtin.bench.paired.course import IMPORT
from gates.builtin.bench.paired.measured import Effort, Measured
from gates.builtin.bench.paired.protocol import Collected, Select
from gates.builtin.bench.paired.session import Session, Workers, uncollectable
from gates.builtin.bench.paired.worker import Worker
from gates.builtin.bench.sides import making
from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.builtin.bench.paired.channel import Exchange
    from gates.builtin.bench.settings import BenchSettings
    from gates.builtin.bench.sides.making import Sides
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.register import Cancel

LONGEST = 0.8
"""The share of the gate's time that groups of processes get."""

COLLECTION = 300.0
"""Seconds in which a process must have collected its benchmarks."""


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
        self._measured = Measured()

    def run(self) -> Measured | Refusal:
        """The benchmarks of the tests, then commands and imports."""
        settings, measured = self._context.settings, self._measured
        commands = len(settings.command) + len(settings.imports)
        refusal = None
        if _has_tests(self._context):
            refusal = self._session(self._pytests, commands)
        if refusal is None and measured.broken and not (measured.benchmarks or commands):
            return uncollectable(measured.broken[0].said)
        if refusal is None and commands:
            refusal = self._session(self._timers, 0)
        return refusal or measured

    def _session(self, workers: Workers, further: int) -> Refusal | None:
        """Measure what these processes have; `further` benchmarks are measured after them."""
        measured, effort = self._measured, self._effort
        there = [*measured.benchmarks]

        def suspects(found: Sequence[Benchmark]) -> Mapping[str, int]:
            own = {one.id for one in found}
            more = effort.suspects([*there, *found], further)
            return {name: pairs for name, pairs in more.items() if name in own}

        session = Session(
            workers,
            planned=lambda many: effort.planned(len(there) + many + further),
            suspects=suspects,
            timeout=self._context.settings.benchmark_timeout,
            seconds=self._context.settings.timeout * LONGEST,
            progress=self._context.progress,
            slow=effort.slow,
        )
        refusal = session.run()
        local = partial(results.local, folders=self._folders)
        measured.benchmarks += [results.localized(one, local) for one in session.benchmarks]
        measured.broken += tuple(replace(one, message=local(one.message)) for one in session.broken)
        return refusal if refusal is None else Refusal(replace(refusal.reason, message=local(refusal.reason.message)))

    @property
    def _folders(self) -> list[str]:
        """The folders of the sides, and that of base as it was committed."""
        names, original = self._sides.names, self._sides.original
        found = [self._sides.side(name, swapped=self._sides.swapped).folder for name in names]
        return list(map(str, found if original is None else [*found, original.folder]))

    def _pytests(self, number: int, swapped: bool, files: Sequence[str]) -> list[Worker] | Refusal:
        """A pytest of each side; with the first ones, one of base as it was committed, to hear what it has."""
        places = [self._sides.side(name, swapped=swapped) for name in self._sides.names]
        original = self._sides.original if number == 0 else None
        listing = [] if original is None else [self._pytest(original, number, (), itself=True)]
        group = [self._pytest(place, number, files) for place in places]
        worker.connect([*listing, *group], self._exchange, COLLECTION)
        try:
            for one in listing:
                self._hear(one)
                one.tell(Select(ids=()))
            worker.end(listing)
            wrong = next(filter(None, map(self._stray, group)), None)
        except BaseException:
            worker.end([*listing, *group], at_once=True)
            raise
        if wrong is not None:
            worker.end(group, at_once=True)
            return wrong
        return group

    def _hear(self, listing: Worker) -> None:
        """Take down which benchmarks base had, and why that is not all."""
        held = listing.collected or Collected(benchmarks=())
        self._measured.before = held.benchmarks
        broken = "; ".join(one.said for one in held.broken)
        why = results.local(broken if listing.lost is None else str(listing.lost), self._folders)
        if why:
            gone = "one of them that is gone now would not be noticed"
            self._measured.unheard = f"base cannot collect its own benchmarks ({why}): {gone}"

    def _pytest(self, place: making.Side, number: int, files: Sequence[str], *, itself: bool = False) -> Worker:
        """A pytest over one side; `itself` has it look for benchmarks where the settings in its folder say."""
        modules, settings = self._sides.modules[place.name], self._context.settings
        settings = start.asked(place.folder, settings) if itself else settings

        def run(_side: Side, address: str, cancel: Cancel) -> Completed:
            return start.run(
                self._context,
                settings,
                self._python,
                place,
                files,
                address=address,
                seed=number + 1,
                packages=modules,
                cancel=cancel,
            )

        return Worker(place.name, self._exchange, run)

    def _stray(self, one: Worker) -> Refusal | None:
        """Why nothing is comparable, if a process imported a package of its side from elsewhere."""
        if one.collected is None:
            return None
        place = self._sides.side(one.side, swapped=self._sides.swapped)
        wrong = making.strays(self._sides, place, one.collected.packages)
        return None if wrong is None else Refusal(wrong)

    def _timers(self, number: int, swapped: bool, files: Sequence[str]) -> list[Worker]:
        del files
        group = [self._timer(self._sides.side(name, swapped=swapped), number) for name in self._sides.names]
        worker.connect(group, self._exchange, COLLECTION)
        return group

    def _timer(self, place: making.Side, number: int) -> Worker:
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
