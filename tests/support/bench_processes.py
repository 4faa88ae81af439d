"""Bench processes: threads that speak the protocol over real sockets, rightly or wrongly."""

from __future__ import annotations

import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gates.builtin.bench.facts import Benchmark, Side
from gates.builtin.bench.paired import channel, worker
from gates.builtin.bench.paired.session import Session
from gates.builtin.bench.paired.worker import Worker
from gates.model.evidence import Refusal
from gates.process.child import Completed

SIDES: tuple[Side, ...] = ("base", "head", "control")
SECONDS = 0.02


class Gone(Exception):  # noqa: N818 - the end of a process
    """The process went down."""


def completed(words: str = "", reason: str = "exit status 0") -> Completed:
    """How a process ended that printed `words`."""
    return Completed(argv=("it",), status="OK", code=0, reason=reason, stderr=words.encode())


@dataclass(frozen=True)
class Fault:
    """What one side does wrong at one step of one benchmark: in these groups, or in all."""

    side: Side | None
    name: str
    step: str
    what: str
    groups: frozenset[int] | None = None

    def fits(self, side: Side, name: str, step: str, group: int) -> bool:
        """Whether it is done here."""
        there = self.groups is None or group in self.groups
        return there and self.side in {None, side} and (self.name, self.step) == (name, step)


class Process:
    """A process of a side: it starts, collects, and comes with each benchmark to `ready`, `burst`, `last` and `end`."""

    def __init__(self, side: Side, names: Sequence[str], faults: Sequence[Fault], group: int) -> None:
        self.side = side
        self.names = names
        self.faults = faults
        self.group = group
        self.calls: list[tuple[str, int, int, float]] = []
        self._kept = b""

    def run(self, _side: Side, address: str, cancel: Any) -> Completed:
        """Live, to the end."""
        host, port, token, side = address.split(":")
        if self._fault("", "start"):
            return completed("Error: it does not start", "exit status 3")
        self._cancel = cancel
        with socket.create_connection((host, int(port))) as self._socket:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.say(event="hello", token=token, side=side, pid=1)
                self._live()
            except (Gone, OSError):
                return completed("Fatal Python error", "ended by SIGSEGV")
        return completed()

    def _live(self) -> None:
        broken = [] if not self._fault("", "broken") else [{"id": "t.py", "message": "ImportError: no"}]
        found = [{"id": name, "path": "t.py", "line": 1} for name in self.names]
        found = [one for one in found if not self._fault(str(one["id"]), "collect")]
        self.say(event="collected", benchmarks=found, broken=broken, packages={})
        for name in self.hear()["ids"]:
            self._benchmark(name)
        self._do("", "leave")
        self.say(event="done")

    def _benchmark(self, name: str) -> None:
        if self._do(name, "ready"):
            return
        self.say(event="ready", id=name, seconds=SECONDS)
        count = 0
        while (asked := self.hear())["do"] == "burst":
            count += 1
            self.calls.append((name, asked["calls"], asked["loops"], asked["slow"]))
            if (count == 1 and self._do(name, "burst")) or (count == 2 and self._do(name, "last")):
                return
            took = SECONDS * (1 + asked["slow"])
            self.say(event="burst", id=name, times=[took] * asked["calls"])
        if not self._do(name, "end"):
            self.say(event="ended", id=name, outcome="passed")

    def _fault(self, name: str, step: str) -> str:
        return next((one.what for one in self.faults if one.fits(self.side, name, step, self.group)), "")

    def _do(self, name: str, step: str) -> bool:
        """Do what is wrong at this step; whether the benchmark is over by that."""
        match self._fault(name, step):
            case "":
                return False
            case "crashed":
                raise Gone
            case "hung":
                while not self._cancel.is_set():
                    time.sleep(0.005)
                raise Gone
            case "forked":
                self.say(event="forked", id=name)
                return False
            case "late":
                self.say(event="forked", id="a")
                return False
            case "moved":
                self.say(event="ended", id=name, outcome="passed", moved=True)
            case "stray":
                self.say(event="ready", id="another", seconds=1.0)
                time.sleep(0.05)
            case "empty" | "swapped" as how:
                swapped = how == "swapped"
                self.say(event="burst", id="another" if swapped else name, times=[1.0] * swapped)
            case outcome:
                self.say(event="ended", id=name, outcome=outcome, message="so it is")
        return True

    def say(self, **message: Any) -> None:
        """Send a message."""
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def hear(self) -> Any:
        """What it is told."""
        while b"\n" not in self._kept:
            part = self._socket.recv(65536)
            if not part:
                raise Gone
            self._kept += part
        line, _, self._kept = self._kept.partition(b"\n")
        return json.loads(line)


@dataclass
class Played:
    """A session that is over: its benchmarks by name, what was said, and every process that was started."""

    benchmarks: dict[str, Benchmark]
    refusal: Refusal | None
    processes: list[Process]
    session: Session
    files: list[Sequence[str]] = field(default_factory=list)

    @property
    def groups(self) -> int:
        """How many groups were started."""
        return len({one.group for one in self.processes})

    def problems(self, name: str) -> set[tuple[str, str]]:
        """Side and kind of each problem of a benchmark."""
        return {(one.side, one.kind) for one in self.benchmarks[name].problems.items}


def play(
    *faults: Fault,
    names: Sequence[str] = ("a", "b", "c"),
    only: Mapping[Side, Sequence[str]] | None = None,
    planned: int = 3,
    suspects: Callable[[Sequence[Benchmark]], Mapping[str, int]] = lambda _: {},
    timeout: float | None = None,
    sides: Iterable[Side] = SIDES,
    slow: float = 0.0,
    seconds: float = math.inf,
) -> Played:
    """A session with processes that have these faults; `only` is what a side collects instead of `names`.

    `timeout` is short where a process hangs, and else so long that a busy machine makes none of them seem to.
    """
    processes: list[Process] = []
    files: list[Sequence[str]] = []
    with channel.opened() as exchange:

        def workers(number: int, _swapped: bool, wanted: Sequence[str]) -> list[Worker]:
            files.append(wanted)
            started = [Process(side, (only or {}).get(side, names), faults, number) for side in sides]
            processes.extend(started)
            group = [Worker(one.side, exchange, one.run) for one in started]
            worker.connect(group, exchange, 20.0)
            return group

        session = Session(
            workers,
            planned=lambda _: planned,
            suspects=suspects,
            timeout=timeout or (1.0 if any(one.what == "hung" for one in faults) else 10.0),
            seconds=seconds,
            progress=lambda _: None,
            slow=slow,
        )
        refusal = session.run()
    alive = [one.name for one in threading.enumerate() if one.name.startswith("bench ")]
    assert not alive, alive
    return Played({one.id: one for one in session.benchmarks}, refusal, processes, session, files)
