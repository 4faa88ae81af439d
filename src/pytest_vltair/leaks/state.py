"""State: names of the project's own modules and classes, and what their lists, dicts and sets hold."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Collection, Hashable
from typing import Any

import pytest

from pytest_vltair.leaks import own
from pytest_vltair.leaks.innocence import LARGEST, isinstance_of
from pytest_vltair.leaks.namespaces import Container, Namespace, Part, Seen, Sequence, Table, containers
from pytest_vltair.leaks.probe import State as Looked
from pytest_vltair.leaks.values import MISSING, change, shown

KNOWN_LAYOUT = (3, 15)
"""The first Python whose lists were not looked at; from it on addresses are asked for one by one."""


class State:
    """What is not as it was when its module was imported, by full name; as it was, nothing."""

    kind = "state"

    def __init__(self, config: pytest.Config) -> None:
        self._own = own.Own(config.rootpath)
        self._is_plugin = config.pluginmanager.is_registered
        self._known: set[str] = set()
        self._seen: set[int] = set()
        self._parts: list[Part] = []
        self._views: list[Collection[object]] = []
        self._addresses = addresses()
        self._modules = sys.modules
        self._count = 0
        self._looked: Looked = {}
        self._kept: list[object] = [None]
        self._raw: object = None

    def look(self) -> Looked:
        """What is bound to, or holds, something else than it did."""
        return own.steadily(self._look)

    def _look(self) -> Looked:
        self._extend()
        large = [part for part in self._parts if sum(map(len, part.views)) > 4 * LARGEST and part.of_items]
        if large:
            self._parts = [part for part in self._parts if part not in large]
            self._views = [view for part in self._parts for view in part.views]
        looked: dict[Hashable, Any] = {}
        for part in self._parts:
            looked.update(part.differences())
        self._looked = looked
        self._kept = self._everything()  # held, so that nothing new can have the address of what was there
        self._raw = self._addresses(self._kept)
        return looked

    def changed(self, known: Looked) -> bool:
        """Whether anything else is there than at the last look, or the last look saw other than `known`."""
        if len(self._modules) != self._count and self._extend():
            self.look()
        try:
            if self._addresses(self._everything()) != self._raw:
                return True
        except RuntimeError:  # somebody changes a dict while it is gone through
            return True
        return known is not self._looked and known != self._looked

    def same(self, _key: Hashable, before: Any, after: Any) -> bool:
        """Whether it is the very same, or an equal copy is in its place; what is innocent is not even seen."""
        return bool(before == after) or (before is MISSING and self._is_replaced(after))

    def _is_replaced(self, seen: Seen) -> bool:
        """Whether a copy of what a container held is bound to its name, and no other name leads to the container."""
        label = f"{seen.part.label}.{seen.name}" if isinstance(seen.part, Namespace) else seen.part.label
        owner, _, name = label.rpartition(".")
        spaces = [part for part in self._parts if isinstance(part, Namespace)]
        homes = [part for part in spaces if part.label == owner]
        held = [part for part in self._parts if isinstance(part, Container) and part.label == label]
        return (
            len(homes) == len(held) == 1
            and held[0].is_copied(homes[0].now(name))
            and sum(part.leads_to(held[0].held) for part in spaces) == 0
        )

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`shop.cart.CURRENCY was "EUR" and is "USD"`."""
        seen: Seen = before if after is MISSING else after
        name = str(key)
        was = seen.part.found(seen.name) if before is MISSING else before.value
        now = seen.part.found(seen.name) if after is MISSING else after.value
        if isinstance(seen.part, Sequence):
            return change(name.removesuffix("[]"), list(was), list(now))
        if isinstance(seen.part, Table):
            return _difference(name.removesuffix("[]"), was, now, seen.part.pairs)
        if not seen.name:
            return f"module {name} was loaded anew"
        return f"{name} was {_named(was)} and is {'gone' if now is MISSING else _named(now)}"

    def restore(self, _key: Hashable, before: Any, after: Any) -> bool:
        """Bind it to what it was, or fill it with what it held."""
        seen: Seen = before if after is MISSING else after
        return seen.part.put(seen.name, MISSING if before is MISSING else before.value)

    def _extend(self) -> bool:
        """Watch the modules that were imported since; whether there are any."""
        self._count = len(self._modules)
        found: list[Part] = []
        for module in self._own.modules(self._known):
            if self._is_plugin(module):  # its hooks keep what they need there, while tests run too
                continue
            owners = [
                (module.__name__, module),
                *((f"{module.__name__}.{one.__qualname__}", one) for one in own.classes(module)),
            ]
            for label, owner in owners:
                found.append(Namespace(label, owner))
                found += containers(f"{label}.", _visible(owner), self._seen)
        if len(self._known) < self._count:  # some could not be looked at
            self._count = -1
        self._parts += found
        self._views += [view for part in found for view in part.views]
        return bool(found)

    def _everything(self) -> list[object]:
        everything: list[object] = [None]
        extend = everything.extend
        for view in self._views:
            extend(view)
        return everything


def addresses() -> Callable[[list[object]], object]:
    """The function that tells where the items of a list are, so that two lists of the very same items give the same.

    Comparing the lists would ask objects whether they are equal, which may run anything; asking each item for its
    address takes four times as long.
    """
    if sys.implementation.name != "cpython" or sys.version_info >= KNOWN_LAYOUT:
        return one_by_one
    try:
        import ctypes
    except ImportError:
        return one_by_one
    size = ctypes.sizeof(ctypes.c_void_p)
    offset = object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)
    pointer_at, read = ctypes.c_void_p.from_address, ctypes.string_at

    def at_once(items: list[object]) -> bytes:
        return read(pointer_at(id(items) + offset).value or 0, len(items) * size)

    sample: list[object] = [object(), object()]
    expected = b"".join(id(one).to_bytes(size, sys.byteorder) for one in sample)
    return at_once if at_once(sample) == expected else one_by_one


def one_by_one(items: list[object]) -> tuple[int, ...]:
    """Where the items of a list are."""
    return tuple(map(id, items))


def _visible(owner: Any) -> list[tuple[str, Any]]:
    items = own.steadily(lambda: tuple(owner.__dict__.items()))
    return [(name, value) for name, value in items if not name.startswith("__")]


def _named(value: object) -> str:
    """A value; functions and classes by their names, what may have a `repr` of its own by its type."""
    if isinstance_of(value, (types.FunctionType, types.MethodType, type)):
        return f"{value.__module__}.{value.__qualname__}"  # type: ignore[attr-defined]
    if isinstance_of(value, (classmethod, staticmethod)):
        return f"{type(value).__name__} {_named(value.__func__)}"  # type: ignore[attr-defined]
    plain = type(value).__module__ == "builtins"
    return shown(value) if plain else f"an object of {type(value).__module__}.{type(value).__qualname__}"


def _difference(name: str, was: tuple[Any, ...], now: tuple[Any, ...], pairs: bool) -> str:
    """`shop.config.SETTINGS["debug"] was False and is True`, for the first few keys."""
    before, after = dict(zip(was[::2], was[1::2], strict=True)), dict(zip(now[::2], now[1::2], strict=True))
    if not pairs:
        return f"{name} lost {', '.join(_named(key) for key in before if key not in after)}"
    clauses = [
        f"{name}[{_named(key)}] was {_named(value)} and is {_named(after[key]) if key in after else 'gone'}"
        for key, value in before.items()
        if after.get(key, MISSING) is not value
    ]
    return "; ".join(clauses[:3]) + (f"; and {len(clauses) - 3} more" if len(clauses) > 3 else "")
