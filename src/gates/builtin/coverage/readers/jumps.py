"""Jumps: from which line to which, packed as the data file gives them, since a large project has millions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from gates.builtin.coverage import lines

Number = Annotated[int, msgspec.Meta(ge=-lines.LARGEST, le=lines.LARGEST)]

_decoder = msgspec.json.Decoder(list[Number])


class Jumps(AbstractSet[tuple[int, int]]):
    """A set of jumps; a negative number stands for the code object that begins at that line, entered or left.

    As tuples, those of 5,000 files of 1,000 lines take almost 1 GB; packed, 50 MB. `packed` makes one.
    """

    __slots__ = ("_froms", "_tos")

    def __init__(self, froms: str, tos: str) -> None:
        self._froms, self._tos = froms, tos

    def __contains__(self, jump: object) -> bool:
        return jump in _unpacked(self._froms, self._tos)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(_unpacked(self._froms, self._tos))

    def __len__(self) -> int:
        return len(_unpacked(self._froms, self._tos))

    def __repr__(self) -> str:
        return f"Jumps({sorted(self)})"

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        return frozenset(it)


def packed(count: int, froms: str, tos: str) -> tuple[Jumps, int]:
    """So many jumps of two lists of numbers, `1,2,5`, and the lines at both ends of them as a set.

    These are what coverage.py counts as having run where it measured jumps.

    Raises:
        ValueError: the lists are of another length, or one of the numbers is no line's.
    """
    starts, stops = _numbers(froms), _numbers(tos)
    if len(starts) != count or len(stops) != count:
        msg = "a jump has one end"
        raise ValueError(msg)
    at_ends = {*starts, *stops}
    ran = lines.of([number for number in at_ends if number > 0])
    # So many come of several contexts, which all have the same jumps.
    return _pack(set(zip(starts, stops, strict=True))) if count > 2 * len(at_ends) else Jumps(froms, tos), ran


def joined(parts: Sequence[Jumps]) -> Jumps:
    """The jumps that are in any of them."""
    return parts[0] if len(parts) == 1 else _pack({jump for part in parts for jump in part})


def _pack(jumps: Collection[tuple[int, int]]) -> Jumps:
    return Jumps(",".join(str(jump[0]) for jump in jumps), ",".join(str(jump[1]) for jump in jumps))


def _numbers(text: str) -> list[int]:
    try:
        return _decoder.decode(f"[{text}]")
    except msgspec.MsgspecError as error:
        msg = "some of its line numbers are of no file"
        raise ValueError(msg) from error


@lru_cache(maxsize=8)
def _unpacked(froms: str, tos: str) -> frozenset[tuple[int, int]]:
    return frozenset(zip(_numbers(froms), _numbers(tos), strict=True))
