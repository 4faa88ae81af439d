"""Measured: what a comparison is to come to, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from gates.builtin.bench.facts import Benchmark, Kind, Problem
from gates.builtin.bench.paired.course import is_below, why_not
from gates.builtin.bench.paired.protocol import Broken, Found
from gates.model.evidence import Refusal, counted, refuse

FOLDERS = frozenset({"bench", "benches", "benchmark", "benchmarks", "perf"})
"""Where projects keep benchmarks that are no tests."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How many process pairs: of each of so many benchmarks, which of those measured need more, and at most how many.

    `suspects` is told as well how many further benchmarks there will be. `slow` is the share by which head is made
    slower, to see whether that is found.
    """

    planned: Callable[[int], int]
    suspects: Callable[[Sequence[Benchmark], int], Mapping[str, int]]
    most: int
    slow: float = 0.0


@dataclass
class Measured:
    """What came of it: the benchmarks, those that base's own tree has, and what head could not collect.

    `unheard` is a sentence where base's own tree could not be asked for all that it has, else "".
    """

    benchmarks: list[Benchmark] = field(default_factory=list)
    before: tuple[Found, ...] = ()
    broken: tuple[Broken, ...] = ()
    unheard: str = ""


def unmeasured(measured: Measured) -> Iterator[Benchmark]:
    """Benchmarks that only base has and files that head cannot collect, as facts without figures."""
    held = {one.id for one in measured.benchmarks}
    gone = [found for found in measured.before if found.id not in held]
    for found in gone:
        why = why_not(found.id, measured.broken)
        kind: Kind = "unlisted" if why else "left"
        yield _unmeasured(found.id, found.path, found.line, kind, why or "base has it, and head has it not")
    for broken in measured.broken:
        if not any(is_below(found.id, broken.id) for found in gone):
            yield _unmeasured(broken.id, broken.id.partition("::")[0], None, "unlisted", broken.message)


def _unmeasured(name: str, path: str, line: int | None, kind: Kind, why: str) -> Benchmark:
    return Benchmark(
        id=name,
        kind="test",
        path=path,
        line=line,
        limit=counted(()),
        was=counted(()),
        loops=0,
        before=line is not None,
        problems=counted([Problem(side="head", kind=kind, message=why)]),
        pairs=counted(()),
    )


def marked(measured: Measured, limit: float) -> list[Benchmark]:
    """The benchmarks with what base's own marks allowed them; `limit` is that of what base has without a mark."""
    was = {found.id: limit if found.limit is None else found.limit for found in measured.before}
    known = ((one, was.get(one.id)) for one in measured.benchmarks)
    return [one if held is None else replace(one, was=counted([held])) for one, held in known]


def nothing(python: Iterable[str], paths: Sequence[str]) -> Refusal:
    """Where there is no benchmark at all; `python` are the project's files, of which pytest looked into `paths`."""
    message = "there is no benchmark: no test that pytest collects uses `benchmark`, and no command or import is timed"
    folders = {folder for file in python for folder in file.split("/")[:-1] if folder in FOLDERS}
    aside = sorted(folder for folder in folders if not any(folder in path.split("/") for path in paths))
    if aside:
        fix = f'set paths = ["{aside[0]}"] in [tool.gates.bench], if that is where they are'
        return refuse("does_not_apply", f"{message}; pytest was not told to look into {aside[0]}", fix)
    fix = "write a test that calls `benchmark(function)`, or bears `@pytest.mark.vltair_bench`"
    return refuse("does_not_apply", message, fix)


def local(text: str, folders: Sequence[str]) -> str:
    """`text` with the files in any of the folders as they are called in the project."""
    for folder in folders:
        text = text.replace(f"{folder}{os.sep}", "")
    return text


def localized(one: Benchmark, said: Callable[[str], str]) -> Benchmark:
    """A benchmark whose problems are `said` so."""
    problems = [replace(problem, message=said(problem.message)) for problem in one.problems.items]
    return replace(one, problems=counted(problems))
