"""Requirements: the markers of each test, and the ids that `requirement` and `covers` name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest

from pytest_vltair.lines import escape

NAMING = frozenset({"requirement", "covers"})


class Named(NamedTuple):
    """Names of markers and ids of requirements, both sorted and without repetition."""

    markers: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


NOTHING = Named()


def named(item: pytest.Item) -> Named:
    """What the markers of a test, its classes and its module say, now."""
    return _named(item.iter_markers())


def named_each(items: Iterable[pytest.Item]) -> Iterator[tuple[pytest.Item, Named]]:
    """Each test with what is named on it now; what tests share, their classes and modules, is asked once."""
    shared: dict[int, tuple[pytest.Mark, ...]] = {}
    for item in items:
        parent = item.parent
        above = shared.get(id(parent))
        if above is None:
            above = shared[id(parent)] = () if parent is None else tuple(parent.iter_markers())
        yield item, _named((*item.own_markers, *above))


def _named(marks: Iterable[pytest.Mark]) -> Named:
    markers: set[str] = set()
    ids: set[str] = set()
    for mark in marks:
        markers.add(mark.name)
        if mark.name in NAMING:
            ids.update(map(str, mark.args))
    return Named(tuple(sorted(map(escape, markers))), tuple(sorted(map(escape, ids)))) if markers else NOTHING


class Requirements:
    """Knows the tests of this process by their node ids."""

    def __init__(self) -> None:
        self._items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the tests that are left."""
        self._items = {item.nodeid: item for item in session.items}

    def of(self, nodeid: str) -> Named:
        """What is named on a test at this moment, since fixtures may add markers; nothing if it is not known here."""
        item = self._items.get(nodeid)
        return NOTHING if item is None else named(item)
