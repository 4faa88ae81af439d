"""pyperf: the JSON of its runs, as its documentation describes it; the package itself is not asked.

https://pyperf.readthedocs.io/en/latest/api.html#pyperf-json and "Run metadata" there. A run is a process. Values are
seconds per call, as loops and inner loops are divided out already; warm-ups and calibrations are no values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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

TOOL = "pyperf"
VERSION = "1.0"
"""The format that pyperf has written since its version 1.0."""

NAMES = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}
ARCH = re.compile(r"(x86_64|amd64|i[3-6]86|aarch64|arm64|armv\w+|ppc64le|s390x|riscv64)", re.IGNORECASE)


class _Run(msgspec.Struct):
    values: list[float] = []
    metadata: dict[str, Any] = {}


class _Benchmark(msgspec.Struct):
    runs: list[_Run]
    metadata: dict[str, Any] = {}


class _Whole(msgspec.Struct):
    benchmarks: list[_Benchmark]
    metadata: dict[str, Any] = {}


def is_its(found: Mapping[str, Any]) -> bool:
    """Whether the JSON is pyperf's: benchmarks that have runs, or none and its version."""
    benchmarks = found.get("benchmarks")
    if not isinstance(benchmarks, list) or "version" not in found:
        return False
    return all(isinstance(one, dict) and "runs" in one for one in benchmarks)


def results(found: Mapping[str, Any]) -> Results:
    """What the file says; each run that has values is a process.

    Raises:
        UnreadableResultsError: something is missing, of another version, or no time.
    """
    version = found.get("version")
    if version != VERSION:
        newer = isinstance(version, str)
        which = "a newer" if newer else "an older"
        message = f"it is of {which} {TOOL}: its format is {version}, and {VERSION} is the one that is known"
        raise UnreadableResultsError(message, newer=newer)
    whole = converted(found, _Whole, TOOL)
    return Results(tool=TOOL, said=_said(whole), benchmarks=each_once(_each(whole)))


def _each(whole: _Whole) -> Iterator[tuple[str, tuple[Measured, ...]]]:
    for benchmark in whole.benchmarks:
        common = {**whole.metadata, **benchmark.metadata}
        name = _of(common, benchmark, "name")
        if not isinstance(name, str):
            raise UnreadableResultsError("it has a benchmark without a name")
        name = named(name)
        unit = _of(common, benchmark, "unit")
        if unit is not None and unit != "second":
            raise UnreadableResultsError(f"{name} is in {unit!a}, and only seconds are a time", about=name)
        runs = [run for run in benchmark.runs if run.values]
        if not runs:
            raise UnreadableResultsError(f"{name} has no values: no run came further than its warm-up", about=name)
        yield name, tuple(measured([seconds(value, name) for value in run.values]) for run in runs)


def _of(common: Mapping[str, Any], benchmark: _Benchmark, key: str) -> Any:
    """Metadata that the benchmark has, or else its first run that has it."""
    return next((each[key] for each in (common, *(run.metadata for run in benchmark.runs)) if key in each), None)


def _said(whole: _Whole) -> Mapping[str, str]:
    """The machine, by what is said for all runs, or by the first one."""
    first = whole.benchmarks[0] if whole.benchmarks else _Benchmark(runs=[])
    common = {**whole.metadata, **first.metadata}
    platform = _of(common, first, "platform")
    system, arch = (platform.partition("-")[0], ARCH.search(platform)) if isinstance(platform, str) else (None, None)
    name, version = _of(common, first, "python_implementation"), _of(common, first, "python_version")
    known = isinstance(name, str) and isinstance(version, str) and bool(version.split())
    return facts(
        system={"macOS": "Darwin"}.get(system or "", system),
        arch=None if arch is None else arch[0],
        cpu=_of(common, first, "cpu_model_name"),
        python=f"{NAMES.get(name.lower(), name)} {version.split()[0]}" if known else None,
    )
