"""History: what benchmarks took in former runs, of this machine and of others, in a file that can be committed.

The first line is a header that counts the runs, as a run that got lost would no longer be compared with; then comes a
line for each run, oldest first: its commit, its date, its machine, and of each benchmark the least, the median and the
95th percentile of each process, in seconds. `anew` names the benchmarks that were written though they had become
slower: what they took before is history, and no limit any more. Two branches that both add a run conflict in git, and
both lines may be kept.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from statistics import median
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from gates.builtin.bench import machine
from gates.builtin.bench.facts import Kept, Machine, Past
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import ReasonCode
from gates.model.tested import Fact

SCHEMA_VERSION = 1
LIMIT = 64 << 20
"""Bytes; a run of 100 benchmarks in 9 processes has some 30,000."""

KEPT = 30
"""Runs that are kept of each machine."""

MOST = 300
"""Runs that are kept of all machines together, since each update of a package makes another one."""

CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


class Process(NamedTuple):
    """One benchmark in one process: seconds per call."""

    least: float
    median: float
    p95: float


class Run(Fact, frozen=True, kw_only=True):
    """One run; its commit ends with `+` where something was not committed, and is None where there was none."""

    commit: Annotated[str, Meta(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?\+?$")] | None
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")] | None
    machine: Machine
    benchmarks: dict[str, tuple[Process, ...]]
    anew: tuple[str, ...]


class _Header(Fact, frozen=True, kw_only=True):
    schema_version: int
    gate: str
    runs: Annotated[int, Meta(ge=0)]


class DamagedError(Exception):
    """A history that cannot be used: a sentence that goes on after its name, with the line."""

    def __init__(self, message: str, *, line: int | None = None, code: ReasonCode = "evidence_corrupt") -> None:
        super().__init__(message if line is None else f":{line}: {message}")
        self.code = code


def read(root: Path, name: str) -> tuple[Run, ...] | Refusal:
    """The runs of the file `name` below `root`, oldest first; none where there is no file."""
    if not is_inside(name):
        message = f"the history {name} is outside of the project"
        return refuse("tool_config_invalid", message, "name a file of the project as `history` in [tool.gates.bench]")
    try:
        return parse(_data(root / name))
    except FileNotFoundError:
        return ()
    except OSError as error:
        return refuse("unreadable", f"the history {name} cannot be read: {error.strerror or error}", f"ls -l {name}")
    except DamagedError as error:
        fix = f"git checkout -- {name}; or remove it, and gates baseline bench begins a new one"
        return refuse(error.code, f"the history {name}{error}", fix)


def is_inside(name: str) -> bool:
    """Whether a path that the settings name is one below the project's root, on every system."""
    absolute = PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).root
    return not absolute and ".." not in re.split(r"[/\\]", name)


def _data(place: Path) -> bytes:
    known = place.stat()
    if not stat.S_ISREG(known.st_mode):
        raise DamagedError(" is no file", code="unreadable")
    if known.st_size > LIMIT:
        raise DamagedError(f" has {known.st_size:,} bytes, and {LIMIT:,} are the most that is read")
    return place.read_bytes()


def parse(data: bytes) -> tuple[Run, ...]:
    """The runs that `data` holds, oldest first.

    Raises:
        DamagedError: it is cut off, changed, of another version, or in the middle of a merge.
    """
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise DamagedError("it is cut off here", line=len(lines) + 1)
    if not lines:
        raise DamagedError("it is empty", line=1)
    for at, line in enumerate(lines, 1):
        if line.startswith(CONFLICT):
            message = "a merge conflict stands here; each line is a run, and those of both sides can stay"
            raise DamagedError(message, line=at)
    said, runs = _header(lines[0]).runs, tuple(_run(line, at) for at, line in enumerate(lines[1:], 2))
    if said != len(runs):
        message = f"it says {said} runs and holds {len(runs)}; where a merge kept those of both sides, say {len(runs)}"
        raise DamagedError(message, line=1)
    return runs


def encode(runs: Sequence[Run]) -> bytes:
    """The file: the same runs, the same bytes."""
    header = _Header(schema_version=SCHEMA_VERSION, gate="bench", runs=len(runs))
    return msgspec.json.Encoder(order="sorted").encode_lines([header, *runs])


def capped(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The newest runs, as many as are kept of each machine and of all together."""
    seen: dict[Machine, int] = {}
    newest: list[Run] = []
    for run in reversed(runs):
        seen[run.machine] = seen.get(run.machine, 0) + 1
        if seen[run.machine] <= KEPT and len(newest) < MOST:
            newest.append(run)
    return tuple(reversed(newest))


def kept(runs: Sequence[Run], of: Machine, ids: Iterable[str] = ()) -> tuple[Kept, ...]:
    """The past of `ids`, and of what the newest run of this machine has, or of any where this one has none.

    What only older runs have was taken out, and the history was told so.
    """
    own = [run for run in runs if run.machine == of]
    others = [run for run in runs if run.machine != of]
    newest = (own or others)[-1:]
    wanted = {*ids, *(name for run in newest for name in run.benchmarks)}
    return tuple(_kept(name, own, [run for run in others if name in run.benchmarks], of) for name in sorted(wanted))


def label(number: int, run: Run) -> str:
    """What a run is called: its number on its machine, and its commit."""
    return f"{number}" if run.commit is None else f"{number} ({run.commit[:12]}{'+' * run.commit.endswith('+')})"


def _kept(name: str, own: Sequence[Run], others: Sequence[Run], of: Machine) -> Kept:
    began = max((at for at, run in enumerate(own) if name in run.anew), default=0)
    since = [(at, run) for at, run in numbered(own) if at > began and name in run.benchmarks]
    nearest = min((machine.differences(run.machine, of) for run in reversed(others)), key=len, default=())
    return Kept(
        id=name,
        runs=counted(past(label(at, run), run.benchmarks[name]) for at, run in since),
        foreign=len(others),
        differs=", ".join(nearest),
    )


def numbered(runs: Sequence[Run]) -> list[tuple[int, Run]]:
    """The runs of one machine with their numbers, newest first."""
    return list(enumerate(runs, 1))[::-1]


def past(name: str, processes: Sequence[Process]) -> Past:
    """What a benchmark took in the run of that name."""
    return Past(
        run=name,
        processes=counted(one.least for one in processes),
        median=median(one.median for one in processes),
        p95=median(one.p95 for one in processes),
    )


def _header(line: bytes) -> _Header:
    found = _decoded(line, 1)
    if not isinstance(found, Mapping) or found.get("gate") != "bench":
        raise DamagedError("it is no history of the gate bench", line=1, code="evidence_foreign")
    version = found.get("schema_version")
    if version != SCHEMA_VERSION:
        message = f"schema_version {version} is foreign to this gates, which reads {SCHEMA_VERSION}"
        raise DamagedError(message, line=1, code="schema_version_mismatch")
    header: _Header = _decoded(line, 1, _Header)
    return header


def _run(line: bytes, at: int) -> Run:
    found: Run = _decoded(line, at, Run)
    if not found.benchmarks:
        raise DamagedError("this run has no benchmark", line=at)
    for name, processes in found.benchmarks.items():
        if not name or not processes:
            raise DamagedError(f"{name or 'a benchmark without a name'} has no figures", line=at)
        if not all(0 < one.least <= one.median <= one.p95 < math.inf for one in processes):
            raise DamagedError(f"{name} has figures that cannot be", line=at)
    return found


def _decoded(line: bytes, at: int, kind: Any = Any) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedError(f"it is damaged: {error}", line=at) from error
