"""Real projects: figures from raw data beside those of `coverage json` and `coverage report`, file by file.

    python benchmarks/real_coverage.py [--work DIR] [--python PATH]... [--coverage VERSION]... [PROJECT...]

Each project is a source distribution from PyPI; its tests run under `coverage run`, with branches and its own settings,
and once more without them, lines only, under `sysmon` where Python has it. Compared are, of every file, the
statements, those that are missing, the excluded lines, the branches and those that are missing or partial, and the
total to six decimals. Prints a row for each run and each difference; ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gates.builtin.coverage import measuring, parsing
from gates.builtin.coverage.facts import File
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.lines import decoded, numbers
from gates.builtin.coverage.readers import reading
from gates.builtin.coverage.readers.data import Recorded
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.process import interpreter
from gates.testing.run import context

REAL: Mapping[str, tuple[str, ...]] = {
    "attrs": ("hypothesis", "cloudpickle", "pympler", "zope.interface", "pytest-xdist"),
    "click": (),
    "jinja2": ("trio",),
    "itsdangerous": ("freezegun",),
    "humanize": ("freezegun",),
    "more-itertools": (),
    "arrow": ("pytest-mock", "pytz", "simplejson", "dateparser", "pytest-cov"),
}
"""Distributions, and what their tests need beside pytest."""

SHOWN = 20
OPTIONS = ("-q", "-o", "addopts=", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly")


@dataclass(frozen=True)
class Run:
    """A project's tree, the environment that ran its tests, and in which way they were measured."""

    name: str
    root: Path
    python: Path
    branches: bool

    @property
    def monitored(self) -> bool:
        """Whether its Python has `sys.monitoring`."""
        argv = (str(self.python), "-c", "import sys; sys.exit(not hasattr(sys, 'monitoring'))")
        return subprocess.run(argv, check=False).returncode == 0

    def coverage(self, *words: str, core: str = "") -> str:
        """What coverage.py prints."""
        env = {**os.environ, **({"COVERAGE_CORE": core} if core else {})}
        argv = (str(self.python), "-m", "coverage", *words)
        done = subprocess.run(argv, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode in {0, 2} else f"!{done.stdout[-2000:]}{done.stderr[-2000:]}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--coverage", action="append", default=[])
    parser.add_argument("projects", nargs="*")
    given = parser.parse_args()
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        for python in given.python or [sys.executable]:
            for version in given.coverage or ["coverage"]:
                for name in given.projects or REAL:
                    different += compared(given.work or Path(folder), name, python, version)
    return int(different > 0)


def compared(work: Path, name: str, python: str, version: str) -> int:
    """Print what is the same and what is not; how many differences there are."""
    place = work / f"{Path(python).resolve().parents[1].name}-{version.replace('=', '')}" / name
    venv = prepared(place, name, python, version)
    root = next(one for one in (place / "source").iterdir() if (one / "PKG-INFO").is_file())
    found = 0
    for branches, core in ((True, "ctrace"), (False, "sysmon")):
        run = Run(name, root, venv / "bin" / "python", branches)
        if core == "sysmon" and not run.monitored:
            continue
        for stale in root.glob(".coverage*"):
            if stale.name != ".coveragerc":
                stale.unlink()
        (root / "lines.ini").write_text(f"[run]\ninclude =\n    {root}/*.py\n    {root}/**/*.py\n", "utf-8")
        settings = ["--branch"] if branches else ["--rcfile=lines.ini"]
        said = run.coverage("run", *settings, "-m", "pytest", *OPTIONS, core=core)
        if not (root / ".coverage").is_file():
            run.coverage("combine", *settings[1:])
        if not (root / ".coverage").is_file():
            print(f"{name}: the tests measured nothing: {said[-3000:]}")
            found += 1
            continue
        found += judged(run, "" if branches else "lines.ini", f"{place.parent.name} {core}")
    return found


def prepared(place: Path, name: str, python: str, version: str) -> Path:
    venv, source = place / "venv", place / "source"
    if not source.is_dir():
        done = [
            [python, "-m", "venv", str(venv)],
            [str(venv / "bin" / "pip"), "install", "-q", "setuptools", "pytest", version, *REAL.get(name, ())],
            [str(venv / "bin" / "pip"), "download", "-q", "--no-deps", "--no-binary=:all:", "-d", str(place), name],
        ]
        for argv in done:
            subprocess.run(argv, check=True, capture_output=True)
        with tarfile.open(next(place.glob("*.tar.gz"))) as archive:
            archive.extractall(source, filter="data")
        (root,) = source.iterdir()
        subprocess.run([str(venv / "bin" / "pip"), "install", "-q", "-e", str(root)], check=True, capture_output=True)
    return venv


