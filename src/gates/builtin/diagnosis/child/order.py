"""Order: which of the collected tests run, and in which order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pytest

SEQUENTIAL = ("order", "run", "incremental")
"""Marks by which a project says that its tests come in an order, by pytest-order, pytest-ordering and its own hooks."""

Item = TypeVar("Item")


def document(item: pytest.Item) -> str:
    """What a test is a part of that is read from its beginning to its end: examples build on those before them.

    These are the files of collectors that are no Python modules, such as sybil's; empty for tests of their own.
    """
    files = [node for node in item.listchain() if isinstance(node, pytest.File)]
    return "" if not files or isinstance(files[-1], pytest.Module) else files[-1].nodeid


def chosen(items: Sequence[Item], names: Sequence[str], tests: Sequence[str], units: Sequence[str]) -> list[Item]:
    """The items that were asked for, in the order of `tests`; with an example come those before it in its document.

    `names` are the ids of the items and `units` their documents. Two items of one id stay together.
    """
    places: dict[str, list[int]] = {}
    members: dict[str, list[int]] = {}
    for index, (name, unit) in enumerate(zip(names, units, strict=True)):
        places.setdefault(name, []).append(index)
        members.setdefault(unit, []).append(index)
    found: dict[int, None] = {}
    for test in tests:
        for index in places.get(test, ()):
            before = [one for one in members[units[index]] if one < index] if units[index] else []
            found.update(dict.fromkeys([*before, index]))
    return [items[index] for index in found]


def arranged(
    items: Sequence[Item], order: str, names: Sequence[str], units: Sequence[str], fixed: Sequence[bool]
) -> list[Item]:
    """The items in `collected`, `reversed` or `shuffled:SEED` order; a shuffle mixes tests of all modules.

    A document stays as it is, in one piece. Items that are `fixed` keep their order among themselves. A subset of the
    items is shuffled as it is among all.
    """
    pieces = list(_pieces(units).values())
    if order == "reversed":
        pieces.reverse()
    elif order.startswith("shuffled:"):
        seed = order.partition(":")[2]
        pieces.sort(key=lambda piece: hashlib.sha256(f"{seed}:{names[piece[0]]}".encode()).digest())
    places = [index for piece in pieces for index in piece]
    kept = iter(sorted(index for index in places if fixed[index]))
    return [items[next(kept) if fixed[index] else index] for index in places]


def _pieces(units: Sequence[str]) -> Mapping[object, list[int]]:
    found: dict[object, list[int]] = {}
    for index, unit in enumerate(units):
        found.setdefault(unit or index, []).append(index)
    return found


def fixed(item: pytest.Item) -> bool:
    """Whether the project itself says where a test comes."""
    return any(item.get_closest_marker(name) is not None for name in SEQUENTIAL)
