"""Ordered: probes of lists that several parties add to, each entry a key of its own."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, cast

from pytest_vltair.leaks.values import MISSING, Sign, cut, shown

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

PLAIN = frozenset({str, bytes, int, type(None), tuple})
"""Types whose equal values are one entry."""


class Entry(tuple[int, Any]):  # noqa: SLOT001 - no slot of a tuple can hold anything
    """An entry of the list of that index; equal entries are one, those of other types are told by identity."""

    at: int
    value: Any

    def __new__(cls, at: int, value: Any) -> Self:
        """Made by hand: to generate a NamedTuple takes longer than to import this whole module."""
        made = super().__new__(cls, (at, value))
        made.at, made.value = at, value
        return made

    def __str__(self) -> str:
        return self.value if isinstance(self.value, str) else shown(self.value)


class Order(Entry):
    """Stands for the order of a list, whose value is its entries; no entry is `MISSING`."""

    def __str__(self) -> str:
        return "order"


class _Seen(dict[Hashable, Any]):
    """What one look saw."""


class Ordered:
    """A probe of lists: values are the positions of an entry, of which only how many there are is compared."""

    kind: str
    names: tuple[str, ...]

    def __init__(self) -> None:
        self._for: State = {}
        self._prepared: list[list[Any]] = []

    def lists(self) -> tuple[list[Any], ...]:
        """The lists as they are now."""
        raise NotImplementedError

    def touched(self) -> None:
        """Called when a list was changed by `restore`."""

    def look(self) -> State:
        """Positions by entry, and the order of each list."""
        state = _Seen()
        for index, entries in enumerate(self.lists()):
            here = list(entries)
            for position, value in enumerate(here):
                key = Entry(index, _plain(value))
                state[key] = (*state.get(key, ()), position)
            state[Order(index, MISSING)] = here
        return state

    def changed(self, known: State) -> bool:
        """Whether any list differs."""
        if type(known) is not _Seen:  # made by the guard out of what several looks saw
            return _differ(self.look(), known)
        if known is not self._for:
            self._for = known
            self._prepared = [known[Order(index, MISSING)] for index in range(len(self.names))]
        return _differ(list(self.lists()), self._prepared)

    def signs(self, known: State) -> Sequence[Sign] | None:
        """The lists."""
        looked = known if type(known) is _Seen else self.look()
        if _differ(looked, known):
            return None
        return [Sign(self.lists, tuple(looked[Order(index, MISSING)] for index in range(len(self.names))))]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether an entry is there as often, and whether common entries are in the same order."""
        if isinstance(key, Order):
            had, has = (list(dict.fromkeys(map(_plain, entries))) for entries in (before, after))
            positions = [has.index(one) for one in had if one in has]
            return all(one < other for one, other in pairwise(positions))
        return before is not MISSING and after is not MISSING and len(before) == len(after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`sys.path gained "/tmp/x"`."""
        name = self.names[cast("Entry", key).at]
        if isinstance(key, Order):
            return f"{name} is in another order"
        times = 0 if before is MISSING else len(before)
        now = 0 if after is MISSING else len(after)
        said = f"{name} {'gained' if now > times else 'lost'} {cut(shown(cast('Entry', key).value))}"
        return said if {times, now} == {0, 1} else f"{said}: it was there {_often(times)} and is {_often(now)}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Add or remove entries, or bring back the order."""
        del after
        index = cast("Entry", key).at
        entries = self.lists()[index]
        if isinstance(key, Order):
            _arrange(entries, before)
        else:
            value = cast("Entry", key).value
            value = value.value if isinstance(value, _Identity) else value
            entries[:] = [one for one in entries if _plain(one) != _plain(value)]
            for position in () if before is MISSING else before:
                entries.insert(position, value)
            if before is not MISSING and self._prepared:
                _arrange(entries, self._prepared[index])  # a neighbour may not be there again yet
        self.touched()
        return True


class _Identity:
    """A value whose own hash and equality nobody asks, as a key."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)

    def __repr__(self) -> str:
        return shown(self.value)


def _arrange(entries: list[Any], order: list[Any]) -> None:
    """Sort `entries` as they are in `order`; those that it has not come last."""
    places = {_plain(one): place for place, one in reversed(list(enumerate(order)))}
    entries.sort(key=lambda one: places.get(_plain(one), len(order)))


def _plain(value: Any) -> Any:
    """A value as a key: itself where it is of a type of Python's own whose equality means something."""
    if type(value) in PLAIN:
        try:
            hash(value)
        except Exception:  # noqa: BLE001 - what a tuple holds
            return _Identity(value)
        return value
    return _Identity(value)


def _differ(one: object, other: object) -> bool:
    """Whether they are not equal, or cannot be compared."""
    try:
        return bool(one != other)
    except Exception:  # noqa: BLE001 - whatever a test's objects do
        return True


def _often(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
