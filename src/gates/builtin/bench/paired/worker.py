"""Worker: one process that runs benchmarks, from its start to its end, and what it says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from gates.builtin.bench.facts import Side
from gates.builtin.bench.paired.channel import Closed, Exchange, Line, Silence, new_token
from gates.builtin.bench.paired.protocol import Collected, Said, Told

if TYPE_CHECKING:
    from gates.process.child import Completed
    from gates.process.register import Cancel

Start = Callable[[Side, str, "Cancel"], "Completed"]
"""Runs a process of a side to its end, given its address and what ends it early."""

TICK = 0.05
END = 30.0
"""Seconds that a process has to end by itself once it was told all, and to be ended."""

FAREWELL = 5.0
"""Seconds in which a process that hung up must have ended, for its last words to be heard."""


class Lost(Exception):  # noqa: N818 - a process that goes is what is looked for
    """A process went, hung or broke the protocol; the text is a clause."""

    def __init__(self, kind: Literal["crashed", "hung"], text: str) -> None:
        super().__init__(text)
        self.kind: Literal["crashed", "hung"] = kind


class Worker:
    """One process; `lost` says why it is none any more, `collected` what it can run."""

    def __init__(self, side: Side, exchange: Exchange, start: Start) -> None:
        self.side = side
        self.token = new_token()
        self.line: Line | None = None
        self.collected: Collected | None = None
        self.lost: Lost | None = None
        self.completed: Completed | None = None
        self._stop = threading.Event()
        address = exchange.address(self.token, side)

        def work() -> None:
            self.completed = start(side, address, self._stop)

        self._thread = threading.Thread(target=work, name=f"bench {side}", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        return not self._thread.is_alive()

    def receive(self, seconds: float) -> Said:
        """The next message.

        Raises:
            Lost: there is none, and there will be none any more.
        """
        if self.lost is not None or self.line is None:
            raise self.lost or Lost("crashed", "it never began")
        try:
            return self.line.receive(max(0.0, seconds))
        except Silence:
            lost = Lost("hung", "it said nothing any more, and was ended")
        except Closed as closed:
            lost = Lost("crashed", self._farewell(closed))
        self.lose(lost)
        raise lost

    def tell(self, message: Told) -> None:
        """Send a message; a process that has gone is found out by what it does not answer."""
        if self.line is not None and self.lost is None:
            try:
                self.line.tell(message)
            except Closed as closed:
                self.lose(Lost("crashed", self._farewell(closed)))

    def lose(self, lost: Lost) -> None:
        """Give the process up, and end it."""
        self.lost = self.lost or lost
        end([self], at_once=True)

    def hang_up(self, *, at_once: bool) -> None:
        """Close its line, upon which it ends by itself; `at_once` has it ended whatever it does."""
        if self.line is None or at_once:
            self._stop.set()
        if self.line is not None:
            self.line.close()

    def leave(self, seconds: float) -> None:
        """Wait so long for its end, and have it ended if need be."""
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            self._stop.set()
            self._thread.join(END)

    def _farewell(self, closed: Closed) -> str:
        if closed.said:
            return f"it said what is not understood: {closed.said}"
        self._thread.join(FAREWELL)
        if self.completed is None:
            return "it hung up and went on"
        words = last_words(self.completed)
        return f"its process is gone: {self.completed.reason}" + (f" ({words})" if words else "")


def end(workers: Sequence[Worker], *, at_once: bool = False) -> None:
    """Have processes end, all at the same time, and wait until nothing of them is left."""
    for one in workers:
        one.hang_up(at_once=at_once)
    until = time.monotonic() + END
    for one in workers:
        one.leave(until - time.monotonic())


def connect(workers: Sequence[Worker], exchange: Exchange, seconds: float) -> None:
    """Wait until each process has connected and said what it collected, or is lost."""
    until = time.monotonic() + seconds
    try:
        _meet(workers, exchange, until)
        for one in workers:
            if one.lost is None:
                _hear(one, until - time.monotonic())
    except BaseException:
        end(workers, at_once=True)
        raise


def _meet(workers: Sequence[Worker], exchange: Exchange, until: float) -> None:
    waiting = {one.token: one for one in workers}
    while waiting and time.monotonic() < until:
        gone = [token for token, one in waiting.items() if one.over]
        while (got := exchange.accept(0.0 if gone else TICK)) is not None:
            if got[0] not in waiting:
                got[1].close()
                continue
            waiting.pop(got[0]).line = got[1]
            if not waiting:
                break
        for token in gone:
            # It may have said all before it ended.
            if token in waiting:
                one = waiting.pop(token)
                one.lost = Lost("crashed", _unborn(one))
    for one in waiting.values():
        one.lose(Lost("hung", "it was not ready to run anything in time"))


def _hear(worker: Worker, seconds: float) -> None:
    try:
        said = worker.receive(seconds)
    except Lost:
        return
    if isinstance(said, Collected):
        worker.collected = said
    else:
        worker.lose(Lost("crashed", f"it began with {type(said).__name__.lower()}"))


def _unborn(worker: Worker) -> str:
    done = worker.completed
    if done is None:
        return "it could not be started"
    words = last_words(done)
    return f"it ended before it ran anything: {words or done.reason}"


def last_words(done: Completed) -> str:
    """The line of what a process printed that says what was wrong."""
    lines = [line.strip() for line in f"{done.text}\n{done.errors}".splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("ERROR", "E ", "Error", "Fatal", "INTERNALERROR> E"))]
    usage = [line.partition(": error: ")[2] for line in lines if ": error: " in line]
    said = (usage[:1] or marked[:1] or lines[-1:] or [""])[0]
    return said.removeprefix("E ").strip()
