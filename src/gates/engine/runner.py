"""Runner: the planned gates side by side, each within its time, each accounted for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf
from typing import TypeAlias

import msgspec

from gates.engine import collection, mishap
from gates.engine.cache import Cache
from gates.engine.collection import Collected
from gates.engine.context import GateContext, World
from gates.engine.plan import Plan, Planned
from gates.model.decision import Decision, verdict_of
from gates.model.gate import Gate
from gates.model.reason import Reason

GRACE = 10.0
"""Seconds that a gate has to come back after its children were ended, before its thread is given up."""


Finished: TypeAlias = "queue.SimpleQueue[tuple[str, Collected, Decision | None]]"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one planned gate: what was collected, and what was decided on it (None without evidence)."""

    planned: Planned
    collected: Collected
    decision: Decision | None


class _Running(msgspec.Struct, kw_only=True):
    context: GateContext
    deadline: float
    exclusive: bool
    started: float
    cancelled: bool = False


class Runner(msgspec.Struct, kw_only=True):
    """Collects and decides every planned gate; `run` returns when each of them has an outcome."""

    plan: Plan
    world: World
    cache: Cache
    jobs: int
    now: datetime
    outcomes: dict[str, Outcome] = msgspec.field(default_factory=dict)
    _running: dict[str, _Running] = msgspec.field(default_factory=dict)
    _finished: Finished = msgspec.field(default_factory=queue.SimpleQueue)

    def run(self) -> Mapping[str, Outcome]:
        """Every planned gate's outcome, by name."""
        expected = {one.gate.name: self._expected(one.gate.name) for one in self.plan.planned}
        self.world.observer.planned(tuple(expected.items()))
        waiting = {one.gate.name: one for one in _longest_first(self.plan.planned, expected)}
        while waiting or self._running:
            for name in [name for name, one in waiting.items() if self._may_start(one)]:
                if self._may_start(waiting[name]):
                    self._start(waiting.pop(name))
            self._wait()
        return self.outcomes

    def cancel(self) -> None:
        """Ask every gate under way to end its children."""
        for one in self._running.values():
            one.context.cancel.set()

    def _expected(self, name: str) -> float | None:
        receipt = self.cache.last(name)
        return None if receipt is None else receipt.duration_s

    def _may_start(self, planned: Planned) -> bool:
        gate = planned.gate
        if any(name not in self.outcomes for name in planned.needs) or len(self._running) >= self.jobs:
            return False
        if any(one.exclusive for one in self._running.values()):
            return False
        return not (gate.exclusive and self._running)

    def _start(self, planned: Planned) -> None:
        name = planned.gate.name
        blocked = self._blocked(planned)
        if blocked is not None:
            self._settle(planned, Collected(reason=blocked), None)
            return
        context = GateContext(
            gate=name,
            settings=planned.settings,
            world=self.world,
            demanded=planned.demanded,
            sharded=type(planned.gate).merge is not Gate.merge,
            needs={need: self.outcomes[need].collected.facts for need in planned.needs},
            needed=planned.needed,
        )
        digests = {need: self.outcomes[need].collected.digest or "" for need in planned.needs}
        now = time.monotonic()
        self._running[name] = _Running(
            context=context, deadline=now + planned.settings.timeout, exclusive=planned.gate.exclusive, started=now
        )

        def work() -> None:
            got = collection.collect(planned, context, self.cache, digests, self.now)
            got, decision = _decide(planned, context, got, self.now)
            self._finished.put((name, got, decision))

        # A thread and not an executor: a collect that hangs must not keep the interpreter from exiting.
        threading.Thread(target=work, name=f"gate {name}", daemon=True).start()

    def _blocked(self, planned: Planned) -> Reason | None:
        for name in planned.needs:
            outcome = self.outcomes[name]
            if outcome.decision is None or verdict_of(outcome.decision) == "undecided":
                return Reason(
                    code="needed_gate_undecided",
                    message=f"it reads the evidence of {name}, which is undecided",
                    fix=f"gates check --select {name}",
                )
        return None

    def _wait(self) -> None:
        if not self._running:
            return
        try:
            # A short wait, since a wait without end cannot be interrupted by ^C on Windows.
            name, got, decision = self._finished.get(timeout=0.2)
        except queue.Empty:
            self._end_overdue()
            return
        running = self._running.pop(name, None)
        if running is not None:
            planned = self._planned(name)
            if running.cancelled or time.monotonic() > running.deadline:
                got, decision = _overdue(planned, running), None
            self._settle(planned, got, decision)

    def _planned(self, name: str) -> Planned:
        return next(one for one in self.plan.planned if one.gate.name == name)

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for name, one in list(self._running.items()):
            if now > one.deadline + GRACE:
                del self._running[name]
                self._settle(self._planned(name), _overdue(self._planned(name), one), None)
            elif now > one.deadline and not one.cancelled:
                one.cancelled = True
                one.context.cancel.set()

    def _settle(self, planned: Planned, got: Collected, decision: Decision | None) -> None:
        self.outcomes[planned.gate.name] = Outcome(planned=planned, collected=got, decision=decision)
        self.world.observer.collected(planned.gate.name, got.seconds, cached=got.cached)


def _longest_first(planned: Sequence[Planned], expected: Mapping[str, float | None]) -> list[Planned]:
    """The gates in the order to start them, so that what takes long does not wait for what is quick.

    One of which nothing is known counts as long, and of two the later: gates are listed from the quick to the slow.
    """

    def length(index: int) -> tuple[float, int]:
        known = expected[planned[index].gate.name]
        return inf if known is None else known, index

    return [planned[index] for index in sorted(range(len(planned)), key=length, reverse=True)]


def _decide(planned: Planned, context: GateContext, got: Collected, now: datetime) -> tuple[Collected, Decision | None]:
    if got.reason is not None:
        return got, None
    decision = mishap.decide(
        planned.gate,
        got.facts,
        planned.settings,
        now,
        root=context.project.root,
        redactor=context.world.find_redactor,
    )
    if isinstance(decision, Reason):
        return Collected(reason=decision, seconds=got.seconds), None
    return got, decision


def _overdue(planned: Planned, running: _Running) -> Collected:
    seconds = planned.settings.timeout
    name = planned.gate.name
    return Collected(
        reason=Reason(
            code="timeout",
            message=f"the gate {name} was not done after {seconds:g} s and was ended",
            fix=f"set timeout (seconds) in [tool.gates.{name}], or find out what hangs",
        ),
        seconds=time.monotonic() - running.started,
        tools=dict(running.context.tools),
        commands=tuple(running.context.commands),
    )
