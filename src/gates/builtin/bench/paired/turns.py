"""Turns: the order in which sides time their bursts, and how long a burst is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

SHORTEST = 0.0005
"""Seconds that a timing takes at least, by as many calls as that needs: far above what a clock resolves."""

SPENT = 0.04
"""Seconds that one side spends on one benchmark in one process, as far as a single call allows."""

LONG = 0.4
"""Seconds from which on a process times a benchmark once: what drifts cancels between groups only."""

CALLS = 3
BURSTS = 6
FEWEST = 2

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How one benchmark is timed in each process: `bursts` of `calls` timings of `loops` calls.

    The bursts are an even number, or a single one of what takes long.
    """

    bursts: int
    calls: int
    loops: int


def rhythm(seconds: float, loops: int | None = None) -> Rhythm:
    """The rhythm of a benchmark of which one call takes so many seconds; `loops` where the test itself says it."""
    held = loops or max(1, math.ceil(SHORTEST / max(seconds, 1e-9)))
    timing = max(seconds * held, 1e-9)
    timings = max(1, int(SPENT / timing))
    bursts = 1 if timing >= LONG else min(BURSTS, max(FEWEST, timings // 2 * 2))
    return Rhythm(bursts=bursts, calls=min(CALLS, max(1, timings // bursts)), loops=held)


def orders(sides: Sequence[T], count: int, before: int = 0) -> Iterator[tuple[T, ...]]:
    """`count` orders of the sides, after `before` times as many: of two in a row the second is the first reversed.

    So what drifts cancels, in two groups where there is one order in each. Of three sides six orders give each of them
    each place twice.
    """
    every = list(permutations(sides))
    half = every[: max(1, len(every) // 2)]
    for number in range(before * count, (before + 1) * count):
        order = half[number // 2 % len(half)]
        yield order if number % 2 == 0 else order[::-1]
