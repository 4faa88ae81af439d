"""Value: a setting in force in a form in which two of them can be compared, with its place and its strictness."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gates.config.tool_settings import Setting
from gates.model.strictness import SETS, About, Strictness, Way, strictness

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class Item(msgspec.Struct, frozen=True, order=True):
    """An element of a set, and the place where it is written."""

    text: str
    place: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A setting in force: `place` is where it is written, or the file that could say otherwise.

    `value` is None for no limit, for an empty set, and for a scope that is everything.
    """

    key: str
    value: bool | float | str | tuple[Item, ...] | None
    place: str
    strictness: Strictness


class Spec(msgspec.Struct, frozen=True):
    """What is known of a tool's key, or of all keys like a pattern: its strictness, and its value when not written."""

    key: str
    strictness: Strictness
    default: bool | float | str | tuple[str, ...] | None = None


def spec(
    key: str, way: Way, default: bool | float | str | tuple[str, ...] | None = None, about: About | None = None
) -> Spec:
    """A row of a tool's table."""
    return Spec(key, strictness(way, about), default)


def specs(way: Way, default: Any, *keys: str, about: About | None = None) -> Iterator[Spec]:
    """Rows that differ in nothing but their key."""
    return (spec(key, way, default, about) for key in keys)


def plain(way: Way, value: Any, place: str) -> Any:
    """A value as it is compared, whatever the form in which its file has it; text that fits no form stays text."""
    if way in SETS:
        items = value if isinstance(value, list | tuple) else [value]
        found = {Item(word, place) for one in items for word in _words(one)}
        return tuple(sorted(found)) or None
    text = str(value).strip().lower()
    if way in {"on", "off"}:
        return True if text in _TRUE else False if text in _FALSE else str(value)
    if way in {"higher", "lower"} and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError):
            return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def read(tool: str, table: Sequence[Spec], written: Mapping[str, Setting], home: str) -> Iterator[Known]:
    """Each key of the table with its value or default, and each written key that a pattern covers or nothing does."""
    exact = {one.key: one for one in table}
    for one in table:
        if one.key not in written and "*" not in one.key and one.strictness.way != "free":
            yield known(tool, one.key, one.strictness, one.default, home)
    for key, setting in written.items():
        found = exact.get(key) or next((one for one in table if fnmatch.fnmatchcase(key, one.key)), None)
        held = found.strictness if found is not None else strictness("unknown")
        if held.way == "free" or isinstance(setting.value, Mapping) or "[" in key:
            continue
        yield known(tool, key, held, setting.value, setting.place, places(written, key))


def known(
    tool: str, key: str, held: Strictness, value: Any, place: str, elements: Mapping[str, str] | None = None
) -> Known:
    """A setting of a tool; `elements` are the places of a list's elements."""
    held_value = None if value is None else plain(held.way, value, place)
    if elements and isinstance(held_value, tuple):
        held_value = tuple(Item(one.text, elements.get(one.text, one.place)) for one in held_value)
    return Known(key=f"{tool}.{key}", value=held_value, place=place, strictness=held)


def places(written: Mapping[str, Setting], key: str) -> dict[str, str]:
    """The place of each element of the list that a key holds."""
    start = f"{key}["
    return {str(one.value): one.place for name, one in written.items() if name.startswith(start)}


def items(found: Iterable[Known]) -> dict[str, Known]:
    """Settings by key; of two with one key the later one counts."""
    return {one.key: one for one in found}


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return [value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()]
