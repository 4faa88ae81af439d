"""False alarms and missed slowdowns of `gates bench compare`, beside pytest-benchmark and pyperf, in one run.

    python benchmarks/bench_deltas.py [--suites 100] [--slow 3=13 --slow 10=13] [--peers 20] [--pyperf 3] [--busy]

Eight workloads of 0.5 to 5 ms (`bench_workloads`), limit 5 %. A suite is one whole `gates bench compare`: of the same
code on both sides, then of code with so many percent more of the same work. Counted are benchmarks and suites that
alarm, those that were undecided, what the control said, and the wall time against one run of pytest-benchmark with its
defaults. `--busy` keeps one core busy meanwhile. The peers compare with the run just before, the best case of a stored
baseline: pytest-benchmark by the formula of `--benchmark-compare-fail` (new / old * 100 - 100 > 5), pyperf with
`--fast` by `compare_to`, which prints what it takes for significant. They are run in turns with ours. Needs
pytest-benchmark, and for its part pyperf, where it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bench_workloads

LIMIT = 5.0
STATISTICS = ("min", "median", "mean")

PYPERF = """\
import pyperf
import product
runner = pyperf.Runner()
for name in {names!r}:
    runner.bench_func(name, getattr(product, name))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=int, default=100)
    parser.add_argument("--slow", action="append", default=[], metavar="PERCENT=SUITES")
    parser.add_argument("--peers", type=int, default=20, help="runs of pytest-benchmark beside the first suites")
    parser.add_argument("--pyperf", type=int, default=0, help="runs of pyperf beside the first suites")
    parser.add_argument("--busy", action="store_true")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, busy: {given.busy}, load {_load()}", flush=True)
    with tempfile.TemporaryDirectory() as folder, _busy(given.busy):
        place = Path(folder).resolve()
        project = bench_workloads.make(place / "project")
        tally = Tally(project, place)
        tally.series(0.0, given.suites, peers=given.peers, pyperf=given.pyperf)
        for wish in given.slow:
            percent, _, count = wish.partition("=")
            tally.series(float(percent), int(count or 13), peers=given.peers, pyperf=given.pyperf)
    print(f"load at the end {_load()}")


