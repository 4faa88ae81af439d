"""Offspring: every process that a child left in the world, found by group, parentage, control group and token."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gates.process.cgroup import Cgroup

VARIABLE = "VLTAIR_CHILD_TOKEN"
GRACE = 1.0
"""Seconds between asking a process to end and ending it."""
INSISTENCE = 5.0
"""Seconds after which a process that SIGKILL did not end (uninterruptible in the kernel) is given up."""
PROC = Path("/proc")
KERNEL_THREAD = 0x00200000
"""PF_KTHREAD of Linux's include/linux/sched.h: a thread of the kernel has no environment."""
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def new_token() -> str:
    """A random name for one child: 128 bits in hex."""
    return os.urandom(16).hex()


def marked(env: Mapping[str, str], token: str) -> dict[str, str]:
    """`env` with the token; those of the runs that this one is part of are kept, so that they find this child too."""
    outer = env.get(VARIABLE) or os.environ.get(VARIABLE)
    return {**env, VARIABLE: f"{outer}.{token}" if outer else token}


@dataclass(frozen=True)
class Member:
    """A living process; `started` tells it from a later one with the same number (0: unknown)."""

    pid: int
    started: int
    resident: int


class Scan(Protocol):
    """One way to look for the living offspring of a leader."""

    def members(self, leader: int, token: str, known: Mapping[int, int]) -> list[Member]:
        """The living offspring, the leader included; `known` are numbers and starts that belong to it for certain."""


class ProcScan:
    """Looks through Linux's /proc; what was foreign once stays foreign, so that a second look is cheap."""

    def __init__(self) -> None:
        self._foreign: set[tuple[int, int]] = set()
        self._page = os.sysconf("SC_PAGE_SIZE")

    def members(self, leader: int, token: str, known: Mapping[int, int]) -> list[Member]:
        """The living offspring, the leader included."""
        needle = token.encode()
        found: set[int] = set()
        living: dict[int, tuple[Member, int]] = {}
        for entry in os.listdir(PROC):  # noqa: PTH208 - names are numbers here, and there are hundreds
            if not entry.isdigit():
                continue
            fields = _stat(entry)
            if fields is None or fields[0] in {b"Z", b"X"} or int(fields[6]) & KERNEL_THREAD:
                continue
            pid, started = int(entry), int(fields[19])
            living[pid] = (Member(pid, started, int(fields[21]) * self._page), int(fields[1]))
            if leader in {pid, int(fields[2]), int(fields[3])} or known.get(pid) in {0, started}:
                found.add(pid)
            elif (pid, started) not in self._foreign:
                variables = _read(entry, "environ")
                if needle in variables:
                    found.add(pid)
                elif variables:
                    # An empty answer may be a process in the middle of exec: it is asked again.
                    self._foreign.add((pid, started))
        return [living[pid][0] for pid in sorted(_with_children(found | {leader}, living)) if pid in living]


def _with_children(found: set[int], living: Mapping[int, tuple[Member, int]]) -> set[int]:
    own = os.getpid()
    while True:
        more = {pid for pid, (_member, parent) in living.items() if parent in found and pid not in found}
        if not more:
            return found - {own}
        found |= more


