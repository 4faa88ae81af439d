"""What the leak guard costs a test: each kind by itself and in groups, and the memory that a long run takes.

Every other test of a run is guarded, so that a busy machine slows both sides; what is printed is the difference of the
medians of CPU time, with caches as cold as other code leaves them. Beside it is what one question (`changed`) costs in
a tight loop. Each test has a seed of its own, as `vltair = guard` gives it; `random` is measured without.

    python benchmarks/leak_cost.py [--rounds 3] [--tests 4000] [--memory 100000]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pytest_vltair.leaks.kinds import GROUPS, PROBES

OTHERS = ("cacheprovider", "randomly", "hypothesispytest", "benchmark", "pytest_cov", "xdist")
PYTEST = (sys.executable, "-P", "-m", "pytest", "-q", *(f"-pno:{name}" for name in OTHERS))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

CONFTEST = """
import os, time
import pytest

sides = [], []

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    guard = item.config.pluginmanager.getplugin("vltair-leaks")
    on = len(sides[0]) > len(sides[1])
    if guard is not None and guard._begun:
        guard._pid = os.getpid() if on else -1
    start = time.thread_time_ns()
    result = yield
    sides[on].append(time.thread_time_ns() - start)
    return result

def pytest_unconfigure(config):
    import resource
    off, on = (sorted(times)[len(times) // 2] / 1e3 for times in sides)
    print(f"\\nextra {on - off:.2f} memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
    guard = config.pluginmanager.getplugin("vltair-leaks")
    for one in guard._baseline.watched if guard is not None else ():
        one.known = one.probe.look()
        start = time.perf_counter_ns()
        for _ in range(200):
            one.changed(one.known)
        print(f"question {one.probe.kind} {(time.perf_counter_ns() - start) / 200e3:.2f}")
"""


def run(folder: Path, *options: str) -> tuple[float, int, dict[str, float]]:
    """Extra microseconds a test, peak memory in KiB, and microseconds a question by kind."""
    done = subprocess.run((*PYTEST, *options), cwd=folder, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    found = re.search(r"^extra (\S+) memory (\d+)$", done.stdout, re.MULTILINE)
    if done.returncode or found is None:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    asked = re.findall(r"^question (\S+) (\S+)$", done.stdout, re.MULTILINE)
    return float(found[1]), int(found[2]), {kind: float(cost) for kind, cost in asked}


def suite(folder: Path, tests: int) -> Path:
    """A folder with that many trivial tests."""
    folder.mkdir()
    folder.joinpath("pytest.ini").write_text("[pytest]\n")
    folder.joinpath("conftest.py").write_text(CONFTEST)
    folder.joinpath("test_many.py").write_text(
        f"import pytest\n@pytest.mark.parametrize('number', range({tests}))\ndef test_many(number): pass\n"
    )
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tests", type=int, default=4000)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=[*PROBES, *reversed(GROUPS)])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vltair-bench-") as scratch:
        folder = suite(Path(scratch, "many"), chosen.tests)
        print(f"{'kind':<16} {'extra us a test':>16} {'us a question':>14}")
        for kind in chosen.kinds:
            options = ("--vltair-leaks=report", "-o", f"vltair_leaks_kinds={kind}")
            seed = () if kind == "random" else ("--vltair-seed=1",)
            runs = [run(folder, *options, *seed) for _ in range(chosen.rounds)]
            extra = min(extra for extra, _, _ in runs)
            print(f"{kind:<16} {extra:16.2f} {sum(runs[-1][2].values()):14.2f}", flush=True)
        if chosen.memory:
            folder = suite(Path(scratch, "memory"), chosen.memory)
            off = run(folder)[1]
            on = run(folder, "--vltair-leaks=report", "-o", "vltair_leaks_kinds=cheap")[1]
            print(f"memory over {chosen.memory} tests: {off} KiB without, {on} KiB with the cheap kinds")


if __name__ == "__main__":
    main()