class Tally:
    """Runs suites on one project and counts what they say."""

    def __init__(self, project: Path, place: Path) -> None:
        self.project = project
        self.place = place

    def series(self, percent: float, suites: int, *, peers: int, pyperf: int) -> None:
        found: Counter[str] = Counter()
        walls: list[float] = []
        peer_walls: list[float] = []
        for number in range(suites):
            bench_workloads.slow(self.project, percent / 100)
            walls.append(self._ours(found))
            if number < peers:
                peer_walls.append(self._pytest_benchmark(found, percent))
            if number < pyperf:
                self._pyperf(found, percent)
        name = "the same code" if not percent else f"{percent:g} % slower"
        print(f"\n{name}: {suites} suites, {found['benchmarks']} benchmarks", flush=True)
        print(f"  gates               benchmarks that alarm {found['alarm']}, suites {found['suite alarm']};"
              f" inconclusive {found['inconclusive']}; suites undecided {found['undecided']};"
              f" control alarms {found['control']}; improved {found['improved']}")  # fmt: skip
        for statistic in STATISTICS if peers else ():
            runs = min(peers, suites)
            print(f"  pytest-benchmark {statistic:6} benchmarks that alarm {found[statistic]} of {8 * runs},"
                  f" suites {found[f'suite {statistic}']} of {runs}")  # fmt: skip
        for rule in ("pyperf", "pyperf 5 %") if pyperf else ():
            runs = min(pyperf, suites)
            suites_alarmed = found[f"suite {rule}"]
            print(f"  {rule:20}benchmarks that alarm {found[rule]} of {8 * runs}, suites {suites_alarmed} of {runs}")
        walls.sort()
        line = f"  wall: median {walls[len(walls) // 2]:.1f} s, least {walls[0]:.1f}, most {walls[-1]:.1f}"
        if peer_walls:
            peer_walls.sort()
            one = peer_walls[len(peer_walls) // 2]
            line += f"; one run of pytest-benchmark {one:.1f} s; ratio of medians {walls[len(walls) // 2] / one:.2f}"
        print(line, flush=True)

    def _ours(self, found: Counter[str]) -> float:
        argv = [
            sys.executable,
            "-m",
            "gates",
            "bench",
            "compare",
            "--no-cache",
            "--base",
            "HEAD",
            "--python",
            sys.executable,
        ]
        argv += ["--project", str(self.project), "--output-format", "json", "--quiet"]
        begun = time.monotonic()
        done = subprocess.run(argv, capture_output=True, text=True, env=_environment(), check=False)
        wall = time.monotonic() - begun
        try:
            said: Any = json.loads(done.stdout)
            verdicts = Counter(one["verdict"] for one in said["benchmarks"])
        except (ValueError, KeyError) as error:
            raise SystemExit(f"gates said no report: {done.stdout[-500:]}{done.stderr[-2000:]}") from error
        found["benchmarks"] += len(said["benchmarks"])
        found["alarm"] += verdicts["regressed"]
        found["suite alarm"] += verdicts["regressed"] > 0
        found["inconclusive"] += verdicts["inconclusive"]
        found["improved"] += verdicts["improved"]
        found["undecided"] += said["verdict"] == "undecided"
        found["control"] += said["control"]["alarms"]
        print(f"    {wall:5.1f} s  {said['verdict']:9} load {_load()}  " + "  ".join(
            f"{one['name'].rpartition('_')[2]} {100 * (one['ratio'] - 1):+.1f}" for one in said["benchmarks"]
        ), file=sys.stderr, flush=True)  # fmt: skip
        return wall

    def _pytest_benchmark(self, found: Counter[str], percent: float) -> float:
        sides = []
        walls = []
        for share in (0.0, percent / 100):
            bench_workloads.slow(self.project, share)
            target = self.place / "result.json"
            argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--benchmark-json={target}"]
            begun = time.monotonic()
            subprocess.run(argv, cwd=self.project, capture_output=True, env=_environment(), check=True)
            walls.append(time.monotonic() - begun)
            sides.append({one["name"]: one["stats"] for one in json.loads(target.read_text())["benchmarks"]})
        for statistic in STATISTICS:
            slower = [name for name, old in sides[0].items()
                      if sides[1][name][statistic] / old[statistic] * 100 - 100 > LIMIT]  # fmt: skip
            found[statistic] += len(slower)
            found[f"suite {statistic}"] += bool(slower)
        return min(walls)

    def _pyperf(self, found: Counter[str], percent: float) -> None:
        script = self.place / "bench_pyperf.py"
        script.write_text(PYPERF.format(names=bench_workloads.NAMES))
        results = []
        for side, share in enumerate((0.0, percent / 100)):
            bench_workloads.slow(self.project, share)
            results.append(self.place / f"pyperf{side}.json")
            results[-1].unlink(missing_ok=True)
            argv = [
                sys.executable,
                str(script),
                "--fast",
                "--quiet",
                "--inherit-environ=PYTHONPATH",
                "-o",
                str(results[-1]),
            ]
            env = {**_environment(), "PYTHONPATH": str(self.project)}
            subprocess.run(argv, capture_output=True, env=env, check=True)
        for rule, more in (("pyperf", []), ("pyperf 5 %", ["--min-speed=5"])):
            argv = [sys.executable, "-m", "pyperf", "compare_to", *more, *map(str, results)]
            said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
            slower = [line for line in said.splitlines() if "slower" in line and "Geometric" not in line]
            found[rule] += len(slower)
            found[f"suite {rule}"] += bool(slower)


@contextmanager
def _busy(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as loop:
        try:
            yield
        finally:
            loop.kill()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"CI", "PYTHONDONTWRITEBYTECODE"}}


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
