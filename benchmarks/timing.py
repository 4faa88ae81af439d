"""Commands measured side by side: interleaved runs, CPU time of the whole process tree, the least of several."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """One side of a comparison; `before` runs, unmeasured, ahead of each run."""

    name: str
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str] | None = None
    before: Callable[[], None] | None = None


@dataclass(frozen=True)
class Figure:
    """Milliseconds: the least CPU time of the process and its children, and the least and median wall time."""

    cpu: float
    wall: float
    median: float
    code: int


def side_by_side(commands: Sequence[Command], rounds: int) -> dict[str, Figure]:
    """Figures by name; every round runs every command once, in an order that alternates."""
    runs: dict[str, list[tuple[float, float, int]]] = {one.name: [] for one in commands}
    for number in range(rounds + 1):
        for one in commands if number % 2 else reversed(commands):
            measured = run(one)
            # The first round warms file caches and byte code.
            if number:
                runs[one.name].append(measured)
    return {name: _figure(found) for name, found in runs.items()}


def run(one: Command) -> tuple[float, float, int]:
    """CPU and wall milliseconds and exit code of one run, its children included."""
    if one.before is not None:
        one.before()
    before = _children_cpu()
    # Byte code is written as on a user's machine, whatever this shell says.
    env = {name: value for name, value in (one.env or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run(
        one.argv, cwd=one.cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    wall = time.perf_counter() - started
    return (_children_cpu() - before) * 1000, wall * 1000, done.returncode


def _children_cpu() -> float:
    """Seconds of CPU of all children that have ended; in microseconds' steps where the platform counts them."""
    if sys.platform == "win32":
        times = os.times()
        return times.children_user + times.children_system
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(found: Sequence[tuple[float, float, int]]) -> Figure:
    walls = sorted(wall for _, wall, _ in found)
    codes = {code for _, _, code in found}
    return Figure(
        cpu=min(cpu for cpu, _, _ in found),
        wall=walls[0],
        median=walls[len(walls) // 2],
        code=codes.pop() if len(codes) == 1 else -1,
    )


def table(figures: Mapping[str, Figure], floor: str) -> None:
    """Print a row per command, with the ratio of its CPU time to the floor's."""
    least = figures[floor]
    print(f"{'command':<44} {'CPU ms':>8} {'wall ms':>8} {'median':>8} {'CPU x':>7}  exit")
    for name, one in figures.items():
        ratio = one.cpu / least.cpu if least.cpu else float("nan")
        print(f"{name:<44} {one.cpu:8.1f} {one.wall:8.1f} {one.median:8.1f} {ratio:7.2f}  {one.code}")


def arguments(description: str, rounds: int) -> argparse.Namespace:
    """`--quick` and `--rounds`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few rounds, for CI: the ratio only")
    parser.add_argument("--rounds", type=int, default=rounds)
    given = parser.parse_args()
    if given.quick:
        given.rounds = min(given.rounds, 5)
    return given


def gates(*words: str) -> list[str]:
    """The installed `gates` script beside this interpreter."""
    return [str(Path(sys.executable).with_name("gates")), *words]


def installed(*names: str) -> list[tuple[str, str]]:
    """Scripts of these names that are beside this interpreter, with their paths."""
    folder = Path(sys.executable).parent
    return [(name, str(folder / name)) for name in names if (folder / name).exists()]
