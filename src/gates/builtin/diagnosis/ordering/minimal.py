"""Minimal sets: which few of many units bring a flip about, by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

AGAIN = range(1, 4)
Flips = Callable[[Sequence[str], int], bool]
"""Whether a test flips after these units, kept in their order; the number tells a repetition from the first time."""


class UnsteadyError(Exception):
    """The same trial ended one way and then the other."""


class CrowdError(Exception):
    """It takes more units than can be called culprits."""


def minimal(units: Sequence[str], flips: Flips, most: int) -> tuple[str, ...]:
    """The units, in their order, of which none can be left out.

    With all of them it flips, with none it does not: both are known. Each unit is found as the last place from which
    the rest suffices, so k of n units take about k * log2(n) steps. Both sides of each such place are asked once more,
    so that chance is found out rather than blamed.
    """
    kept: tuple[str, ...] = ()
    rest = tuple(units)
    while not (kept and _steadily(flips, kept)):
        if not rest:
            raise UnsteadyError
        if len(kept) == most:
            raise CrowdError
        place = _last_place(kept, rest, flips)
        kept, rest = (*kept, rest[place]), rest[place + 1 :]
    return _needed(kept, flips)


def _last_place(kept: tuple[str, ...], rest: tuple[str, ...], flips: Flips) -> int:
    low, high = 0, len(rest)
    while high - low > 1:
        middle = (low + high) // 2
        if flips((*kept, *rest[middle:]), 0):
            low = middle
        else:
            high = middle
    if not flips((*kept, *rest[low:]), 1) or (high < len(rest) and flips((*kept, *rest[high:]), 1)):
        raise UnsteadyError
    return low


def _needed(kept: tuple[str, ...], flips: Flips) -> tuple[str, ...]:
    """What is left when each unit has been left out in turn: one that undoes another may have hidden that.

    One that is needed is left out several times, for of a flip by chance anything may seem to be needed once.
    """
    place = 0
    while len(kept) > 1 and place < len(kept):
        fewer = kept[:place] + kept[place + 1 :]
        if _steadily(flips, fewer):
            kept, place = fewer, 0
        elif any(flips(fewer, number) for number in AGAIN):
            raise UnsteadyError
        else:
            place += 1
    return kept


def _steadily(flips: Flips, units: tuple[str, ...]) -> bool:
    """Whether it flips twice after these units."""
    if not flips(units, 0):
        return False
    if not flips(units, 1):
        raise UnsteadyError
    return True
