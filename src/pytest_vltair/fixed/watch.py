"""Watch: time-machine, held so that a test sees its own time and everybody else the machine's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from time import time as now
from typing import Any, NamedTuple

import pytest

INSTALL = "python -m pip install 'pytest-vltair[clock]'"
SECOND = 1_000_000_000
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ELSEWHERE = EPOCH.astimezone(timezone(timedelta(hours=1)))
"""The same in no zone of note: a time in UTC, or in a named zone, makes time-machine set the process's own zone."""


@dataclass(frozen=True)
class Instant:
    """A point in time at which a clock starts, and whether it stands there."""

    time: datetime
    frozen: bool = False

    def __str__(self) -> str:
        """`2026-01-01T00:00:00Z frozen`."""
        text = self.time.isoformat().replace("+00:00", "Z")
        return f"{text} frozen" if self.frozen else text


def instant(time: object, *, frozen: bool = False) -> Instant:
    """The instant that ISO 8601 text, a `date` or a `datetime` means; one without a zone is in UTC.

    Raises:
        TypeError, ValueError: it means none; the message continues a sentence that names it.
    """
    if isinstance(time, str):
        try:
            found = datetime.fromisoformat(time)
        except ValueError:
            raise ValueError(f"is no time: {time!r} is not ISO 8601 such as 2026-01-01T12:00:00Z") from None
    elif isinstance(time, dt.datetime):
        found = time
    elif isinstance(time, dt.date):
        found = datetime(time.year, time.month, time.day, tzinfo=UTC)
    else:
        raise TypeError(f"is no time: {time!r} is neither text nor a date")
    if not 1 < found.year < dt.MAXYEAR:
        raise ValueError(f"is no time: the year of {time!r} leaves no room for time zones")
    return Instant(found.replace(tzinfo=UTC) if found.tzinfo is None else found, frozen)


class Hand(NamedTuple):
    """Where a clock stands: at `nanoseconds` since 1970 when frozen, and else so many ahead of the machine's."""

    nanoseconds: int
    frozen: bool


REAL = Hand(0, frozen=False)


class Watch:
    """The clock of one run of pytest; it is the machine's unless it is held and set."""

    def __init__(self) -> None:
        try:
            import time_machine
        except ImportError as error:
            why = f"the clock needs time-machine, which cannot be imported ({error}): {INSTALL}"
            raise pytest.UsageError(why) from None
        self._machine = time_machine
        self._real = time_machine.escape_hatch.time.time_ns
        self._holders = 0
        self._travel: Any = None
        self._traveller: Any = None
        self._hand = REAL
        self._begun = False
        self.inside = False
        """Whether a phase of a test goes on."""

    @property
    def frozen(self) -> bool:
        """Whether the clock of this test stands."""
        return self._hand.frozen

    def hold(self) -> None:
        """Take the clock, until as many `release` it.

        Raises:
            pytest.UsageError: another library has it.
        """
        if not self._holders:
            self._take()
        self._holders += 1

    def release(self) -> None:
        """Let go of the clock; the last one gives it back to who had it before."""
        self._holders -= 1
        if self._holders:
            return
        stack = self._machine.traveller_stack
        if stack and stack[-1] is self._traveller:
            self._travel.stop()
        else:  # a test that travels on when it should have ended is to stop by itself
            stack[:] = [one for one in stack if one is not self._traveller]
        self._hand = REAL

    def begin(self, start: Instant | None) -> None:
        """Begin a test, at `start` if there is one.

        Raises:
            pytest.UsageError: another library has the clock.
        """
        self.inside = True
        if start is None:
            return
        self.hold()
        self._begun = True
        if not any(one is self._traveller for one in self._machine.traveller_stack):
            self._take()  # a test has stopped more than it started
        self.set(start)

    def pause(self) -> None:
        """Show real time to what is done between the phases of a test."""
        self.inside = False
        if self._holders:
            self._show(REAL)

    def resume(self) -> None:
        """Show the test its own time again."""
        self.inside = True
        if self._holders:
            self._show(self._hand)

    def end(self) -> None:
        """Be real time again, after a test."""
        self._hand = REAL
        self.pause()
        if self._begun:
            self._begun = False
            self.release()

    def set(self, start: Instant) -> None:
        """Set the clock to an instant."""
        at = (start.time - EPOCH) // MICROSECOND * 1000
        self._turn(Hand(at if start.frozen else at - self._real(), start.frozen))

    def turn(self, by: int = 0, *, frozen: bool | None = None) -> None:
        """Move the clock by so many nanoseconds; let it stand, or go, if `frozen` says."""
        now = self._now() + by
        stands = self._hand.frozen if frozen is None else frozen
        self._turn(Hand(now if stands else now - self._real(), stands))

    def real(self) -> float:
        """Seconds since 1970 by the machine's clock, while this is held."""
        return self._real() / SECOND

    @contextmanager
    def at(self, start: Instant) -> Iterator[None]:
        """Be at `start` for a moment; the clock is held."""
        before = self._hand
        self.set(start)
        try:
            yield
        finally:
            self._hand = before
            self._show(before if self.inside else REAL)

    def _now(self) -> int:
        return self._hand.nanoseconds if self._hand.frozen else self._hand.nanoseconds + self._real()

    def _take(self) -> None:
        travel = self._machine.travel(now())
        try:
            self._traveller = travel.start()
        except RuntimeError as error:
            raise pytest.UsageError(f"the clock cannot be taken: {error}") from None
        self._travel = travel
        self._show(self._hand)

    def _turn(self, hand: Hand) -> None:
        self._hand = hand
        self._show(hand)

    def _show(self, hand: Hand) -> None:
        nanoseconds = hand.nanoseconds if hand.frozen else hand.nanoseconds + self._real()
        seconds, rest = divmod(nanoseconds, SECOND)
        time = ELSEWHERE + timedelta(0, seconds, rest // 1000) if rest else seconds
        self._traveller.move_to(time, tick=not hand.frozen)
        self._traveller.time_ns()  # it ticks from the first time that it is asked
