"""Namespaces: the names of a module or class, and what lists, dicts and sets they lead to, as they were found."""

from __future__ import annotations

import builtins
import types
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import repeat
from operator import is_
from typing import Any

from pytest_vltair.leaks.innocence import LARGEST, SCALARS, equal, is_cache, is_innocent, is_unwatched
from pytest_vltair.leaks.own import steadily
from pytest_vltair.leaks.values import MISSING

DICTS: frozenset[type] = frozenset({dict, defaultdict, OrderedDict})


class Part:
    """One thing that is watched: a namespace, or a container; `views` are what there is to iterate over in it."""

    label: str
    views: tuple[Collection[object], ...]
    of_items = True
    """Whether what it holds is told in a tuple, and not by one value."""

    def differences(self) -> Iterator[tuple[str, Seen]]:
        """What is not as it was found, by its full name, and nobody is innocent of."""
        raise NotImplementedError

    def put(self, name: str, before: Any) -> bool:
        """Make it `before` again, as it was found where that is `MISSING`; whether that was possible."""
        raise NotImplementedError

    def found(self, name: str) -> Any:
        """What it was when it was found."""
        raise NotImplementedError


class Container(Part):
    """What a list, dict or set holds."""

    def __init__(self, label: str, held: Any) -> None:
        self.label = label
        self.held = held

    def is_copied(self, value: Any) -> bool:
        """Whether another container of the kind holds the equal of what this one held when it was found."""
        if value is self.held or type(value) is not type(self.held):
            return False
        had, has = self.found(""), _flat(value)
        return len(had) == len(has) and all(map(equal, had, has))


class Seen:
    """A value that something has now; two are equal where the very same objects are in both."""

    __slots__ = ("name", "part", "value")
    __hash__ = object.__hash__

    def __init__(self, part: Part, name: str, value: Any) -> None:
        self.part = part
        self.name = name
        self.value = value

    def __eq__(self, other: object) -> bool:
        if type(other) is not Seen or self.part is not other.part:
            return False
        if self.part.of_items:
            return len(self.value) == len(other.value) and all(map(is_, self.value, other.value))
        return self.value is other.value


class Namespace(Part):
    """The names of one module or class."""

    of_items = False

    def __init__(self, label: str, owner: Any) -> None:
        self.label = label
        self._owner = owner
        self._held = owner.__dict__
        self._in_class = isinstance(self._held, types.MappingProxyType)
        self._found = dict(self._held)
        self._values = tuple(self._held.values())
        self.views = (self._held.values(),)

    def differences(self) -> Iterator[tuple[str, Seen]]:
        """Names bound to something else, gone, or now hiding what was seen through them."""
        held = self._held
        if len(held) == len(self._values) and all(map(is_, held.values(), self._values)):
            return
        if not self._in_class and held.get("__spec__") is not self._found.get("__spec__"):
            yield self.label, Seen(self, "", held.get("__spec__"))
            return
        for name, before in self._found.items():
            now = held.get(name, MISSING)
            if now is not before and self._tells(name, before, now):
                yield f"{self.label}.{name}", Seen(self, name, now)
        for name in [name for name in held if name not in self._found]:
            before, now = self._hidden(name), held.get(name, MISSING)
            if before is not MISSING and self._tells(name, before, now):
                yield f"{self.label}.{name}", Seen(self, name, now)

    def found(self, name: str) -> Any:
        """What the name stood for; by inheritance or as a builtin, if it was not there itself."""
        return self._found[name] if name in self._found else self._hidden(name)

    def put(self, name: str, before: Any) -> bool:
        """Bind the name again; all of them for a module that was loaded anew."""
        if not name:
            self._held.update(self._found)
            return before is MISSING
        value = self._found.get(name, MISSING) if before is MISSING else before
        try:
            if not self._in_class and value is MISSING:
                self._held.pop(name, None)
            elif not self._in_class:
                self._held[name] = value
            elif value is MISSING:
                type.__delattr__(self._owner, name)
            else:
                type.__setattr__(self._owner, name, value)
        except (AttributeError, TypeError):
            return False
        return True

    def now(self, name: str) -> Any:
        """What the name stands for now."""
        return self._held.get(name, MISSING)

    def leads_to(self, value: object) -> bool:
        """Whether any of the names stands for the very value now."""
        return any(map(is_, self._held.values(), repeat(value)))

    def _tells(self, name: str, before: Any, now: Any) -> bool:
        return not is_unwatched(name, before, self._in_class) and not is_innocent(self.label, name, before, now)

    def _hidden(self, name: str) -> Any:
        if not self._in_class:
            return vars(builtins).get(name, MISSING)
        for above in type.__dict__["__mro__"].__get__(self._owner)[1:]:
            if name in above.__dict__:
                return above.__dict__[name]
        return MISSING


