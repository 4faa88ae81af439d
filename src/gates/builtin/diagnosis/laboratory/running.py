"""Running: one trial from its checkout to what came of it; who hangs or dies does not hide those after it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.diagnosis.laboratory import casualties, complaints, proof, reading
from gates.builtin.diagnosis.laboratory.checkout import Checkout
from gates.builtin.diagnosis.laboratory.equipment import Equipment
from gates.builtin.diagnosis.laboratory.processes import Processes
from gates.builtin.diagnosis.laboratory.reading import Record
from gates.builtin.diagnosis.trial import Left, Ran, Read, Result, Trial
from gates.process import child
from gates.process.completed import Completed


class Bench:
    """A place where one trial runs at a time, with a checkout of its own."""

    def __init__(self, equipment: Equipment, checkout: Checkout, place: Path) -> None:
        self.equipment = equipment
        self.checkout = checkout
        self.place = place

    def run(self, trial: Trial, known: Sequence[str], *, limit: float, wall: float, cancel: child.Cancel) -> Ran:
        """What came of a trial, of which one test may take `limit` and the whole `wall` seconds.

        `known` are the tests of the suite, as far as they are.
        """
        until = time.monotonic() + wall
        processes = Processes(self.equipment, self.checkout, self.place, trial, limit)
        return Attempt(processes, tuple(known), until, cancel).outcome()


class Attempt:
    """One trial, with as many processes as it takes."""

    def __init__(self, processes: Processes, known: tuple[str, ...], until: float, cancel: child.Cancel) -> None:
        self.processes, self.known, self.until, self.cancel = processes, known, until, cancel
        self.trial, self.settings = processes.trial, processes.settings
        self.results: dict[reading.Turn, Result] = {}
        self.lost: set[str] = set()
        self.fallen: dict[str, Result] = {}  # files that ended the process in which they were collected
        self.seen: list[Mapping[str, Any]] = []
        self.reads: set[Read] = set()
        self.states: set[Left] = set()
        self.record = Record()

    def outcome(self) -> Ran:
        """Run it, and the rest of it for as long as tests end their process."""
        began = time.monotonic()
        with self.processes.busy(self.until - began):
            reason = self._process(self.trial.tests, 0)
            for number in range(1, casualties.MOST + 1):
                rest = self._rest()
                if reason or not rest:
                    break
                before = len(self.results), len(self.lost), len(self.fallen)
                reason = self._process(rest, number)
                if not reason and before == (len(self.results), len(self.lost), len(self.fallen)):
                    reason = f"pytest ended without a word before it ran {rest[0]}"
            else:
                if self._rest() and not reason:
                    reason = f"more than {casualties.MOST} tests ended the process in which they ran"
        return self._ran(reason, time.monotonic() - began)

    def _rest(self) -> tuple[str, ...]:
        """The tests that have not run as often as they were to, those that ended their process left out."""
        wanted = self.record.collected
        if self.fallen and not wanted:
            expected = self.trial.tests or self.known
            wanted = tuple(one for one in expected if not any(casualties.within(one, file) for file in self.fallen))
        turns = range(1, int(self.settings.get("repeat", "1")) + 1)
        return tuple(
            one for one in wanted if one not in self.lost and not all((one, turn) in self.results for turn in turns)
        )

    def _process(self, tests: Sequence[str], number: int) -> str:
        """Run these tests in a process, or two side by side; the reason why it gave no answer, or ""."""
        left = self.until - time.monotonic()
        if left <= 0:
            return "its time was over"
        every = tuple(tests) or self.known
        parts: list[tuple[str, ...]] = [tuple(tests)]
        if self.processes.halves and len(every) > 1 and not number:
            parts = [every[0::2], every[1::2]]
        prefixes, ended = self.processes.run(parts, number, left, self.cancel)
        return self._account(reading.read(prefixes, self.processes.root), ended)

    def _account(self, record: Record, ended: Sequence[Completed]) -> str:
        """Take over what was written; the reason why nothing can be said, or ""."""
        self._take(record, ended)
        first = not self.record.seen and not self.record.collected
        if first:
            self.record = record
        elif self.fallen and not self.record.collected:
            self.record.collected = record.collected
            self.record.skipped.update(record.skipped)
            self.record.uncollected.update(record.uncollected)
        stopped = not record.open and bool(self._rest())
        if stopped and any(one.status == "TIMEOUT" for one in ended):
            return "its time was over"
        if stopped and record.results:
            # The last one stopped the session; of its other turns nobody will know, those of the others can be had.
            self.lost.add(list(record.results)[-1][0])
        if (
            any(one.status == "KILLED" and one.reason.startswith("not started") for one in ended)
            or self.cancel.is_set()
        ):
            return "it was interrupted"
        if (found := casualties.fallen(record, ended, self.processes.root)) is not None:
            return self._fell(found)
        if record.uncollected and (self.trial.tests or self.known):
            return ""
        worst = next((one for one in ended if one.code in complaints.FELL_OVER), None)
        if worst is not None and not (record.results or record.open):
            said = self._unplaced(record.broken) or self._complaint(worst)
            return f"{complaints.FELL_OVER[worst.code or 0]}: {said}"
        return self._silence(record, ended, first=first)

    def _fell(self, found: Result) -> str:
        """Go on without the file in whose collection the process ended; the reason why that cannot be, or ""."""
        others = {"order", "parallel"} & set(self.settings)
        if others or not (self.trial.tests or self.known):
            where = f", at line {found.place.line} of {found.place.path}" if found.place is not None else ""
            return f"its process ended while {found.nodeid} was collected{where}"
        self.fallen[found.nodeid] = self.record.uncollected[found.nodeid] = found
        return ""

    def _silence(self, record: Record, ended: Sequence[Completed], *, first: bool) -> str:
        """The reason why nothing of the tests was written, or ""."""
        silent = record.status is None and not record.collected and not record.uncollected
        if silent and record.seen:
            return f"its process ended while tests were collected ({ended[0].reason or f'code {ended[0].code}'})"
        if silent or (first and record.silent):
            return f"pytest gave no answer: {self._complaint(ended[0])}"
        return ""

    def _take(self, record: Record, ended: Sequence[Completed]) -> None:
        self.seen += record.had
        self.reads |= record.reads
        self.states |= set(record.states)
        if self.record is not record:
            self.record.effects += [one for one in record.effects if one not in self.record.effects]
        for turn, result in record.results.items():
            self.results.setdefault(turn, result)
            if result.ended == "hang":
                self.lost.add(turn[0])
        for turn, result in record.open.items():
            self.lost.add(turn[0])
            self.results.setdefault(turn, casualties.casualty(result, ended))

    def _complaint(self, ended: Completed) -> str:
        return complaints.complaint(ended, self._places)

    def _unplaced(self, text: str) -> str:
        return complaints.unplaced(text, self._places)

    @property
    def _places(self) -> Mapping[str, str]:
        processes = self.processes
        own = {str(root): "" for root in (processes.root, processes.tools.root)}
        return {f"{root}/": "" for root in own} | dict.fromkeys(own, ".") | {f"{processes.work}/": ""}

    def _ran(self, reason: str, seconds: float) -> Ran:
        ran = {nodeid for nodeid, _ in self.results}
        expected = self.trial.tests or self.known
        absent = casualties.absent(expected, ran, self.record, self.processes.root)
        tools = self.processes.tools
        gone = proof.missed(self.trial, self.seen, self.record.workers, self.results, tools.folder)
        return Ran(
            trial=self.trial,
            status="broken" if reason else "done",
            reason=reason,
            results=(*self.results.values(), *absent),
            missed={} if reason else gone,
            methods=proof.methods(self.trial, gone, tools.means, self.processes.halves),
            reads=tuple(sorted(self.reads)),
            effects=tuple(self.record.effects),
            states=tuple(sorted(self.states)),
            seconds=seconds,
        )


def unstarted(trial: Trial, reason: str) -> Ran:
    """What is said of a trial that could not be started."""
    return msgspec.structs.replace(Ran(trial=trial), status="broken", reason=reason)
