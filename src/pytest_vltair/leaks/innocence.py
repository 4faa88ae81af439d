"""Innocence: which changes of a name's value come with normal use, and nobody is accused of."""

from __future__ import annotations

import re
import types
from typing import Any

from pytest_vltair.leaks.values import MISSING

SCALARS: frozenset[type] = frozenset({int, float, complex, str, bytes, bool, type(None)})
CONTAINERS: frozenset[type] = frozenset({tuple, list, dict, set, frozenset})
FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.WrapperDescriptorType, classmethod, staticmethod, property,
)  # fmt: skip

CACHES = frozenset({"instance", "instances", "memo", "singleton", "singletons"})
"""Words in the names of what is made once, apart from `cache` in any part of a name."""

DEPTH = 4
LARGEST = 1000
"""How many members of a list, tuple, set or dict are compared, and followed, at most."""


def is_innocent(owner: str, name: str, before: Any, after: Any) -> bool:
    """Whether a name of `owner` may go from one value to the other in normal use.

    So it is for what is made when it is first needed, for caches, counters and times, for patterns that are compiled by
    then, for modules imported anew, for submodules and for an equal value of Python's own types; no method of any other
    type is called to find out.
    """
    if after is MISSING:
        return type(before) is types.ModuleType
    if before is after or before is None or type(before) is object or before is Ellipsis:
        return True
    if type(before) is types.ModuleType:
        return type(after) is types.ModuleType and _name(before) == _name(after)
    if type(after) is types.ModuleType:
        return _name(after) == f"{owner}.{name}"
    return _is_made(name, before, after) or _grew(name, before, after) or equal(before, after)


def is_unwatched(name: str, before: Any, in_class: bool) -> bool:
    """Whether Python and its libraries keep a name for themselves: `__name__`, `_member_map_`; not so `__init__`."""
    if name.startswith("__") and name.endswith("__"):
        return not (in_class and isinstance_of(before, FUNCTIONS))
    return name == "_abc_impl" or (len(name) > 2 and name[0] == name[-1] == "_")


def is_cache(name: str) -> bool:
    """Whether a list, dict or set says by its name that it holds what was made when needed: `_CACHE`, `_INSTANCE`."""
    return "cache" in name.lower() or not CACHES.isdisjoint(name.lower().split("_"))


def equal(before: Any, after: Any, depth: int = DEPTH) -> bool:
    """Whether two values of Python's own types are equal, as far as that is seen without any other type's methods."""
    kind = type(before)
    if before is after or kind is not type(after):
        return before is after
    if kind in SCALARS:
        return bool(before == after)
    if depth == 0 or kind not in CONTAINERS or not len(before) == len(after) <= LARGEST:
        return False
    if kind in {tuple, list}:
        return all(equal(one, other, depth - 1) for one, other in zip(before, after, strict=True))
    plain = all(type(one) in SCALARS for both in (before, after) for one in both)
    if kind is dict:
        return plain and all(key in after and equal(value, after[key], depth - 1) for key, value in before.items())
    return plain and bool(before == after)


def isinstance_of(value: object, kinds: tuple[type, ...]) -> bool:
    """`isinstance` by the real type alone: what a proxy says of itself is not asked."""
    return issubclass(type(value), kinds)


def _is_made(name: str, before: Any, after: Any) -> bool:
    """Whether a cache was emptied, a pattern compiled, or a method called through a class bound to it."""
    if type(after) is re.Pattern:
        return type(before) in {str, bytes} and bool(after.pattern == before)
    if type(before) in {classmethod, staticmethod} and type(after) is types.MethodType:
        return after.__func__ is before.__func__
    if type(before) is types.FunctionType and before.__name__ == "_no_init_or_replace_init":
        return before.__module__ == "typing"  # a protocol's first instance replaces it
    return is_cache(name) and type(before) is type(after) and type(before) in CONTAINERS


def _grew(name: str, before: Any, after: Any) -> bool:
    """Whether a number only grew, or a flag was set; `TIMEOUT` and the like are no counters."""
    if name.isupper() and not name.startswith("_"):
        return False
    numbers = type(before) in {int, float} and type(after) in {int, float}
    return bool((numbers or type(before) is type(after) is bool) and after > before)


def _name(module: types.ModuleType) -> object:
    return vars(module).get("__name__")
