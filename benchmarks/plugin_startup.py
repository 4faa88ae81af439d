"""What the pytest plugin costs: start-up, unconfigured and at work, and whole runs while it records, fixes and guards.

Both sides of each comparison run in turn, so that a busy machine slows both; what is printed is the CPU time of the
children (user and system), as the minimum and the median over the rounds. Nothing here passes or fails.

    python benchmarks/plugin_startup.py [--rounds 15] [--record-rounds 5] [--tests 5000]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

# Other plugins would only add noise; the environment keeps compiled modules, as a user's does.
OTHERS = ("cacheprovider", "randomly", "hypothesispytest", "benchmark", "pytest_cov", "xdist")
PYTEST = (sys.executable, "-P", "-m", "pytest", "-q", *(f"-pno:{name}" for name in OTHERS))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu_seconds(argv: Sequence[str], cwd: Path) -> float:
    """User and system time of a child that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=cwd, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def interleaved(sides: Mapping[str, Sequence[str]], cwd: Path, rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each side, one run of each per round, the order turned round every time."""
    names = list(sides)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        cpu_seconds(sides[name], cwd)
    for _ in range(rounds):
        for name in names:
            measured[name].append(cpu_seconds(sides[name], cwd))
        names.reverse()
    return measured


def report(title: str, measured: dict[str, list[float]], per: int = 1, unit: str = "ms", scale: float = 1e3) -> None:
    """Print each side, and how the others compare with the first one."""
    print(title)
    base = next(iter(measured.values()))
    for name, seconds in measured.items():
        extra = median(one - other for one, other in zip(seconds, base, strict=True)) / per * scale
        least = (min(seconds) - min(base)) / per * scale
        print(
            f"  {name:<28} min {min(seconds) * 1e3:8.1f} ms  median {median(seconds) * 1e3:8.1f} ms"
            f"  ratio {min(seconds) / min(base):.3f} (min) {median(seconds) / median(base):.3f} (median)"
            f"  extra {least:+.2f} {unit} (min) {extra:+.2f} {unit} (median)"
        )


BUDGETED = (
    *("--vltair-seed=1", "--vltair-timezone=UTC", "--vltair-locale=C.UTF-8"),
    *("--vltair-leaks=report", "-ovltair_leaks_kinds=cheap"),
)
"""What the budget of 25 microseconds a test is for."""

ALTERNATING = """
import time
from statistics import median
import pytest
from pytest_vltair.recording import Recorder

times = ([], [])
record = Recorder.pytest_runtest_logreport


@pytest.hookimpl(trylast=True)
def switched(self, report):
    if len(times[0]) != len(times[1]):
        record(self, report)


Recorder.pytest_runtest_logreport = switched


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol():
    side = times[len(times[0]) != len(times[1])]
    start = time.thread_time_ns()
    result = yield
    side.append((time.thread_time_ns() - start) / 1e3)
    return result


def pytest_unconfigure():
    off, on = map(median, times)
    print(f"\\nalternating {off:.1f} {on:.1f}")
"""


def alternating(folder: Path, rounds: int) -> None:
    """Print what recording adds to a test, every other one of a run being recorded: the least disturbed figure."""
    folder.joinpath("conftest.py").write_text(ALTERNATING)
    print("recorded and unrecorded tests in turn, within one run (medians):")
    for _ in range(rounds):
        argv = (*PYTEST, "--vltair-record=record.jsonl")
        done = subprocess.run(argv, cwd=folder, env=ENVIRONMENT, check=False, capture_output=True, text=True)
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("alternating ")]
        off, on = map(float, line.split()[1:])
        print(f"  off {off:.1f} us  on {on:.1f} us  extra {on - off:.1f} us a test  ratio {on / off:.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--record-rounds", type=int, default=5)
    parser.add_argument("--tests", type=int, default=5000)
    parser.add_argument("--quick", action="store_true", help="few rounds and tests, for CI: the ratio only")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.record_rounds = min(chosen.rounds, 5), min(chosen.record_rounds, 2)
        chosen.tests = min(chosen.tests, 2000)
    with tempfile.TemporaryDirectory(prefix="vltair-bench-") as folder:
        tiny = Path(folder, "tiny")
        tiny.mkdir()
        tiny.joinpath("pytest.ini").write_text("[pytest]\n")
        tiny.joinpath("test_tiny.py").write_text("def test_one():\n    pass\n")
        start = {
            "without (-p no:vltair)": (*PYTEST, "-p", "no:vltair"),
            "installed, unconfigured": PYTEST,
            "recording": (*PYTEST, "--vltair-record=record.jsonl"),
            "fix": (*PYTEST, "--vltair=fix"),
            "guard, cheap kinds": (*PYTEST, "--vltair=guard", "-ovltair_leaks_kinds=cheap"),
            "guard, all kinds": (*PYTEST, "--vltair=guard"),
            "seeds, zone, locale, cheap": (*PYTEST, *BUDGETED),
        }
        report("start-up, one test:", interleaved(start, tiny, chosen.rounds))
        large = Path(folder, "large")
        large.mkdir()
        large.joinpath("pytest.ini").write_text("[pytest]\n")
        large.joinpath("test_large.py").write_text(
            "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(chosen.tests))
        )
        per_test = {name: start[name] for name in start if name != "installed, unconfigured"}
        measured = interleaved(per_test, large, chosen.record_rounds)
        report(f"{chosen.tests} trivial tests:", measured, chosen.tests, "us a test", 1e6)
        alternating(large, 3)


if __name__ == "__main__":
    main()
