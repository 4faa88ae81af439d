"""Requirements: the markers of each test, and the ids that `requirement` and `covers` name."""

from __future__ import annotations

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
    markers: set[str] = set()
    ids: set[str] = set()
    for mark in item.iter_markers():
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
