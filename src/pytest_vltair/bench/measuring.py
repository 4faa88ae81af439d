"""Measuring: one benchmark from its first call to its end, and what came of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from pytest_vltair.bench.timing import Plain, Rounds, Timer
from pytest_vltair.bench.wire import Wire, plain

LONGEST = 500
"""Characters of a message."""

LONG = 0.1
"""Seconds of a first call from which on no call is made that is not needed."""


class Ending(NamedTuple):
    """How a benchmark ended, in the words of gates."""

    outcome: str
    message: str = ""


class Phase(NamedTuple):
    """The report on one phase of a test, with what was raised in it."""

    report: pytest.TestReport
    raised: BaseException | None


class Measuring:
    """Times a benchmark as gates says, and remembers what came of it; a test has one benchmark."""

    def __init__(self, wire: Wire, timer: Timer, name: str) -> None:
        self._wire = wire
        self._timer = timer
        self._name = name
        self._used = ""
        self._disabled = ""
        self._at = 0
        self._raised: BaseException | None = None
        self.times: list[float] = []
        self.phases: list[Phase] = []

    def disable(self, why: str) -> None:
        """Have it called once, untimed."""
        self._disabled = why

    def run(self, subject: Plain | Rounds, how: str) -> Any:
        """What the function returns, once gates has timed it as often as it likes.

        Raises:
            RuntimeError: the test has been timed already.
        """
        if self._used:
            raise RuntimeError(f"a test is one benchmark, and this one has called {self._used} already")
        self._used = how
        self._timer.reset()
        try:
            if self._disabled:
                return subject.result(self._timer)
            return self._measure(subject)
        except BaseException as error:
            self._wire.alone()
            self._raised = error
            self._at = self._timer.calls if self._timer.inside else 0
            raise
        finally:
            self._timer.inside = False

    def _measure(self, subject: Plain | Rounds) -> Any:
        """What the function returns, called once more after it was timed, unless a call takes long."""
        wire, timer, name = self._wire, self._timer, self._name
        result, seconds = timer.first(lambda: subject.result(timer))
        wire.alone()
        long = seconds >= LONG
        if not long:
            seconds = subject.time(timer, 1, 0.0)
        told = wire.ask("burst", "release", event="ready", id=name, seconds=seconds, loops=subject.loops)
        while told["do"] == "burst":
            times = []
            for _ in range(told["calls"]):
                times.append(subject.time(timer, told["loops"], told["slow"]))
                wire.alone()
            self.times += times
            told = wire.ask("burst", "release", event="burst", id=name, times=times)
        return result if long else subject.result(timer)

    def ending(self) -> Ending:
        """How it ended, by the phases of its test."""
        for phase in self.phases:
            if phase.report.failed:
                return Ending("failed", self._failure(phase))
            if phase.report.skipped:
                return Ending("skipped", _skipped(phase.report))
        if self._raised is not None and not self.times:
            return Ending("failed", f"{self._call()}, and the test takes that for right")
        if self._disabled:
            return Ending("disabled", self._disabled)
        return Ending("passed") if self._used else Ending("idle", "it never calls benchmark")

    def _failure(self, phase: Phase) -> str:
        if phase.raised is None:
            return "it passes, and is expected to fail"
        if isinstance(phase.raised, pytest.FixtureLookupError):
            return describe(phase.raised)
        if phase.report.when != "call":
            part = "set-up" if phase.report.when == "setup" else "end"
            return f"its {part} raised {describe(phase.raised)}"
        return self._call() if phase.raised is self._raised else describe(phase.raised)

    def _call(self) -> str:
        said = "" if self._raised is None else describe(self._raised)
        return f"call {self._at} raised {said}" if self._at else said


def describe(error: BaseException) -> str:
    """The kind of an error and the first line of what it says."""
    name = type(error).__name__
    try:
        text = error.formatrepr().errorstring if isinstance(error, pytest.FixtureLookupError) else str(error)
    except Exception:  # noqa: BLE001 - an error's text is the project's code
        text = "of which no text can be had"
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if isinstance(error, pytest.FixtureLookupError):
        return plain(first)[:LONGEST]
    return plain(f"{name}: {first}" if first else name)[:LONGEST]


def _skipped(report: pytest.TestReport) -> str:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        reason = str(expected).removeprefix("reason: ")
        return plain(f"it is expected to fail: {reason}" if reason else "it is expected to fail")[:LONGEST]
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return plain(reason.removeprefix("Skipped: "))[:LONGEST]
