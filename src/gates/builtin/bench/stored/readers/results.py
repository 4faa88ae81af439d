"""Results: what a file says of each benchmark and of its machine, whatever tool made it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

import msgspec

LEAST, MOST = 1e-12, 1e6
"""Seconds that one call can take; what is beyond is no time, or of another unit."""

LONGEST = 1000
"""Letters of a name."""

T = TypeVar("T")


class UnreadableResultsError(Exception):
    """A file of results that cannot be used: one sentence that says why, without the file's name.

    `about` is the name of a benchmark that the sentence is of, whose line is looked up, or `line` the line itself.
    `newer`: it was written by a version of its tool that this one does not know.
    """

    def __init__(self, message: str, *, about: str | None = None, line: int | None = None, newer: bool = False) -> None:
        super().__init__(message)
        self.about = about
        self.line = line
        self.newer = newer


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One benchmark in one process: seconds per call, how many calls or rounds there were, and over all of them."""

    times: tuple[float, ...]
    calls: int
    median: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Results:
    """A whole file: `said` are those of `Machine`'s fields that it gives; of each benchmark its processes in order.

    `commit` is None where the file does not say of which it is.
    """

    tool: str
    said: Mapping[str, str]
    benchmarks: Mapping[str, tuple[Measured, ...]]
    commit: str | None = None
    notes: tuple[str, ...] = ()


def measured(times: Sequence[float]) -> Measured:
    """What a process took whose times are all known."""
    return Measured(times=tuple(times), calls=len(times), median=median(times), p95=percentile(times, 0.95))


def percentile(times: Sequence[float], share: float) -> float:
    """The time that `share` of all times are not above: one of them, by its rank."""
    return sorted(times)[max(math.ceil(share * len(times)), 1) - 1]


def seconds(value: float, name: str, scale: float = 1.0) -> float:
    """A time of the benchmark `name` in seconds.

    Raises:
        UnreadableResultsError: it is not finite, not above zero, or nothing that a call takes.
    """
    try:
        found = float(value) * scale
    except OverflowError:
        found = math.inf
    if math.isfinite(found) and LEAST <= found <= MOST:
        return found
    shown = f"{found:g} s"
    if not math.isfinite(found):
        raise UnreadableResultsError(f"{name} takes {shown}, which is no number", about=name)
    if found <= 0:
        raise UnreadableResultsError(f"{name} takes {shown}, and no call takes no time or less", about=name)
    raise UnreadableResultsError(f"{name} takes {shown} a call, which no benchmark does", about=name)


def converted(value: Any, kind: type[T], tool: str) -> T:
    """The parts of a decoded JSON that are known of a tool's format.

    Raises:
        UnreadableResultsError: one is missing or of another type.
    """
    try:
        return msgspec.convert(value, type=kind)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        raise UnreadableResultsError(f"it is no whole file of {tool}: {error}") from error


def named(name: str) -> str:
    """The name of a benchmark, if it can stand in a report.

    Raises:
        UnreadableResultsError: it is empty, too long, or has what cannot be printed.
    """
    if not name.strip():
        raise UnreadableResultsError("it has a benchmark without a name", about=name)
    if len(name) > LONGEST:
        raise UnreadableResultsError(f"it has a benchmark whose name has {len(name):,} letters", about=name)
    if not name.isprintable():
        raise UnreadableResultsError(f"it has a benchmark whose name cannot be printed: {name!a}", about=name)
    return name


def each_once(found: Iterable[tuple[str, tuple[Measured, ...]]]) -> Mapping[str, tuple[Measured, ...]]:
    """The benchmarks by name.

    Raises:
        UnreadableResultsError: there is none, or one of them twice.
    """
    benchmarks: dict[str, tuple[Measured, ...]] = {}
    for name, processes in found:
        if name in benchmarks:
            raise UnreadableResultsError(f"it has the benchmark {name} twice", about=name)
        benchmarks[name] = processes
    if not benchmarks:
        raise UnreadableResultsError("it holds no benchmark")
    return benchmarks


def facts(**given: Any) -> Mapping[str, str]:
    """What a file says of its machine, without what it leaves out and what is no word."""
    words = {name: " ".join(value.split()) for name, value in given.items() if isinstance(value, str)}
    return {name: word for name, word in words.items() if word and word.isprintable() and len(word) <= LONGEST}
