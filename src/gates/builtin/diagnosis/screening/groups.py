"""Groups: tests that moved in the same probes with the same exception, so that one of them is searched for all."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.diagnosis.screening.base import Base
from gates.builtin.diagnosis.screening.moved import Seen
from gates.builtin.diagnosis.trial import Result


def grouped(base: Base, seen: Mapping[str, Seen], among: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The tests that moved, in groups; the first of a group stands for it."""
    found: dict[tuple[object, ...], list[str]] = {}
    for nodeid in among:
        first = base.suite.base[nodeid]
        vector = tuple((move.probe.name, *exception(move.result)) for move in seen[nodeid].moves)
        key = (*exception(first), base.ambient(nodeid), vector)
        found.setdefault(key, []).append(nodeid)
    return tuple(tuple(group) for group in found.values())


def exception(result: Result) -> tuple[str, str]:
    """How a test ended and the type of what it raised, as far as the message begins with it."""
    return result.ended, result.message.split(":")[0].split("(")[0].strip()
