"""Facts: what each benchmark took in each process pair, on each side, and what stands in the way of comparing."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts
from gates.model.tested import Fact

Side = Literal["base", "head", "control"]
"""`control` is base once more: what it differs from base by is noise."""

Kind = Literal[
    "crashed", "disabled", "errored", "forked", "hung", "idle", "left", "missing", "moved", "new", "skipped", "unlisted"
]
"""What is wrong with one benchmark on one side.

`crashed`: its process went down. `disabled`: it ran and was not timed, as asked for by an option. `errored`: it raised.
`forked`: a copy of its process went on. `hung`: it was not done in time. `idle`: it asked for `benchmark` and never
called it. `left`: base had it, and it is gone. `missing`: it was collected and never reported. `moved`: it left the
current directory changed. `new`: only head can run it. `skipped`: it was skipped. `unlisted`: its file could not be
collected.
"""

Mode = Literal["paired", "stored"]


class Problem(Fact, frozen=True, kw_only=True):
    """Why one benchmark has no figures of one side, or no whole ones; `message` is a clause."""

    side: Side
    kind: Kind
    message: str


class Timed(Fact, frozen=True, kw_only=True):
    """One benchmark in one group of processes that ran side by side: seconds per call.

    `base`, `head` and `control` are the least of each burst, in the order of the bursts, the n-th of each taken side by
    side; empty for a side that did not run. `median` and `p95` are over all calls of head in its process. `swapped`
    tells which folder had which side.
    """

    pair: int
    swapped: bool
    base: Counted[float]
    head: Counted[float]
    control: Counted[float]
    calls: int
    median: float
    p95: float


class Benchmark(Fact, frozen=True, kw_only=True):
    """One benchmark: `loops` calls were timed at once; `limit` is the percentage that its own marker gives it, if any.

    `path` and `line` (from 1) are None for a command or an import. `was` is what base's own tree allows it, if it is
    there; `before` is whether base's product can be collected with it.
    """

    id: str
    kind: Literal["test", "command", "import", "file"]
    path: str | None
    line: int | None
    limit: Counted[float]
    was: Counted[float]
    loops: int
    before: bool
    problems: Counted[Problem]
    pairs: Counted[Timed]


class Machine(Fact, frozen=True, kw_only=True):
    """What figures depend on beside the code; those of another one are no limit."""

    system: str
    arch: str
    cpu: str
    cores: int
    python: str
    distributions: str


class Noise(Fact, frozen=True, kw_only=True):
    """What else went on: load average per core, CPU time that the hypervisor took, least and most clock of the CPU.

    `load` is of the minute before the run, `steal` a share of 1 during it, `mhz` empty where nobody says it.
    `governor` is what sets the clock (`performance`, `powersave`), None where nobody says it.
    """

    load: float | None
    steal: float | None
    mhz: Counted[float]
    governor: str | None


class DataFile(Fact, frozen=True, kw_only=True):
    """A file of results that was read: of which tool, made on which machine, with which benchmarks.

    What the file does not say of its machine is taken from the one that reads it.
    """

    path: str
    tool: str
    machine: Machine
    benchmarks: Counted[str]


class Past(Fact, frozen=True, kw_only=True):
    """What one benchmark took in one run of the history: the least of each process, and over all of them.

    `run` is the number of the run on its machine, from 1, and its commit where it is known: `3 (1f2e3d4c5b6a)`.
    """

    run: str
    processes: Counted[float]
    median: float
    p95: float


class Kept(Fact, frozen=True, kw_only=True):
    """One benchmark's past on its machine, newest first, and how many runs are of others.

    `differs` is a clause that says what the most similar of the others differs in, "" where there are none.
    """

    id: str
    runs: Counted[Past]
    foreign: int
    differs: str


class BenchEvidence(Facts, frozen=True, kw_only=True):
    """All benchmarks, the machine, and what there is to compare with.

    `base` is the commit of the other side. `planned` and `most` are the process pairs of each benchmark, and of one
    that is a suspect. `base_ids` are the benchmarks that base's own tree has, none where nobody asked it, `head_ids`
    those of head, of files too; there is a `Benchmark` for each. `differing` are requirements that only one side has;
    `notes` are sentences for the reader.
    """

    schema_version: int
    mode: Mode
    base: str | None
    planned: int
    most: int
    machine: Machine
    noise: Noise
    differing: Counted[str]
    base_ids: Counted[str]
    head_ids: Counted[str]
    benchmarks: Counted[Benchmark]
    files: Counted[DataFile]
    history: Counted[Kept]
    notes: Counted[str]
