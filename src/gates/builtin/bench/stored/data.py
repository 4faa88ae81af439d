"""Stored: figures that are compared with the history, and those that are put into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.bench import machine
from gates.builtin.bench.facts import BenchEvidence, Benchmark, DataFile, Kept, Machine, Noise, Timed
from gates.builtin.bench.stored import history
from gates.builtin.bench.stored.readers.reading import read
from gates.builtin.bench.stored.readers.results import Measured, Results
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

SCHEMA_VERSION = 1

FIGURES = 512
"""Times of one process that are put into the evidence; of more, the least of so many parts in their order."""

SILENT = Noise(load=None, steal=None, mhz=counted(()), governor=None)
"""What is known of a machine that measured at another time."""


def collect(context: Context[BenchSettings], python: Interpreter) -> BenchEvidence | Refusal:
    """The facts of the files that the settings name, read anew each time, and their past."""
    context.volatile("results that the settings name are read anew each time")
    reader = machine.here(context, python)
    if isinstance(reader, Refusal):
        return reader
    found = _read(context)
    if isinstance(found, Refusal):
        return found
    files = tuple(
        DataFile(path=name, tool=one.tool, machine=machine.told(one.said, reader), benchmarks=counted(one.benchmarks))
        for name, one in found.items()
    )
    processes = _joined(files, found)
    if isinstance(processes, Refusal):
        return processes
    benchmarks = tuple(_benchmark(context, name, each) for name, each in sorted(processes.items()))
    kept = past(context, reader, benchmarks, files)
    if isinstance(kept, Refusal):
        return kept
    return BenchEvidence(
        schema_version=SCHEMA_VERSION,
        mode="stored",
        base=None,
        planned=0,
        most=0,
        machine=reader,
        noise=SILENT,
        differing=counted(()),
        base_ids=counted(()),
        head_ids=counted(one.id for one in benchmarks),
        benchmarks=counted(benchmarks),
        files=counted(files),
        history=counted(kept),
        notes=counted(f"{name}: {note}" for name, one in found.items() for note in (*one.notes, *_unsaid(one))),
    )


def past(
    context: Context[BenchSettings], here: Machine, benchmarks: Sequence[Benchmark], files: Sequence[DataFile] = ()
) -> tuple[Kept, ...] | Refusal:
    """The history of each benchmark on the machine that it ran on: that of its file, or this one."""
    runs = history.read(context.project.root, context.settings.history)
    if isinstance(runs, Refusal):
        return runs
    of = {name: file.machine for file in files for name in file.benchmarks.items}
    places = [*dict.fromkeys(of.get(one.id, here) for one in benchmarks)] or [here]
    found: dict[str, Kept] = {}
    for place in places:
        ids = [one.id for one in benchmarks if of.get(one.id, here) == place]
        for kept in history.kept(runs, place, ids):
            # What another machine's newest run has too is that one's, unless it ran here.
            if kept.id in ids or kept.id not in {one.id for one in benchmarks}:
                found.setdefault(kept.id, kept)
    return tuple(found[name] for name in sorted(found))


def _read(context: Context[BenchSettings]) -> Mapping[str, Results] | Refusal:
    """What each file says, by the name under which reports show it."""
    found: dict[str, Results] = {}
    for name in context.settings.data:
        paths = _paths(context, name)
        if not paths:
            return refuse("evidence_missing", f"no file matches {name}", "name files that exist as `data`")
        for path, shown in paths:
            results = read(path, context.redact(shown))
            if isinstance(results, Refusal):
                return results
            stale = _stale(context, shown, results)
            if stale is not None:
                return stale
            found[shown] = results
    return found


def _paths(context: Context[BenchSettings], name: str) -> Sequence[tuple[Path, str]]:
    root = context.project.root
    if Path(name).is_absolute() or not any(letter in name for letter in "*?["):
        return [(root / name, name)]
    return [(path, path.relative_to(root).as_posix()) for path in sorted(root.glob(name)) if path.is_file()]


def _stale(context: Context[BenchSettings], shown: str, results: Results) -> Refusal | None:
    """Why figures of another commit are none of this one."""
    git = context.project.git
    if results.commit is None or git is None or git.head is None or results.commit == git.head:
        return None
    message = f"{shown} was made at commit {results.commit[:12]}, and HEAD is {git.head[:12]}"
    return refuse("evidence_stale", message, "make the file again, or take it out of `data` in [tool.gates.bench]")


def _joined(files: Sequence[DataFile], found: Mapping[str, Results]) -> Mapping[str, Sequence[Measured]] | Refusal:
    """The processes of each benchmark; files of one tool and one machine add theirs to each other's."""
    processes: dict[str, list[Measured]] = {}
    of: dict[str, DataFile] = {}
    for file in files:
        for name, measured in found[file.path].benchmarks.items():
            first = of.setdefault(name, file)
            if (first.tool, first.machine) != (file.tool, file.machine):
                what = "made on another machine" if first.tool == file.tool else f"of {file.tool}"
                message = f"{name} is in {first.path}, and in {file.path} too, which is {what}"
                return refuse("evidence_foreign", message, "name only one of the files as `data` in [tool.gates.bench]")
            processes.setdefault(name, []).extend(measured)
    return processes


def _benchmark(context: Context[BenchSettings], name: str, processes: Sequence[Measured]) -> Benchmark:
    path = name.partition("::")[0]
    return Benchmark(
        id=name,
        kind="file",
        path=path if path in context.project.tree.files else None,
        line=None,
        limit=counted(()),
        loops=1,
        was=counted(()),
        before=False,
        problems=counted(()),
        pairs=counted(_timed(at, one) for at, one in enumerate(processes)),
    )


def _timed(number: int, one: Measured) -> Timed:
    return Timed(
        pair=number,
        swapped=False,
        base=counted(()),
        head=counted(_least(one.times)),
        control=counted(()),
        calls=one.calls,
        median=one.median,
        p95=one.p95,
    )


def _least(times: Sequence[float]) -> Sequence[float]:
    if len(times) <= FIGURES:
        return times
    bounds = [len(times) * at // FIGURES for at in range(FIGURES + 1)]
    return [min(times[low:high]) for low, high in pairwise(bounds)]


def _unsaid(one: Results) -> Sequence[str]:
    """What a reader of the report has to take on trust."""
    unsaid = [] if one.said else ["it does not say which machine made it, and this one is taken for it"]
    return [*unsaid, *(["it does not say of which commit it is"] if one.commit is None else [])]
