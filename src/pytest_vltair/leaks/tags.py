"""Tags: the number that CPython changes with each change of a dict, where it still keeps one (up to 3.13)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

LAST = (3, 14)
"""The first Python that keeps no such number."""


def reader(watched: dict[Any, Any]) -> Callable[[], object] | None:
    """What reads the tag of a dict, which is another after any change; None where there is none to be relied on."""
    if sys.implementation.name != "cpython" or sys.version_info >= LAST:
        return None
    try:
        import ctypes
    except ImportError:
        return None
    offset = object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)

    def of(one: dict[Any, Any]) -> Any:
        return ctypes.c_uint64.from_address(id(one) + offset)

    if not _holds(of):
        return None
    return memoryview(of(watched)).tobytes


def _holds(of: Callable[[dict[Any, Any]], Any]) -> bool:
    """Whether each way to change a dict changes the tag, and reading does not."""
    one: dict[str, object] = {"a": object(), "b": object(), "c": object(), "d": object()}
    changes: tuple[Callable[[], object], ...] = (
        lambda: one.__setitem__("a", object()),
        lambda: one.__setitem__("e", object()),
        lambda: one.__delitem__("a"),
        lambda: one.pop("b"),
        lambda: one.setdefault("f", object()),
        lambda: one.update(e=object()),
        one.popitem,
        one.clear,
    )
    held = of(one)
    seen = {held.value}
    for count, change in enumerate(changes, 2):
        change()
        seen.add(held.value)
        list(one.items())
        if held.value not in seen or len(seen) != count:
            return False
    return True
