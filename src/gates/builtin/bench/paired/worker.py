"""Worker: one process that runs benchmarks, from its start to its end, and what it says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gates.builtin.bench.facts import Side
from gates.builtin.bench.paired.channel import Closed, Exchange, Line, Silence, new_token
from gates.builtin.bench.protocol import Collected, Said, Told

if TYPE_CHECKING:
    from gates.process.child import Completed
    from gates.process.register import Cancel

Start = Callable[[Side, str, "Cancel"], "Completed"]
"""Runs a process of a side to its end, given its address and what ends it early."""

TICK = 0.05
END = 30.0
"""Seconds that a process has to end by itself once it was told all."""


class Lost(Exception):  # noqa: N818 - a process that goes is what is looked for
    """A process went, hung or broke the protocol; `kind` is how, and the text a clause."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Worker:
    """One process; `lost` says why it is none any more."""

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
            return self.line.receive(seconds)
        except Silence:
            lost = Lost("hung", f"it said nothing for {seconds:g} s and was ended")
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
        self.end(0.0)

    def end(self, seconds: float = END) -> None:
        """Let the process end by itself within so many seconds, and else end it."""
        if self.line is not None:
            if seconds == 0.0:
                self._stop.set()
            self._thread.join(seconds)
        self._stop.set()
        self._thread.join(END)
        if self.line is not None:
            self.line.close()

    def _farewell(self, closed: Closed) -> str:
        if closed.said:
            return f"it said what is not understood: {closed.said}"
        self._thread.join(5.0)
        if self.completed is None:
            return "it hung up and went on"
        words = last_words(self.completed)
        return f"its process ended: {self.completed.reason}" + (f" ({words})" if words else "")


def connect(workers: Sequence[Worker], exchange: Exchange, seconds: float) -> None:
    """Wait until each process has connected and said what it collected, or is lost."""
    waiting = {one.token: one for one in workers}
    left = seconds
    while waiting and left > 0:
        for token in [token for token, one in waiting.items() if one.over]:
            one = waiting.pop(token)
            one.lost = Lost("crashed", _unborn(one))
        got = exchange.accept(TICK) if waiting else None
        if got is None:
            left -= TICK
        elif got[0] in waiting:
            waiting.pop(got[0]).line = got[1]
        else:
            got[1].close()
    for one in waiting.values():
        one.lose(Lost("hung", f"it was not ready to run anything within {seconds:g} s"))
    for one in workers:
        if one.lost is None:
            _hear(one, seconds)


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
    return f"pytest ended before it ran anything: {words or done.reason}"


def last_words(done: Completed) -> str:
    """The line of what a process printed that says what was wrong."""
    lines = [line.strip() for line in f"{done.text}\n{done.errors}".splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("ERROR", "E ", "Error", "INTERNALERROR> E"))]
    usage = [line.partition(": error: ")[2] for line in lines if ": error: " in line]
    said = (usage[:1] or marked[:1] or lines[-1:] or [""])[0]
    return said.removeprefix("E ").strip()
