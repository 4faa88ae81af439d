"""Cpus: how many processors this process is told that it may use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from .switch import Switch, replace

REAL = ("own", "+0")


class Cpus(Switch):
    """The number of processors, by every function that tells it; children that are other programs see the real one.

    `+0` has the same functions tell the real one.
    """

    def install(self) -> None:
        """Stand in for those functions, where another number was asked for."""
        if self.asked == self.base:
            return
        count = os.cpu_count
        replace(os, "cpu_count", lambda: count() if self.value in REAL else int(self.value))
        if hasattr(os, "process_cpu_count"):
            usable = os.process_cpu_count
            replace(os, "process_cpu_count", lambda: usable() if self.value in REAL else int(self.value))
        if hasattr(os, "sched_getaffinity"):
            self._affinity()

    def _affinity(self) -> None:
        real, put = os.sched_getaffinity, os.sched_setaffinity
        chosen: list[bool] = []

        def sched_getaffinity(pid: int, /) -> set[int]:
            found = real(pid)
            if self.value in REAL or chosen or pid not in (0, os.getpid()):
                return found
            return _of(int(self.value), found)

        def sched_setaffinity(pid: int, mask: Iterable[int], /) -> Any:
            done = put(pid, mask)
            chosen.append(True)
            return done

        replace(os, "sched_getaffinity", sched_getaffinity)
        replace(os, "sched_setaffinity", sched_setaffinity)


def _of(number: int, real: set[int]) -> set[int]:
    """So many processors, the real ones first, so that a process can be bound to some of them."""
    kept = sorted(real)[:number]
    more = (one for one in range(number + len(real)) if one not in real)
    while len(kept) < number:
        kept.append(next(more))
    return set(kept)
