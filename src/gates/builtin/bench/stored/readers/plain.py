"""Plain: `{name: {"value": number, "unit": "ms"}}`, for what no tool of its own writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gates.builtin.bench.stored.readers.results import (
    Measured,
    Results,
    UnreadableResultsError,
    each_once,
    measured,
    named,
    seconds,
)

TOOL = "plain JSON"
UNITS: Mapping[str, float] = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0}
KEYS = frozenset({"value", "unit"})


def is_its(found: Mapping[str, Any]) -> bool:
    """Whether the JSON maps names to figures: some of it does, or it is empty."""
    return not found or any(isinstance(one, dict) and KEYS & one.keys() for one in found.values())


def results(found: Mapping[str, Any]) -> Results:
    """What the file says; each benchmark is one process of one call.

    Raises:
        UnreadableResultsError: a figure is not whole, of no unit of time, or no time.
    """
    return Results(tool=TOOL, said={}, benchmarks=each_once(_each(found)))


def _each(found: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Measured, ...]]]:
    for name, one in found.items():
        named(name)
        if not isinstance(one, dict) or one.keys() != KEYS:
            raise UnreadableResultsError(f"{name} is not `{{value, unit}}`", about=name)
        value, unit = one["value"], one["unit"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableResultsError(f"the value of {name} is no number", about=name)
        scale = UNITS.get(unit) if isinstance(unit, str) else None
        if scale is None:
            raise UnreadableResultsError(f"{name} is in {unit!a}, and only ns, us, ms and s are times", about=name)
        yield name, (measured([seconds(value, name, scale)]),)