def _stat(pid: str) -> list[bytes] | None:
    """The fields of /proc/PID/stat from `state` on (proc(5)); None where the process is gone."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return fields if len(fields) > 21 else None


def _read(pid: str, name: str) -> bytes:
    """A file of a process; empty where the process is gone or another user's."""
    try:
        with open(f"{PROC}/{pid}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - there are hundreds
            return file.read()
    except OSError:
        return b""


class PsutilScan:
    """Looks through psutil, for macOS, Windows and a Linux without /proc."""

    def members(self, leader: int, token: str, known: Mapping[int, int]) -> list[Member]:
        """The living offspring, the leader included."""
        import psutil

        found = {*known, leader}
        living: dict[int, tuple[Member, int]] = {}
        for one in psutil.process_iter(["pid", "ppid", "status", "memory_info", "environ"]):
            facts = one.info
            if facts["status"] in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
                continue
            pid = facts["pid"]
            resident = 0 if facts["memory_info"] is None else facts["memory_info"].rss
            living[pid] = (Member(pid, 0, resident), facts["ppid"] or 0)
            if token in (facts["environ"] or {}).get(VARIABLE, "") or _group(pid) == leader:
                found.add(pid)
        return [living[pid][0] for pid in sorted(_with_children(found, living)) if pid in living]


def _group(pid: int) -> int | None:
    reader = getattr(os, "getpgid", None)
    try:
        return None if reader is None else reader(pid)
    except OSError:
        return None


def scan() -> Scan:
    """The scan that fits this machine."""
    return ProcScan() if (PROC / "self" / "environ").exists() else PsutilScan()


class Offspring:
    """A child that was started as the leader of a session of its own, and whatever it started."""

    def __init__(self, leader: int, token: str, cgroup: Cgroup | None = None, looking: Scan | None = None) -> None:
        self.leader = leader
        self.token = token
        self.cgroup = cgroup
        self._scan = looking or scan()
        self._seen: dict[int, int] = {}

    def members(self) -> list[Member]:
        """The living processes, by number; a zombie is not alive. What was found once stays found."""
        grouped = [] if self.cgroup is None else self.cgroup.members()
        found = self._scan.members(self.leader, self.token, {**self._seen, **dict.fromkeys(grouped, 0)})
        self._seen = {one.pid: one.started for one in found}
        return found

    def exceeds(self, limit: int) -> bool:
        """Whether more than `limit` bytes are resident in the whole tree; shared pages count once where it matters."""
        members = self.members()
        if sum(one.resident for one in members) <= limit:
            return False
        return len(members) == 1 or sum(_proportional(one) for one in members) > limit

    def ask(self) -> None:
        """Request every member to end (SIGTERM)."""
        # Found before anybody is gone: a parent that ends first takes the trace to its children with it.
        members = self.members()
        self._group(signal.SIGTERM)
        self._each(members, signal.SIGTERM)

    def settle(self, seconds: float, pause: Callable[[float], None] = time.sleep) -> list[Member]:
        """Wait until nobody is left, for at most `seconds`, by calls of `pause`; returns who is."""
        until = time.monotonic() + seconds
        while left := self.members():
            if time.monotonic() >= until:
                return left
            pause(0.005)
        return []

    def insist(self) -> int:
        """End every member, and those born meanwhile; returns how many could not be ended."""
        until = time.monotonic() + INSISTENCE
        while True:
            left = self.members()
            if not left:
                return 0
            if self.cgroup is not None:
                self.cgroup.kill()
            self._group(_KILL)
            if time.monotonic() > until:
                return len(left)
            self._each(left, _KILL)
            time.sleep(0.002)

    def end(self, grace: float = GRACE, pause: Callable[[float], None] = time.sleep) -> int:
        """Ask, and insist after `grace` seconds; returns how many could not be ended."""
        self.ask()
        self.settle(grace, pause)
        return self.insist()

    def _group(self, number: int) -> None:
        killer = getattr(os, "killpg", None)
        if killer is None:
            return
        try:
            killer(self.leader, number)
        except OSError:
            return

    def _each(self, members: Iterable[Member], number: int) -> None:
        # The leader's own group had the signal already: twice would look like a second request.
        for one in members:
            if _group(one.pid) != self.leader:
                _send(one, number)


def _send(member: Member, number: int) -> None:
    """Signal one process, and never a later one that got its number."""
    opener = getattr(os, "pidfd_open", None)
    try:
        if opener is None:
            os.kill(member.pid, number)
            return
        descriptor = opener(member.pid)
    except OSError:
        return
    try:
        fields = _stat(str(member.pid))
        if not member.started or (fields is not None and int(fields[19]) == member.started):
            signal.pidfd_send_signal(descriptor, number)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _proportional(member: Member) -> int:
    """Bytes with shared pages divided (proc(5), "smaps_rollup"), else the resident ones; none of what has ended."""
    place = Path(PROC, str(member.pid))
    try:
        lines = (place / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except ProcessLookupError:
        return 0
    except (OSError, ValueError, IndexError, StopIteration):
        return 0 if PROC.exists() and not place.exists() else member.resident
