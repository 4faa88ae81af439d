"""Values: what a thing holds, as a value that can be compared later, without a line of its own code being run."""

from __future__ import annotations

import functools
import itertools
import operator
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

DEPTH = 5
ITEMS = 1000
BUILT_IN = frozenset({"builtins", "re", "typing", "_abc"})
SCALARS = (int, float, complex, str, bytes, bool, type(None))
ITERATORS: tuple[type, ...] = (
    type(iter([])),
    type(iter(())),
    type(iter("")),
    type(iter(range(0))),
    type(iter({})),
    type(iter(set())),
    type(reversed([])),
)
CACHE = type(functools.lru_cache(lambda: None))


def look(value: object, depth: int = DEPTH) -> object:
    """What a value is and what it holds, to a depth; two are equal where nothing of that has changed."""
    kind = type(value)
    if kind in SCALARS:
        return kind.__name__, value if value == value else "nan"  # noqa: PLR0124
    if depth == 0:
        return kind.__name__, id(value)
    reader = READERS.get(kind)
    return _object(value, depth) if reader is None else (kind.__name__, reader(value, depth - 1))


def _table(value: Any, depth: int) -> object:
    pairs = _steady(value)
    return len(pairs), tuple((look(key, depth), look(one, depth)) for key, one in pairs[:ITEMS])


def _sequence(value: Any, depth: int) -> object:
    return len(value), tuple(look(one, depth) for one in list(value)[:ITEMS])


def _set(value: Any, depth: int) -> object:
    return len(value), frozenset(look(one, depth) for one in list(value)[:ITEMS])


def _object(value: object, depth: int) -> object:
    """A thing by what it is, and an object of a class written in Python by its attributes too."""
    own = id(value)
    if (
        issubclass(type(value), type)
        or callable(value)
        or type(value).__module__ in {"builtins", "re", "typing", "_abc"}
    ):
        return own
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return own
    if type(held) is not dict:
        return own
    attributes = list(held.items())[:ITEMS]
    return own, tuple((name, look(one, depth - 2 if depth > 2 else 0)) for name, one in attributes)


def _steady(value: Any) -> list[tuple[object, object]]:
    """The pairs of a table, though another thread may add to it."""
    for _ in range(3):
        try:
            return list(dict.items(value))
        except RuntimeError:
            continue
    return []


READERS: dict[type, Callable[[Any, int], object]] = {
    **dict.fromkeys((dict, OrderedDict, defaultdict, Counter), _table),
    **dict.fromkeys((list, tuple, deque), _sequence),
    **dict.fromkeys((set, frozenset), _set),
    **dict.fromkeys(ITERATORS, lambda value, _: operator.length_hint(value)),
    itertools.count: lambda value, _: repr(value),
    CACHE: lambda value, _: (id(value), value.cache_info().currsize),
}
"""How the things of each kind are read: none runs a line of the project's."""
