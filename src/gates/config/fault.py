"""Fault: which value of a table does not fit its type, and a plain sentence that says so.

msgspec says `$.path[...].minimum` without the index, and in the words of types; a user needs the line and a sentence.
"""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from gates import errors

T = TypeVar("T")

_KINDS: Mapping[Any, tuple[str, str]] = {
    bool: ("true or false", "true or false values"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("a string", "strings"),
    dt.datetime: ("a date and time", "dates and times"),
    dt.date: ("a date", "dates"),
    dt.time: ("a time", "times"),
}
_SHOWN = 40


class Fault(msgspec.Struct, frozen=True):
    """The path of a value inside a table, and the rest of a sentence that begins with that path."""

    keys: tuple[str | int, ...]
    message: str
    unknown: bool = False


def convert(value: Mapping[str, Any], kind: type[T]) -> T | Fault:
    """A parsed TOML table as the type `kind`, or the first fault in it.

    `nan` and `inf` are faults everywhere: no figure is ever below a limit of `nan`.
    """
    endless = _endless(value, ())
    if endless is not None:
        return endless
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, ValueError) as error:
        return _locate(value, kind, ()) or Fault((), _cause(error))


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean 'total'?`, or the known names when none is like it."""
    names = sorted(known)
    spelled = {one.casefold(): one for one in names}
    close = errors.nearest(name.casefold().replace("_", "-"), spelled)
    if close:
        return f"did you mean {spelled[close]!r}?"
    return f"known: {', '.join(names)}" if names else "none is known"


def _locate(value: Any, kind: Any, at: tuple[str | int, ...]) -> Fault | None:
    if _error(value, kind) is None:
        return None
    options = _options(kind)
    for option, _ in options:
        origin = get_origin(option) or option
        fault: Fault | None = None
        if isinstance(value, Mapping) and isinstance(origin, type) and issubclass(origin, msgspec.Struct):
            return _in_struct(value, option, at)
        if isinstance(value, Mapping) and isinstance(origin, type) and issubclass(origin, Mapping):
            fault = _first(_locate(one, get_args(option)[1], (*at, key)) for key, one in value.items())
        elif isinstance(value, list) and origin in {tuple, list, set, frozenset}:
            fault = _first(_locate(one, get_args(option)[0], (*at, index)) for index, one in enumerate(value))
        if fault is not None:
            return fault
    wanted = " or ".join(_phrase(option, metas) for option, metas in options)
    return Fault(at, f"must be {wanted}, not {_shown(value)}")


def _in_struct(value: Mapping[str, Any], kind: Any, at: tuple[str | int, ...]) -> Fault | None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, one in value.items():
        if key not in fields:
            return Fault((*at, key), nearest(key, fields), unknown=True)
        fault = _locate(one, fields[key].type, (*at, key))
        if fault is not None:
            return fault
    missing = [name for name, field in fields.items() if field.required and name not in value]
    if missing:
        return Fault(at, f"needs the key {missing[0]!r}")
    error = _error(value, kind)
    return None if error is None else Fault(at, _cause(error))


def _error(value: Any, kind: Any) -> Exception | None:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, ValueError) as error:
        return error
    return None


def _cause(error: Exception) -> str:
    return f"is not valid: {str(error).split(' - at `$', 1)[0]}"


def _first(faults: Iterable[Fault | None]) -> Fault | None:
    return next((fault for fault in faults if fault is not None), None)


def _endless(value: Any, at: tuple[str | int, ...]) -> Fault | None:
    if isinstance(value, float) and not math.isfinite(value):
        return Fault(at, f"must be a finite number, not {value}")
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return _first(_endless(inner, (*at, key)) for key, inner in items)


def _options(kind: Any, metas: tuple[msgspec.Meta, ...] = ()) -> list[tuple[Any, tuple[msgspec.Meta, ...]]]:
    """The alternatives of a type that a TOML file can hold (there is no null), each with its constraints."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        return _options(inner, metas + tuple(one for one in more if isinstance(one, msgspec.Meta)))
    if origin in {Union, types.UnionType}:
        return [option for one in get_args(kind) if one is not type(None) for option in _options(one, metas)]
    return [(kind, metas)]


def _phrase(kind: Any, metas: tuple[msgspec.Meta, ...]) -> str:
    origin = get_origin(kind) or kind
    if origin is Literal:
        return "one of " + ", ".join(_shown(one).removeprefix("the string ") for one in get_args(kind))
    if kind in _KINDS:
        return _KINDS[kind][0] + "".join(_constraint(kind, meta) for meta in metas)
    if origin in {tuple, list, set, frozenset}:
        item = _options(get_args(kind)[0])[0][0] if get_args(kind) else None
        plural = "tables" if isinstance(item, type) and issubclass(item, msgspec.Struct) else "values"
        plural = _KINDS[item][1] if item in _KINDS else plural
        return f"a list of {plural}" + "".join(_constraint(list, meta) for meta in metas)
    return "a table"


def _constraint(kind: type, meta: msgspec.Meta) -> str:
    unit = "characters" if kind is str else "elements"
    bounds = (
        (meta.ge, "of at least {}"),
        (meta.gt, "greater than {}"),
        (meta.le, "of at most {}"),
        (meta.lt, "less than {}"),
        (meta.min_length, "that is not empty" if meta.min_length == 1 else f"of at least {{}} {unit}"),
        (meta.max_length, f"of at most {{}} {unit}"),
        (meta.pattern, "like the pattern {}"),
    )
    said = [text.format(bound) for bound, text in bounds if bound is not None]
    return f" {' and '.join(said)}" if said else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return f"the string {msgspec.json.encode(cut).decode()}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)
