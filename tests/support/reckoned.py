"""A project measured by the real coverage.py: its figures as gates reckons them, and as `coverage json` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.builtin.coverage import measuring, parsing
from gates.builtin.coverage.facts import File
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.lines import decoded, numbers
from gates.builtin.coverage.readers import reading
from gates.builtin.coverage.readers.data import Recorded
from gates.engine.context import GateContext
from gates.model.evidence import Refusal
from gates.testing.run import context

RUN = ("--branch", "run.py")


def asked(root: Path) -> GateContext:
    """The context in which the gate `coverage` looks at a project."""
    return context(root, CoverageGate())


def coverage(root: Path, *words: str, check: bool = True) -> str:
    """What coverage.py prints in the project's root."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}
    argv = [sys.executable, "-m", "coverage", *words]
    return subprocess.run(argv, cwd=root, env=own, check=check, capture_output=True, text=True).stdout


def theirs(root: Path, *words: str) -> Mapping[str, dict[str, Any]]:
    """The figures by path in `coverage json`."""
    coverage(root, "json", "-q", "-o", "told.json", *words)
    told = json.loads((root / "told.json").read_text("utf-8"))
    return {path: _theirs(one) for path, one in told["files"].items()}


def recorded(root: Path) -> Recorded:
    """The project's raw data."""
    found = reading.read(root / ".coverage", contexts=False)
    assert isinstance(found, Recorded)
    return found


def parsed(root: Path, paths: Sequence[str], **keys: Any) -> parsing.Parses:
    """What the files can run; it is no refusal."""
    found = parsing.parse(asked(root), paths, **keys)
    assert isinstance(found, parsing.Parses), found.reason
    return found


def ours(root: Path, **keys: Any) -> Mapping[str, dict[str, Any]]:
    """The figures by path, from raw data and sources."""
    return {path: _ours(one) for path, one in facts(root, **keys).items()}


def facts(root: Path, **keys: Any) -> Mapping[str, File]:
    """The facts by path, from raw data and sources."""
    data = recorded(root)
    places = {path: Path(path).relative_to(root).as_posix() for path in data.files}
    tracers = {places[path]: one.tracer for path, one in data.files.items() if one.tracer}
    files = measuring.files(data, parsed(root, sorted(places.values()), tracers=tracers, **keys), places)
    assert not isinstance(files, Refusal), files.reason
    return {one.path: one for one in files}


def _ours(one: File) -> dict[str, Any]:
    lines, ran = decoded(one.lines), decoded(one.ran)
    missing = Counter((branch.line, way) for branch in one.branches.items for way in branch.missing.items)
    return {
        "statements": lines.bit_count(),
        "executed": one.executed,
        "missing": numbers(lines & ~ran),
        "excluded": numbers(decoded(one.excluded)),
        "branches": one.ways,
        "partial": sum(count for (line, _), count in missing.items() if ran >> line & 1),
        "missing branches": missing,
    }


def _theirs(one: Mapping[str, Any]) -> dict[str, Any]:
    summary = one["summary"]
    ways = ((start, "exit" if end < 0 else str(end)) for start, end in one.get("missing_branches", ()))
    return {
        "statements": summary["num_statements"],
        "executed": summary["covered_lines"],
        "missing": one["missing_lines"],
        "excluded": one["excluded_lines"],
        "branches": summary.get("num_branches", 0),
        "partial": summary.get("num_partial_branches", 0),
        "missing branches": Counter(ways),
    }
