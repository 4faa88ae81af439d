"""Living: a child from its start to the moment when nothing of it is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import IO, TYPE_CHECKING, Any

from gates.process import limits, network, offspring, output
from gates.process.cgroup import Cgroup
from gates.process.completed import Completed
from gates.process.limits import Enforced, Limits, Status
from gates.process.loopback import REFUSED
from gates.process.offspring import Offspring
from gates.process.register import register
from gates.process.starting import MEMORY_TICK

if TYPE_CHECKING:
    from gates.process.redact import Redactor
    from gates.process.register import Cancel

TICK = 0.05
LINGER = 0.1
"""Seconds that what a child left behind gets to end by itself (a resource tracker, a last writer)."""
DRAIN = 1.0
"""Seconds for which the pipes are drained once nobody of the tree is alive."""


class Living:
    """One living child from its start to the moment when nothing of it is left."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        words: tuple[str, ...],
        limit: Limits,
        enforced: tuple[Enforced, ...],
        token: str,
        group: Cgroup | None,
    ) -> None:
        # Before all else: what the child starts until then is not in the group.
        self._joined = group is None or group.add(process.pid)
        self.process = process
        self.words = words
        self.limit = limit
        self.enforced = enforced
        self.group = group
        self.stop = ""
        self.started = time.monotonic()
        self.duration = 0.0
        self.offspring = Offspring(process.pid, token, group)
        self._captures = [output.Capture(limit.output), output.Capture(limit.output)]
        streams: list[tuple[IO[bytes], output.Capture]] = [
            (stream, capture)
            for stream, capture in zip((process.stdout, process.stderr), self._captures, strict=True)
            if stream is not None
        ]
        self._pump = output.pump(streams, process.pid)
        self._lost = False
        self._weighed = 0.0

    def complete(self, cancel: Cancel | None, redactor: Redactor | None) -> Completed:
        """Wait for the end, clean up, account for it and leave the register."""
        try:
            if not self._joined:
                self._give_up_group()
            self._watch(cancel)
            left = self._clean_up()
        except BaseException:
            self.offspring.end()
            raise
        finally:
            with register.lock:
                register.running.discard(self)
            code = self._reap()
            self._pump.close()
        return self._account(code, left, redactor)

    def _give_up_group(self) -> None:
        without = limits.missing("cgroup_v2", "the kernel refuses to move a process into the control group")
        self.enforced = tuple(without if one.limit == "cgroup_v2" else one for one in self.enforced)
        if limits.unmet(self.limit, self.enforced):
            self.stop = "limit"

    def _watch(self, cancel: Cancel | None) -> None:
        """Return when the leader has ended, by itself or because it was made to."""
        tick = TICK if self.limit.memory is None else MEMORY_TICK
        while not self._ended():
            self.duration = time.monotonic() - self.started
            self.stop = self.stop or self._excess(cancel)
            if self.stop:
                self.offspring.end(pause=self._pause)
                break
            self._pump.turn(min(tick, max(0.0, self.limit.wall - self.duration) + 0.001))
        self.duration = time.monotonic() - self.started

    def _excess(self, cancel: Cancel | None) -> str:
        if self.duration > self.limit.wall:
            return "wall"
        if cancel is not None and cancel.is_set():
            return "cancelled"
        if self.limit.memory is not None and self.duration - self._weighed >= MEMORY_TICK:
            self._weighed = self.duration
            return "memory" if self.offspring.exceeds(self.limit.memory) else ""
        return ""

    def _ended(self) -> bool:
        """Whether the leader has ended; it stays a zombie, so that its number and group remain its own."""
        waiter: Any = getattr(os, "waitid", None)
        if waiter is None:
            return self.process.poll() is not None
        try:
            return waiter(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            self._lost = True
            return True

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._pump.turn(left)

    def _clean_up(self) -> tuple[int, int]:
        """End what is left and drain the pipes; returns how many outlived the leader, and how many outlive this."""
        outlived = len(self.offspring.settle(0 if self.stop else LINGER, self._pause))
        immortal = self.offspring.end(pause=self._pause) if outlived else 0
        until = time.monotonic() + DRAIN
        while self._pump.open and time.monotonic() < until:
            self._pump.turn(TICK)
        return outlived, immortal + self._pump.open

    def _reap(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=offspring.INSISTENCE)
        return None

    def _account(self, code: int | None, left: tuple[int, int], redactor: Redactor | None) -> Completed:
        outlived, immortal = left
        if immortal:
            escaped = Enforced(limit="group", detected=True, applied=False, reason="something of it is still alive")
            self.enforced = tuple(escaped if one.limit == "group" else one for one in self.enforced)
        stdout, stderr = (capture.value(redactor) for capture in self._captures)
        status, code, reason = self._judged(code, stderr)
        if outlived and not self.stop:
            reason = f"{reason}; what it left running {'could not be' if immortal else 'had to be'} ended"
        return Completed(
            argv=self.words,
            status=status,
            code=code,
            reason=reason,
            stdout=stdout,
            stderr=stderr,
            truncated=any(capture.truncated for capture in self._captures),
            duration=self.duration,
            enforced=self.enforced,
        )

    def _judged(self, code: int | None, stderr: bytes) -> tuple[Status, int | None, str]:
        unmet = limits.unmet(self.limit, self.enforced)
        if unmet:
            return "INTERNAL_ERROR", code, unmet
        if self.stop == "wall" or (self.duration > self.limit.wall and not self.stop):
            return "TIMEOUT", limits.TIMEOUT_CODE, f"no end within {self.limit.wall:g} s"
        if self.stop == "memory" or (self.group is not None and self.group.out_of_memory()):
            return "MEM_LIMIT", code, f"more than {self.limit.memory} bytes of memory"
        if self.stop:
            return "KILLED", code, f"ended by gates: {self.stop}"
        if self._lost or code is None:
            return "INTERNAL_ERROR", None, "its exit code was lost: another part of this process waits for children"
        denied = "" if self.limit.network or code != REFUSED else network.refusal(stderr)
        return ("SANDBOX_DENIED", code, f"limit_not_applied: {denied}") if denied else by_code(code)


def by_code(code: int) -> tuple[Status, int, str]:
    """What a code says of a child that ended by itself; a negative one is the signal that ended it."""
    if code < 0:
        return "KILLED", code, f"ended by {_signal_name(-code)}"
    return ("FAILED" if code else "OK"), code, f"exit code {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
