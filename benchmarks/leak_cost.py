"""What a run with seeds, zone, locale and the leak guard costs a test, each of them by itself, and the memory it takes.

Every other test of a run is without the hooks of the plugin that is measured, so that a busy machine slows both sides;
what is printed is the difference of the medians of CPU time, with caches as cold as other code leaves them, as the
least of all rounds. A kind of leak is measured beside a guard that has nothing to look for.
Python tells `children`, `descriptors` and `files` of its events, which slows both sides: whole runs show it, as in
plugin_startup.py.

    python benchmarks/leak_cost.py [--rounds 3] [--tests 5000] [--peers PYTHON] [--memory 100000]

PYTHON is that of an environment with pytest, pytest-randomly and pytest-socket, which are measured in the same way.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pytest_vltair.leaks.kinds import PROBES

OTHERS = ("cacheprovider", "hypothesispytest", "benchmark", "pytest_cov", "xdist")
PYTEST = ("-P", "-m", "pytest", "-q", *(f"-pno:{name}" for name in OTHERS))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
GUARD = ("--vltair-seed=1", "--vltair-leaks=report")
OURS = {
    "seeds, zone, locale, cheap guard": (
        *("--vltair-timezone=UTC", "--vltair-locale=C.UTF-8"),
        *(*GUARD, "-ovltair_leaks_kinds=cheap"),
    ),
    "seeds": ("--vltair-seed=1",),
    "zone and locale": ("--vltair-timezone=UTC", "--vltair-locale=C.UTF-8"),
    "vltair = fix": ("--vltair=fix",),
    "vltair = guard": ("--vltair=guard",),
}

CONFTEST = """
import os, resource, time
import pytest

MEASURED = tuple(os.environ["MEASURED"].split())
HOOKS = ("setup", "call", "teardown", "makereport", "logreport", "logstart", "logfinish", "protocol")
sides = [], []
callers = {}
running = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if running or not MEASURED:
        return None
    if not callers:
        for name in (*(f"pytest_runtest_{name}" for name in HOOKS), "pytest_fixture_setup"):
            impls = getattr(item.config.hook, name)._hookimpls
            rest = [one for one in impls if not getattr(one.function, "__module__", "").startswith(MEASURED)]
            callers[name] = impls, (rest, list(impls))
    on = len(sides[0]) > len(sides[1])
    for impls, both in callers.values():
        impls[:] = both[on]
    running.append(item)
    start = time.thread_time_ns()
    item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)
    sides[on].append(time.thread_time_ns() - start)
    running.clear()
    return True


# The guard takes it for one of pytest's own, and does not look between tests for its sake.
pytest_runtest_protocol.__module__ = "_pytest.benchmark"


def pytest_unconfigure():
    off, on = (sorted(times)[len(times) // 2] / 1e3 if times else 0 for times in sides)
    print(f"\\nbase {off:.2f} extra {on - off:.2f} memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
"""


class Bench:
    """Runs a generated suite with pytest, and reads what its conftest prints."""

    def __init__(self, folder: Path, tests: int, rounds: int) -> None:
        self._folder = folder
        self._rounds = rounds
        folder.mkdir()
        folder.joinpath("pytest.ini").write_text("[pytest]\n")
        folder.joinpath("conftest.py").write_text(CONFTEST)
        for start in range(0, tests, 1000):
            some = range(start, min(start + 1000, tests))
            text = "".join(f"def test_{number}():\n    pass\n\n\n" for number in some)
            folder.joinpath(f"test_{start:06}.py").write_text(text)

    def extra(self, options: tuple[str, ...], measured: str = "pytest_vltair.", python: str = sys.executable) -> float:
        """Microseconds that the measured plugins add to a test, the least of all rounds."""
        return min(self._run(options, measured, python)[0] for _ in range(self._rounds))

    def memory(self, options: tuple[str, ...]) -> int:
        """The peak memory of a run, in bytes."""
        return self._run(options, "", sys.executable)[1] * (1 if sys.platform == "darwin" else 1024)

    def _run(self, options: tuple[str, ...], measured: str, python: str) -> tuple[float, int]:
        done = subprocess.run(
            (python, *PYTEST, *options),
            cwd=self._folder,
            env={**ENVIRONMENT, "MEASURED": measured},
            check=False,
            capture_output=True,
            text=True,
        )
        found = re.search(r"^base \S+ extra (\S+) memory (\d+)$", done.stdout, re.MULTILINE)
        if done.returncode or found is None:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
        return float(found[1]), int(found[2])


def kinds(bench: Bench) -> Iterator[tuple[str, float]]:
    """What the guard costs with nothing to look for, and what each kind adds to that."""
    base = bench.extra((*GUARD, "-ovltair_leaks_kinds=random"), "pytest_vltair.leaks.")
    yield "the guard, looking for nothing", base
    for kind in PROBES:
        seed = () if kind == "random" else GUARD[:1]
        options = (*seed, GUARD[1], f"-ovltair_leaks_kinds={kind}")
        yield f"  {kind}", bench.extra(options, "pytest_vltair.leaks.") - base


def memory(scratch: Path, tests: int) -> Iterator[tuple[str, float]]:
    """Bytes of each test that a run with the guard takes beyond one without the plugin."""
    few, many = (Bench(scratch / f"memory-{count}", count, 1) for count in (tests // 10, tests))
    for name, options in (("cheap", ("--vltair=guard", "-ovltair_leaks_kinds=cheap")), ("all", ("--vltair=guard",))):
        grown = [one.memory(options) - one.memory(("-pno:vltair",)) for one in (few, many)]
        yield name, (grown[1] - grown[0]) / (tests - tests // 10)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tests", type=int, default=5000)
    parser.add_argument("--peers", default="", metavar="PYTHON")
    parser.add_argument("--memory", type=int, default=0, metavar="TESTS")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vltair-bench-") as scratch:
        bench = Bench(Path(scratch, "many"), chosen.tests, chosen.rounds)
        print(f"{'extra microseconds a test':<36}")
        for name, options in OURS.items():
            print(f"{name:<36} {bench.extra(('-pno:randomly', *options)):7.1f}", flush=True)
        if chosen.peers:
            for options in ((), ("--disable-socket",)):
                found = bench.extra(options, "pytest_randomly pytest_socket", chosen.peers)
                print(f"{' '.join(('pytest-randomly, pytest-socket', *options)):<36} {found:7.1f}", flush=True)
        else:
            print("pytest-randomly and pytest-socket: not measured, --peers names no Python that has them")
        for name, found in kinds(bench):
            print(f"{name:<36} {found:7.1f}", flush=True)
        if chosen.memory:
            for name, found in memory(Path(scratch), chosen.memory):
                print(f"memory: {found:.0f} bytes a test over {chosen.memory} tests, kinds: {name}", flush=True)


if __name__ == "__main__":
    main()
