"""Files of results: those that the tools wrote, as values that a test can change, and a history made up run by run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.builtin.bench.facts import Machine
from gates.builtin.bench.stored import history
from gates.builtin.bench.stored.history import Process, Run
from gates.builtin.bench.stored.readers.reading import read
from gates.builtin.bench.stored.readers.results import Results
from gates.model.evidence import Refusal

DATA = Path(__file__).parents[1] / "builtin/bench_gate/data"
"""Written by pytest-benchmark 5.3.1 and pyperf 2.10.0 under CPython 3.12.1, and cut down to what is read."""

ROUNDS, STATS = "pytest_benchmark_rounds.json", "pytest_benchmark_stats.json"
ONE, MANY = "pyperf_one.json", "pyperf_many.json"

MACHINE = Machine(
    system="Linux",
    arch="x86_64",
    cpu="a processor",
    cores=2,
    python="CPython 3.12.4 (main, Jun 7 2026 10:00:00) [GCC 12.2.0]",
    distributions="0123456789abcdef",
)
COMMIT = "1f2e3d4c5b6a79880f1e2d3c4b5a69788f0e1d2c"


def value(name: str) -> Any:
    """What the tool wrote, decoded."""
    return json.loads((DATA / name).read_text("utf-8"))


def results(folder: Path, content: Any) -> Results | Refusal:
    """What the reader makes of a file `r.json` with this content: bytes, text, or what is written as JSON."""
    path = folder / "r.json"
    if not isinstance(content, bytes | str):
        content = json.dumps(content, indent=1)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, "r.json")


def sentence(folder: Path, content: Any) -> str:
    """Why the reader refuses a file, which it must do."""
    found = results(folder, content)
    assert isinstance(found, Refusal), found
    message = found.reason.message
    assert "\n" not in message
    return message.removeprefix("r.json")


def run(
    benchmarks: Mapping[str, float | list[float]],
    *,
    machine: Machine = MACHINE,
    commit: str | None = COMMIT,
    anew: tuple[str, ...] = (),
) -> Run:
    """A run in which each benchmark took these times at least, one for each process."""
    held = {name: times if isinstance(times, list) else [times] for name, times in benchmarks.items()}
    return Run(
        commit=commit,
        date="2026-11-21T12:00:00Z",
        machine=machine,
        benchmarks={name: tuple(Process(one, one * 1.1, one * 1.2) for one in times) for name, times in held.items()},
        anew=anew,
    )


def write(root: Path, *runs: Run, name: str = "gates-baseline/bench-history.jsonl") -> Path:
    """The history of these runs as a file of the project."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(history.encode(runs))
    return path
