"""Real projects: what `gates check` says of them, what the same tools say by hand, and how long both take.

    python benchmarks/real_projects.py [--repeat 3] PROJECT...

Each PROJECT is a folder with its own `.venv`, in which its test dependencies and `pytest-vltair[lint,types]` are
installed. By hand means: the commands that `gates check --plan` shows, without its plugin, one after the other. Every
run starts without the tools' caches. Prints a row of docs/explanation/real-projects.md for each project.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SELECT = ("--select", "lint,types,tests")
CACHES = (".gates", ".mypy_cache", ".ruff_cache", ".pytest_cache")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("projects", nargs="+", type=Path)
    asked = parser.parse_args()
    print("| project | gates | by hand | time by hand | with gates | nothing changed |\n|---|---|---|---|---|---|")
    for folder in asked.projects:
        print(row(folder.resolve(), asked.repeat), flush=True)
    return 0


def row(folder: Path, repeat: int) -> str:
    """The median of `repeat` pairs of runs, in turns, on the same machine."""
    by_hand, with_gates, unchanged = [], [], []
    said: Counter[str] = Counter()
    for _ in range(repeat):
        clean(folder)
        seconds, own = hand(folder)
        by_hand.append(seconds)
        clean(folder)
        seconds, report = gates(folder)
        with_gates.append(seconds)
        unchanged.append(gates(folder)[0])
        said[f"{verdicts(report)} | {own}"] += 1
    times = " | ".join(f"{statistics.median(one):.1f} s" for one in (by_hand, with_gates, unchanged))
    return f"| {folder.name} | {' / '.join(said)} | {times} |"


def clean(folder: Path) -> None:
    for name in CACHES:
        shutil.rmtree(folder / name, ignore_errors=True)


def start(folder: Path, argv: Sequence[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done


def gates(folder: Path) -> tuple[float, Any]:
    seconds, done = start(folder, (".venv/bin/gates", "check", *SELECT, "--output-format", "json"))
    return seconds, json.loads(done.stdout)


def verdicts(report: Any) -> str:
    found = []
    for gate in report["gates"]:
        errors = sum(one["severity"] == "error" for one in gate["findings"])
        count = (gate["denominator"] or {"count": 0})["count"]
        reason = "" if gate["reason"] is None else f", {gate['reason']['code']}"
        found.append(f"{gate['name']} {gate['verdict']}: {errors:,} in {count:,}{reason}")
    return "; ".join(found)


def hand(folder: Path) -> tuple[float, str]:
    """Seconds of all commands together, and what each said, in the words of `verdicts`."""
    plan = start(folder, (".venv/bin/gates", "check", *SELECT, "--plan"))[1].stdout
    seconds, said = 0.0, []
    for line in plan.splitlines():
        words = line.split()
        if words[:2] != ["python", "-P"] or "--show-files" in words or "--show-settings" in words:
            continue
        argv = [".venv/bin/python", *words[2:]]
        with tempfile.TemporaryDirectory() as scratch:
            result = Path(scratch) / "result.xml"
            if "pytest" in words:
                argv = [".venv/bin/python", "-m", "pytest", "-p", "no:vltair", f"--junit-xml={result}"]
            took, done = start(folder, argv)
            seconds += took
            said.append(summary(words[3:], done, result))
    return seconds, "; ".join(said)


def summary(words: Sequence[str], done: subprocess.CompletedProcess[str], result: Path) -> str:
    name = " ".join(words[:2]) if words[0] == "ruff" else words[0]
    if name == "mypy":
        last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
        return f"{name}: exit {done.returncode}, {last}"
    if words[0] == "ruff":
        # ruff before 0.16 has no JSON for `format --check`, and says so.
        found = json.loads(done.stdout) if done.stdout.startswith("[") else "?"
        return f"{name}: exit {done.returncode}, {len(found):,}"
    if not result.is_file():
        return f"pytest: exit {done.returncode}"
    root = ET.parse(result).getroot()
    cases = list(root.iter("testcase"))
    failed = sum(any(one.tag in {"failure", "error"} for one in case) for case in cases)
    ran = sum(all(one.tag != "skipped" or one.get("type") == "pytest.xfail" for one in case) for case in cases)
    last = re.sub(r" in [\d.]+s.*", "", done.stdout.strip().splitlines()[-1]).strip("= ")
    return f"pytest: exit {done.returncode}, {failed} in {ran:,} ({last})"


if __name__ == "__main__":
    sys.exit(main())