def judged(run: Run, config: str, shown: str) -> int:
    """Compare the files and the total of one run."""
    words = [f"--rcfile={config}"] if config else []
    report = run.root / "coverage-real.json"
    report.unlink(missing_ok=True)
    run.coverage("json", *words, "-o", str(report))
    total = run.coverage("report", *words, "--format=total", "--precision=6", "--fail-under=0")
    if not report.is_file():
        ours = facts(run, config)
        said = ours.message if isinstance(ours, Reason) else "no refusal"
        print(f"{run.name} {shown}: coverage has no report: {total}\n  gates: {said}")
        if config or not isinstance(ours, Reason):
            return 1
        (run.root / "ignoring").write_text("[report]\nignore_errors = true\n", "utf-8")
        return judged(run, "ignoring", f"{shown}, errors ignored")
    theirs = json.loads(report.read_text("utf-8"))
    ours = facts(run, config)
    if isinstance(ours, Reason):
        print(f"{run.name} {shown}: refused: {ours.message}")
        return 1
    names = {os.path.relpath(run.root / path, run.root): one for path, one in theirs["files"].items()}
    found = [*differences(ours, names, branches=run.branches)]
    covered = sum(one.executed + one.ways - sum(b.missing.count for b in one.branches.items) for one in ours)
    every = sum(one.statements + one.ways for one in ours)
    own = f"{100 * covered / every:.6f}" if every else "100.000000"
    if own != total:
        found.append(f"total: {own}, and coverage says {total}")
    statements, ways = sum(one.statements for one in ours), sum(one.ways for one in ours)
    print(
        f"{run.name} {run.root.name} {shown}: {len(ours)} files, {statements:,} statements, {ways:,} branches,"
        f" total {total}: {len(found)} differences",
        flush=True,
    )
    for one in found[:SHOWN]:
        print(f"  {one}")
    return len(found)


def facts(run: Run, config: str) -> Sequence[File] | Reason:
    root = run.root.resolve()
    chosen = interpreter.choose(root, flag=str(run.python), configured=None, environ={}, state=root / ".gates")
    asked = context(root, CoverageGate(), python=chosen)
    recorded = reading.read(root / ".coverage", contexts=False)
    assert isinstance(recorded, Recorded)
    # coverage.py reads sources in zip archives, too.
    places = {path: os.path.relpath(root / path, root) for path in recorded.files if ".zip" not in path}
    parses = parsing.parse(asked, sorted(places.values()), config=config or None)
    if isinstance(parses, Refusal):
        return parses.reason
    files = measuring.files(recorded, parses, places)
    return files.reason if isinstance(files, Refusal) else files


def differences(ours: Sequence[File], theirs: Mapping[str, Any], *, branches: bool) -> Iterator[str]:
    held = {one.path: one for one in ours}
    for path in sorted({*held, *theirs}):
        if path not in held or path not in theirs:
            yield f"{path}: only {'coverage' if path in theirs else 'gates'} has it"
            continue
        own, other = of_ours(held[path], branches=branches), of_theirs(theirs[path], branches=branches)
        for name in own:
            if own[name] != other[name]:
                yield f"{path}: {name}: {apart(own[name], other[name])}"


def apart(own: Any, other: Any) -> str:
    if isinstance(own, int):
        return f"{own}, and coverage says {other}"
    ours, theirs = Counter(own), Counter(other)
    return f"only gates has {sorted((ours - theirs).elements())}, only coverage {sorted((theirs - ours).elements())}"


def of_ours(one: File, *, branches: bool) -> dict[str, Any]:
    lines, ran = decoded(one.lines), decoded(one.ran)
    found: dict[str, Any] = {
        "statements": one.statements,
        "executed": one.executed,
        "missing": numbers(lines & ~ran),
        "excluded": numbers(decoded(one.excluded)),
    }
    if branches:
        missing = Counter((branch.line, way) for branch in one.branches.items for way in branch.missing.items)
        partial = [one for one in missing.elements() if ran >> one[0] & 1]
        found |= {"branches": one.ways, "partial": len(partial), "missing branches": missing}
    return found


def of_theirs(one: Mapping[str, Any], *, branches: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "statements": one["summary"]["num_statements"],
        "executed": one["summary"]["covered_lines"],
        "missing": one["missing_lines"],
        "excluded": one["excluded_lines"],
    }
    if branches:
        missing = Counter((start, "exit" if end < 0 else str(end)) for start, end in one["missing_branches"])
        summary = one["summary"]
        found |= {
            "branches": summary["num_branches"],
            "partial": summary["num_partial_branches"],
            "missing branches": missing,
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
