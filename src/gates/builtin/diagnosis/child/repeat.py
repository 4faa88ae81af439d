"""Repeat: the same tests again in the same process, the whole selection after the whole selection."""

from __future__ import annotations

from types import MethodType
from typing import Any

import pytest

from .order import document


class Base:
    """Stands for the test that comes next where none of what the last one had set up, but the session, is kept."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[pytest.Session]:
        """What is kept."""
        return [self._session]


class Turns:
    """Which turn of the selection runs; a test of a turn finds its module and classes set up anew."""

    def __init__(self, items: list[pytest.Item], turns: int) -> None:
        self._length, self._ran = len(items), 0
        self._begun: dict[pytest.Item, int] = {}
        self._first: dict[pytest.Item, Any] = {}
        again = [item for item in items if repeatable(item)]
        self.items = items + again * (turns - 1)
        self._again = len(again)
        if turns > 1:
            self._first = {item: _kept(item) for item in again}

    def begin(self, item: pytest.Item) -> int:
        """The number of the turn of a test that begins; from the second on it is put back to what it was."""
        self._ran += 1
        turn = self._begun[item] = self._begun.get(item, 0) + 1
        if turn > 1:
            _renew(item, self._first.get(item))
        return turn

    def finish(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Tear down what pytest keeps for the next test, where that is one of the next turn."""
        over = self._ran - self._length
        edge = over == 0 or (over > 0 and self._again > 0 and over % self._again == 0)
        if nextitem is not None and (edge or nextitem is item):
            item.session._setupstate.teardown_exact(Base(item.session))  # type: ignore[arg-type]  # noqa: SLF001


def repeatable(item: pytest.Item) -> bool:
    """Whether a test can run again: an example in a document would meet what the document left the first time."""
    return isinstance(item, pytest.DoctestItem) or not document(item)


def _kept(item: pytest.Item) -> Any:
    """What a run of the test takes away from it."""
    if isinstance(item, pytest.DoctestItem):
        return dict(item.dtest.globs)
    return getattr(item, "_obj", None)


def _renew(item: pytest.Item, first: Any) -> None:
    """Give a test back what a run took away: a doctest its names, a method an object of its class of its own."""
    item._report_sections.clear()  # noqa: SLF001
    if isinstance(item, pytest.DoctestItem):
        item.dtest.globs.clear()
        item.dtest.globs.update(first)
    elif isinstance(item, pytest.Function) and item.cls is not None:
        if isinstance(first, MethodType):
            item.__dict__.pop("_instance", None)
            item.__dict__.pop("_obj", None)
    elif first is not None:
        item.__dict__["_obj"] = first
