"""20 shards of 5,000 files with 1,000 lines each: `gates merge` of their evidence, `coverage combine` of their data.

Both read the same runs from disk. `combine` writes one data file and knows no figure yet: `coverage report` parses
every source for that. `gates merge` ends with a verdict on the total.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

import timing
from gates.builtin.coverage import lines
from gates.builtin.coverage.facts import Branch, CoverageEvidence, File, Function
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.merge import lane
from gates.builtin.coverage.settings import CoverageSettings
from gates.engine import part
from gates.engine.collection import Collected
from gates.model.evidence import counted
from gates.model.gate import Shard
from gates.project import facts

LINES, FUNCTIONS = 1000, 34
EACH = LINES // FUNCTIONS
CLASSES = 4
"""A shard runs every fourth function of a file, and another fourth in the next file."""
SETTINGS = '[tool.gates]\nselect = ["coverage"]\n[tool.gates.coverage]\ntotal = 80\n'
Arc = tuple[int, int]


class Used(NamedTuple):
    """What one process came to."""

    name: str
    cpu: float
    wall: float
    memory: float
    code: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--lines-only", action="store_true", help="shards without branches")
    parser.add_argument("--quick", action="store_true", help="3 shards of 300 files: the ratio only")
    given = parser.parse_args()
    if given.quick:
        given.shards, given.files = 3, 300
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), given.shards, given.files, branch=not given.lines_only)


def compare(folder: Path, shards: int, files: int, *, branch: bool) -> None:
    """Make the shards, run both, print what they used."""
    root, data, parts = folder / "project", folder / "data", folder / "parts"
    for one in (root, data, parts):
        one.mkdir()
    (root / "pyproject.toml").write_text(SETTINGS, "utf-8")
    prepared = _empty(folder / "empty", files, branch=branch)
    for index in range(1, shards + 1):
        _data(prepared, data / f".coverage.{index}", index, branch=branch)
        _part(root, parts, index, shards, files, branch=branch)
    print(f"{shards} shards of {files:,} files with {LINES:,} lines, {'branches' if branch else 'lines only'}")
    print(f"  data of coverage.py: {_size(data):,.0f} MB, evidence: {_size(parts):,.0f} MB")
    combine = [sys.executable, "-m", "coverage", "combine", "--keep", "-q"]
    merge = timing.gates("merge", str(parts), "-q")
    found = [_used("coverage combine", combine, data), _used("gates merge", merge, root)]
    print(f"{'command':<20} {'CPU s':>8} {'wall s':>8} {'MB':>8}  exit")
    for used in found:
        print(f"{used.name:<20} {used.cpu:8.1f} {used.wall:8.1f} {used.memory:8.0f}  {used.code}")
    print(f"ratio of CPU time {found[1].cpu / found[0].cpu:.2f}, of memory {found[1].memory / found[0].memory:.2f}")


def _used(name: str, argv: Sequence[str], cwd: Path) -> Used:
    started = time.perf_counter()
    child = os.posix_spawn("/bin/sh", ["sh", "-c", 'cd "$0" && exec "$@" >/dev/null 2>&1', str(cwd), *argv], os.environ)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - started
    return Used(name, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def _first(function: int) -> int:
    return 1 + function * EACH


def _body(function: int) -> Iterator[Arc]:
    """The jumps of a function: an `if` in every third of its lines, taken one way."""
    first = _first(function)
    yield -first, first + 1
    for at in range(first + 1, first + EACH - 1):
        yield at, at + (2 if at % 3 == 0 and at + 2 < first + EACH else 1)
    yield first + EACH - 1, -first


def _runs(function: int, file: int, shard: int) -> bool:
    return (function + file + shard) % CLASSES == 0


def _empty(path: Path, files: int, *, branch: bool) -> Path:
    """A data file that names every source and holds the jumps of one in a table of their own."""
    data = CoverageData(str(path))
    name = "/project/src/package_{0:02d}/module_{0:04d}.py"
    paths = [name.format(number) for number in range(1, files + 1)]
    if branch:
        data.add_arcs({one: [(-1, 1)] for one in paths})
    else:
        data.add_lines({one: [1] for one in paths})
    data.write()
    data.close()
    with closing(sqlite3.connect(path)) as base:
        base.execute("create table pattern (a integer, b integer, f integer)")
        rows = [(a, b, function) for function in range(FUNCTIONS) for a, b in _body(function)]
        base.executemany("insert into pattern values (?, ?, ?)", rows)
        base.commit()
    return path


def _data(empty: Path, path: Path, shard: int, *, branch: bool) -> None:
    shutil.copy(empty, path)
    with closing(sqlite3.connect(path)) as base:
        if branch:
            base.execute(
                "insert or ignore into arc (file_id, context_id, fromno, tono) select file.id, context.id, a, b"
                " from file, context, pattern where (f + file.id + ?) % ? = 0",
                (shard, CLASSES),
            )
        else:
            _bits(base, shard)
        base.execute("drop table pattern")
        base.commit()
        base.execute("vacuum")


def _bits(base: sqlite3.Connection, shard: int) -> None:
    from coverage.numbits import nums_to_numbits

    held = [nums_to_numbits(lines.numbers(_ran(number, shard))) for number in range(CLASSES)]
    rows = [(held[number % CLASSES], number) for (number,) in base.execute("select id from file")]
    base.executemany("update line_bits set numbits = ? where file_id = ?", rows)


def _ran(file: int, shard: int) -> int:
    held = lines.of([_first(function) for function in range(FUNCTIONS)])
    for function in range(FUNCTIONS):
        if _runs(function, file, shard):
            held |= lines.of(a for a, _ in _body(function) if a > 0)
    return held


def _branches(file: int, shard: int) -> Iterator[Branch]:
    for function in range(FUNCTIONS):
        first, runs = _first(function), _runs(function, file, shard)
        for at in range(first + 1, first + EACH - 2):
            if at % 3 == 0:
                missing = [str(at + 1)] if runs else [str(at + 1), str(at + 2)]
                yield Branch(line=at, total=2, missing=counted(missing))


def _part(root: Path, folder: Path, shard: int, shards: int, files: int, *, branch: bool) -> None:
    """The part of one shard, as `gates collect` writes it."""
    can = lines.between(1, FUNCTIONS * EACH)
    kinds = []
    for number in range(CLASSES):
        ran = _ran(number, shard)
        branches = list(_branches(number, shard)) if branch else []
        functions = [
            Function(name=f"function_{function}", first=_first(function), last=_first(function) + EACH - 1)
            for function in range(FUNCTIONS)
            if not _runs(function, number, shard)
        ]
        kinds.append((ran, branches, functions))
    held = []
    for number in range(1, files + 1):
        ran, branches, functions = kinds[number % CLASSES]
        held.append(
            File(
                path=f"src/package_{number:02d}/module_{number:04d}.py",
                sha256=f"{number:064x}",
                statements=can.bit_count(),
                lines=lines.encoded(can),
                executed=ran.bit_count(),
                ran=lines.encoded(ran),
                excluded="0",
                pragmas=0,
                ways=2 * len(branches),
                branches=counted(branches),
                functions=counted(functions),
            )
        )
    evidence = CoverageEvidence(
        schema_version=1,
        source="tests",
        version="7.17.3",
        arcs=branch,
        counted=branch,
        contexts=False,
        limits=counted([]),
        baselined=False,
        failed=0,
        mapped=counted(()),
        files=counted(held),
        patch=counted([]),
        no_base="this is no repository",
        subjects=counted([]),
        lanes=counted([lane(f"{shard}/{shards}", sys.platform, held)]),
    )
    made = part.make(
        CoverageGate.name,
        Collected(facts=evidence),
        CoverageSettings(total=80.0),
        shard=Shard(index=shard, count=shards),
        commit=None,
        tree=facts.find(root).tree.digest(),
        python="3.11",
    )
    part.write(made, folder)


if __name__ == "__main__":
    main()
