"""pytest-benchmark: what `--benchmark-json` and `--benchmark-save` write, with the time of each round or without.

https://pytest-benchmark.readthedocs.io/en/stable/usage.html (`--benchmark-json`, `--benchmark-save-data`)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gates.builtin.bench.stored.readers.results import (
    Measured,
    Results,
    UnreadableResultsError,
    converted,
    each_once,
    facts,
    measured,
    named,
    seconds,
)

TOOL = "pytest-benchmark"
NEWEST = 5
"""The newest major version whose files are known; versions 3 to 5 write the same."""

CLOSE = 1e-6
"""How far a figure may be from what its rounds say, as a share: it went through decimals."""

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
"""Outside of a repository its commit is `unversioned`."""


class _Stats(msgspec.Struct):
    min: float
    max: float
    median: float
    q1: float
    q3: float
    rounds: int
    data: list[float] | None = None


class _Benchmark(msgspec.Struct):
    fullname: str
    stats: _Stats


class _Whole(msgspec.Struct):
    machine_info: dict[str, Any]
    benchmarks: list[_Benchmark]
    version: str
    commit_info: dict[str, Any] = {}


def results(found: Mapping[str, Any]) -> Results:
    """What the file says; each benchmark is one process, that of its session.

    Raises:
        UnreadableResultsError: something is missing, of a newer version, or contradicts itself.
    """
    _known(found.get("version"))
    whole = converted(found, _Whole, TOOL)
    info = whole.machine_info
    cpu = info.get("cpu")
    commit = whole.commit_info.get("id")
    bare = sum(one.stats.data is None for one in whole.benchmarks)
    return Results(
        tool=TOOL,
        said=facts(
            system=info.get("system"),
            arch=info.get("machine"),
            cpu=cpu.get("brand_raw") or cpu.get("brand") if isinstance(cpu, dict) else None,
            python=_python(info),
        ),
        benchmarks=each_once((named(one.fullname), (_measured(one.fullname, one.stats),)) for one in whole.benchmarks),
        commit=commit if isinstance(commit, str) and COMMIT.fullmatch(commit) else None,
        notes=(f"{bare} of its benchmarks have no rounds: their slowest one stands for the 95th percentile",)
        if bare
        else (),
    )


def _known(version: object) -> None:
    """Refuse a version that is newer than `NEWEST`, before its fields are looked at."""
    number = re.match(r"\d{1,9}", version) if isinstance(version, str) else None
    if number is None:
        raise UnreadableResultsError(f"it does not say which {TOOL} made it")
    if int(number[0]) > NEWEST:
        message = f"it is of a newer {TOOL} ({version}), and {NEWEST} is the newest that is known"
        raise UnreadableResultsError(message, about=str(version), newer=True)


def _python(info: Mapping[str, Any]) -> str | None:
    """The interpreter as `Machine` spells it, as far as the file knows it."""
    name, version = info.get("python_implementation"), info.get("python_version")
    if not isinstance(name, str) or not isinstance(version, str):
        return None
    build, compiler = info.get("python_build"), info.get("python_compiler")
    if isinstance(build, list) and all(isinstance(word, str) for word in build) and isinstance(compiler, str):
        return f"{name} {version} ({', '.join(build)}) [{compiler}]"
    return f"{name} {version}"


def _measured(name: str, stats: _Stats) -> Measured:
    least, most = seconds(stats.min, name), seconds(stats.max, name)
    five = (least, seconds(stats.q1, name), seconds(stats.median, name), seconds(stats.q3, name), most)
    if stats.rounds < 1 or list(five) != sorted(five):
        message = f"{name} contradicts itself: its least, median and most time are not in this order, or of no round"
        raise UnreadableResultsError(message, about=name)
    if stats.data is None:
        return Measured(times=five, calls=stats.rounds, median=five[2], p95=most)
    times = [seconds(value, name) for value in stats.data]
    if len(times) != stats.rounds:
        raise UnreadableResultsError(f"{name} has {len(times)} rounds, and says {stats.rounds}", about=name)
    if abs(min(times) - least) > CLOSE * least or abs(max(times) - most) > CLOSE * most:
        raise UnreadableResultsError(f"{name} contradicts itself: its rounds have another least or most", about=name)
    return measured(times)
