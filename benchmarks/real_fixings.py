"""Real projects under every fixing: which outcomes differ from an unfixed run, and what their tests leave behind.

    python benchmarks/real_fixings.py PROJECT[=ARGUMENTS]...

Each PROJECT is a folder with its own `.venv`, in which its test dependencies and `pytest-vltair[clock]` are installed;
ARGUMENTS are what pytest is given besides, to choose a part of the tests. The first two runs are without the plugin
(`-p no:vltair`), the third is with the guard, and from then on each step adds to the one before it. Every run is
compared test by test with the first; where the first two differ a test is called unsteady. Prints a row of
docs/explanation/real-suites.md for each project, and below it the differing tests and what was left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

STEPS: Mapping[str, tuple[str, ...]] = {
    "fix": ("--vltair=fix",),
    "entropy, home, network": ("-o", "vltair_entropy=seeded", "-o", "vltair_home=fresh", "--vltair-network=block"),
    "clock": ("--vltair-clock=2031-07-01T12:00:00Z",),
    "reversed": ("--vltair-order=reversed",),
    "random": ("--vltair-order=random",),
}
OFF = ("-p", "no:vltair")
GUARD = ("--vltair=guard",)
LIMIT = 900.0

RUN = """
import json, sys
import pytest

WORST = ("failed", "skipped", "passed")

class Outcomes:
    def __init__(self):
        self.found, self.leaks, self.subtests = {}, [], {}
    def pytest_collectreport(self, report):
        if report.failed:
            self.found[report.nodeid] = "not collected"
    def pytest_runtest_logreport(self, report):
        name = report.nodeid
        if hasattr(report, "context"):  # a subtest, told by its number: its parameters may hold addresses
            self.subtests[name] = self.subtests.get(name, 0) + 1
            name = f"{name} #{self.subtests[name]}"
        self.found[name] = min(self.found.get(name, "passed"), report.outcome, key=WORST.index)
        self.leaks += [(report.nodeid, one) for one in report.__dict__.get("_vltair_leaks", ())]

outcomes = Outcomes()
pytest.main(sys.argv[2:], plugins=[outcomes])
with open(sys.argv[1], "w") as file:
    json.dump([outcomes.found, outcomes.leaks], file)
"""
"""Runs pytest and writes down how each test ended, whether the plugin is there or not."""


class Run(NamedTuple):
    """How each test ended, and what was said to be left behind."""

    outcomes: Mapping[str, str]
    leaks: Sequence[tuple[str, Mapping[str, Any]]]


def main() -> int:
    """Print a row for each project."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("projects", nargs="+", metavar="PROJECT[=ARGUMENTS]")
    print(f"| project | tests | guard | {' | '.join(STEPS)} | leaks |")
    print("|---" * (len(STEPS) + 4) + "|")
    for project in parser.parse_args().projects:
        folder, _, arguments = project.partition("=")
        print(row(Path(folder).resolve(), shlex.split(arguments)), flush=True)
    return 0


def row(folder: Path, arguments: Sequence[str]) -> str:
    """The columns of one project, its differing tests, and what they left behind."""
    plain = run(folder, [*arguments, *OFF]).outcomes
    again = run(folder, [*arguments, *OFF]).outcomes
    unsteady = {name for name in plain.keys() | again.keys() if plain.get(name) != again.get(name)}
    cells: list[str] = []
    notes: list[str] = []

    def compare(step: str, options: Sequence[str]) -> Run:
        found = run(folder, [*arguments, *options])
        here = found.outcomes
        differing = sorted(one for one in plain.keys() | here.keys() if plain.get(one) != here.get(one))
        cells.append(str(len(set(differing) - unsteady)))
        for one in differing:
            said = " (unsteady)" if one in unsteady else ""
            notes.append(f"  {step}: {one}: {plain.get(one)} -> {here.get(one)}{said}")
        return found

    leaks = compare("guard", GUARD).leaks
    options: list[str] = []
    for name, more in STEPS.items():
        options += more
        compare(name, options)
    kinds = Counter(leak["kind"] for _, leak in leaks)
    counted = ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())) or "none"
    notes += [f"  left behind: {test}: {leak['by']}: {leak['kind']}: {leak['what']}" for test, leak in leaks]
    return "\n".join([f"| {folder.name} | {len(plain):,} | {' | '.join(cells)} | {counted} |", *notes])


def run(folder: Path, options: Sequence[str]) -> Run:
    """One run of a project's tests, which ends the program where nothing is known of it."""
    with tempfile.TemporaryDirectory() as scratch:
        record = Path(scratch, "outcomes.json")
        env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {"PYTHONHASHSEED": "0"}
        argv = (".venv/bin/python", "-c", RUN, str(record), "-q", "-p", "no:cacheprovider", *options)
        done = subprocess.run(
            argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=LIMIT,
        )  # fmt: skip
        if not record.is_file():
            sys.exit(f"{folder.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return Run(*json.loads(record.read_text("utf-8")))


if __name__ == "__main__":
    sys.exit(main())
