"""Measured runs: real data of coverage.py of parts of a suite, and the facts that its own JSON report makes of them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.builtin.coverage import lines
from gates.builtin.coverage.facts import Branch, CoverageEvidence, File
from gates.builtin.coverage.merge import lane
from gates.model.evidence import counted
from support.commands import environment
from support.coverage_facts import evidence


def coverage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the real coverage.py says in a folder."""
    argv = [sys.executable, "-m", "coverage", *words]
    return subprocess.run(argv, cwd=folder, env=environment(), capture_output=True, text=True, check=False)


def measure(folder: Path, name: str, script: str, *, branch: bool = True, source: str = ".") -> Path:
    """The data file `.coverage.NAME` of a run of the script."""
    data = folder / f".coverage.{name}"
    options = [f"--data-file={data.name}", f"--source={source}", *(["--branch"] if branch else [])]
    done = coverage(folder, "run", *options, script, name)
    assert done.returncode == 0, done.stdout + done.stderr
    return data


def facts(folder: Path, data: Path, name: str = "1/1", *, branch: bool = True) -> CoverageEvidence:
    """The evidence of a data file, out of coverage.py's JSON report of it."""
    report = folder / f"{data.name}.json"
    done = coverage(folder, "json", f"--data-file={data.name}", "-o", report.name, "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text("utf-8"))
    files = [_file(folder, path, one) for path, one in sorted(found["files"].items())]
    return evidence(*files, arcs=branch, counted=branch, lanes=[lane(name, sys.platform, files)])


def _file(folder: Path, path: str, one: Mapping[str, Any]) -> File:
    ran, missed = lines.of(one["executed_lines"]), lines.of(one["missing_lines"])
    branches = list(_branches(one.get("executed_branches", []), one.get("missing_branches", [])))
    return File(
        path=path,
        sha256=hashlib.sha256((folder / path).read_bytes()).hexdigest(),
        statements=(ran | missed).bit_count(),
        lines=lines.encoded(ran | missed),
        executed=ran.bit_count(),
        ran=lines.encoded(ran),
        excluded=lines.encoded(lines.of(one["excluded_lines"])),
        pragmas=0,
        ways=sum(branch.total for branch in branches),
        branches=counted(branches),
        functions=counted(()),
    )


def _branches(taken: Sequence[list[int]], missing: Sequence[list[int]]) -> Iterable[Branch]:
    ways: dict[int, list[str]] = {}
    for line, to in sorted([*taken, *missing]):
        ways.setdefault(line, []).append(_name(to))
    left = [(line, _name(to)) for line, to in missing]
    for line, names in ways.items():
        never = [name for name in names if (line, name) in left]
        yield Branch(line=line, total=len(names), missing=counted(never))


def _name(to: int) -> str:
    return "exit" if to < 0 else str(to)
