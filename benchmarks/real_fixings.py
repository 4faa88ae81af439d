"""Real projects under every fixing: which outcomes differ from an unfixed run, and what their tests leave behind.

    python benchmarks/real_fixings.py PROJECT...

Each PROJECT is a folder with its own `.venv`, in which its test dependencies and `pytest-vltair[clock]` are installed.
Each step adds to the one before it. Every run is recorded and compared test by test with the first; a test that
differs is run a second time unfixed, and is called unsteady where those two differ too. Prints a row of
docs/explanation/real-suites.md for each project, and the differing tests below it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

STEPS: Mapping[str, tuple[str, ...]] = {
    "fix": ("--vltair=fix",),
    "entropy, home, network": ("-o", "vltair_entropy=seeded", "-o", "vltair_home=fresh", "--vltair-network=block"),
    "clock": ("--vltair-clock=2031-07-01T12:00:00Z",),
    "reversed": ("--vltair-order=reversed",),
    "random": ("--vltair-order=random",),
}
WORST = ("failed", "skipped", "passed")
LIMIT = 1800.0


def main() -> int:
    """Print a row for each project."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("projects", nargs="+", type=Path)
    print(f"| project | tests | {' | '.join(STEPS)} | leaks |")
    print("|---" * (len(STEPS) + 3) + "|")
    for folder in parser.parse_args().projects:
        print(row(folder.resolve()), flush=True)
    return 0


def row(folder: Path) -> str:
    """The columns of one project, and its differing tests."""
    plain, _ = outcomes(folder, ())
    again, _ = outcomes(folder, ())
    unsteady = {name for name in plain.keys() | again.keys() if plain.get(name) != again.get(name)}
    cells: list[str] = []
    notes: list[str] = []
    options: list[str] = []
    for name, more in STEPS.items():
        options += more
        fixed, _ = outcomes(folder, options)
        differing = sorted(one for one in plain.keys() | fixed.keys() if plain.get(one) != fixed.get(one))
        cells.append(str(len(set(differing) - unsteady)))
        notes += [
            f"  {name}: {one}: {plain.get(one)} -> {fixed.get(one)}{' (unsteady)' if one in unsteady else ''}"
            for one in differing
        ]
    _, leaks = outcomes(folder, ("--vltair=guard",))
    counted = ", ".join(f"{kind} {number}" for kind, number in sorted(leaks.items())) or "none"
    return "\n".join([f"| {folder.name} | {len(plain):,} | {' | '.join(cells)} | {counted} |", *notes])


def outcomes(folder: Path, options: Sequence[str]) -> tuple[dict[str, str], Counter[str]]:
    """How each test ended, and how many leaks of each kind were named."""
    with tempfile.TemporaryDirectory() as scratch:
        record = Path(scratch, "record.jsonl")
        env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {"PYTHONHASHSEED": "0"}
        argv = (".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--vltair-record={record}")
        done = subprocess.run(
            [*argv, *options], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=LIMIT
        )
        if not record.is_file():
            sys.exit(f"{folder.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        lines: list[dict[str, Any]] = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    found: dict[str, str] = {}
    for line in lines:
        if line["event"] == "phase":
            known = found.get(line["nodeid"], "passed")
            found[line["nodeid"]] = min(known, line["outcome"], key=WORST.index)
        elif line["event"] == "collect_error":
            found[line["nodeid"]] = "not collected"
    return found, Counter(line["kind"] for line in lines if line["event"] == "leak")


if __name__ == "__main__":
    sys.exit(main())