class Sequence(Container):
    """The items of one list."""

    def __init__(self, label: str, held: list[Any]) -> None:
        super().__init__(label, held)
        self._found = tuple(held)
        self.views = (held,)

    def differences(self) -> Iterator[tuple[str, Seen]]:
        """The list itself, where it holds other items."""
        now = tuple(self.held)
        if len(now) == len(self._found) and all(
            is_innocent(self.label, "", before, after) for before, after in zip(self._found, now, strict=True)
        ):
            return
        yield f"{self.label}[]", Seen(self, "", now)

    def found(self, _name: str) -> Any:
        """The items that it had."""
        return self._found

    def put(self, _name: str, before: Any) -> bool:
        """Fill the very same list again."""
        self.held[:] = self._found if before is MISSING else before
        return True


class Table(Container):
    """The keys that one dict or set had, and their values; what is added to it is nobody's fault."""

    def __init__(self, label: str, held: Any) -> None:
        super().__init__(label, held)
        self.pairs = type(held) in DICTS
        self._found = tuple(_items(held))
        self.views = (held, held.values()) if self.pairs else (held,)

    def differences(self) -> Iterator[tuple[str, Seen]]:
        """The table itself, where a key is gone or has another value."""
        now = {_token(key): value for key, value in _items(self.held)}
        if all(is_innocent("", _text(key), value, now.get(_token(key), MISSING)) for key, value in self._found):
            return
        flat = [(key, now[_token(key)]) for key, _ in self._found if _token(key) in now]
        yield f"{self.label}[]", Seen(self, "", tuple(each for pair in flat for each in pair))

    def found(self, _name: str) -> Any:
        """The keys and values that it had, in turn."""
        return tuple(each for pair in self._found for each in pair)

    def put(self, _name: str, before: Any) -> bool:
        """Fill the very same table again, in the old order; what was added stays."""
        flat = self.found("") if before is MISSING else before
        kept = dict(zip(map(_token, flat[::2]), zip(flat[::2], flat[1::2], strict=True), strict=True))
        had = {_token(key) for key, _ in self._found}
        added = [(key, value) for key, value in _items(self.held) if _token(key) not in had]
        self.held.clear()
        pairs = [*kept.values(), *added]
        self.held.update(pairs if self.pairs else [key for key, _ in pairs])
        return True


def containers(label: str, names: Iterable[tuple[str, Any]], seen: set[int], depth: int = 3) -> Iterator[Part]:
    """The lists, dicts and sets that names lead to, each once, and those in them; no caches."""
    for name, value in names:
        kind = type(value)
        if is_cache(name) or depth == 0 or not (kind is list or kind is set or kind in DICTS) or id(value) in seen:
            continue
        seen.add(id(value))
        if len(value) > LARGEST:
            continue
        whole = f"{label}{name}"
        yield Sequence(whole, value) if kind is list else Table(whole, value)
        inner = enumerate(value) if kind is list else [(key, one) for key, one in _items(value) if type(key) in SCALARS]
        if kind is not set:
            yield from containers(whole, ((f"[{key!r}]", one) for key, one in inner), seen, depth - 1)


def _items(held: Any) -> list[tuple[Any, Any]]:
    return steadily(lambda: list(held.items()) if type(held) in DICTS else [(one, None) for one in tuple(held)])


def _flat(held: Any) -> tuple[Any, ...]:
    return tuple(held) if type(held) is list else tuple(each for pair in _items(held) for each in pair)


def _text(key: object) -> str:
    return key if type(key) is str else ""


def _token(key: object) -> object:
    """What a key is known by, without a hash or comparison of its own."""
    return (type(key), key) if type(key) in SCALARS else id(key)
