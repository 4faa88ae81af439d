"""Real changes: the lines that a change touched and missed beside those that diff-cover finds, commit by commit.

    python benchmarks/real_patches.py [--work DIR] [PROJECT...]

Each project is a repository made of its releases: the source distributions of successive versions, one commit each. At
each commit the tests run under `coverage run` with the package and its tests as sources, and diff-cover gets `coverage
xml` and the commit before. A line that only one of both names is explained by one of the REASONS below or not at all.
Prints a row for each commit and a line for each difference; ends with 1 where one has no reason.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gates.builtin.coverage import measuring, parsing, patch
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.lines import between, decoded, numbers, text
from gates.builtin.coverage.readers import reading
from gates.builtin.coverage.readers.data import Recorded
from gates.model.evidence import Refusal
from gates.process import interpreter
from gates.project import changes
from gates.testing.run import context

VERSIONS: Mapping[str, str] = {
    "humanize": (
        "4.1.0 4.2.0 4.2.3 4.3.0 4.4.0 4.5.0 4.6.0 4.7.0 4.8.0 4.9.0 4.10.0 4.11.0 4.12.0 4.12.1 4.12.2 4.12.3 4.13.0"
        " 4.14.0 4.15.0 4.16.0 4.17.0"
    ),
    "click": (
        "7.1 7.1.2 8.0.0 8.0.1 8.0.2 8.0.3 8.0.4 8.1.0 8.1.1 8.1.2 8.1.3 8.1.4 8.1.7 8.1.8 8.2.0 8.2.1 8.3.0 8.3.1"
        " 8.4.0 8.4.2 8.5.1"
    ),
}
NEEDED = ("pytest", "coverage", "diff-cover", "freezegun", "hypothesis")

CONTINUED = "a further line of this statement changed, and its first one did not"
UNMEASURED = "the file is not in the data"
REASONS = (CONTINUED, UNMEASURED)

COMMIT = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "--allow-empty", "-m")


class Lines(NamedTuple):
    """What a tool says of one file: the lines that count for the change, and those of them that never ran."""

    touched: int
    missed: int


class Side(NamedTuple):
    """What gates says of a change: lines by file, the added and altered lines, the paths of moved files at the base.

    `continued` are the first lines of statements of which a further line was added or altered, as `ast` has them.
    """

    lines: Mapping[str, Lines]
    altered: Mapping[str, int]
    continued: Mapping[str, int]
    unmeasured: frozenset[str]
    moved: Mapping[str, str]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path)
    parser.add_argument("projects", nargs="*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        unexplained = [judged(given.work or Path(folder), name) for name in given.projects or VERSIONS]
    return int(any(unexplained))


def judged(work: Path, name: str) -> bool:
    """Print a row for each commit; whether a difference has no reason."""
    venv = prepared(work)
    archives = [downloaded(work, venv, name, version) for version in VERSIONS[name].split()]
    root = work / f"{name}-repository"
    run(work, "git", "init", "-q", str(root))
    print(
        f"{name}: commit | files | moved | lines | touched: both, gates, diff-cover | missed: both, gates, diff-cover"
    )
    unexplained = False
    for number, archive in enumerate(archives):
        if number:
            run(root, "git", "rm", "-rqf", ".")
        run(root, "git", "clean", "-qfdx")
        with tarfile.open(archive) as held:
            held.extractall(root, members=below(held), filter="data")
        (root / ".git/info/exclude").write_text(".gates/\n.coverage*\n__pycache__/\n.pytest_cache/\n", "utf-8")
        run(root, "git", "add", "-A")
        run(root, "git", *COMMIT, archive.name)
        if number:
            unexplained |= compared(root, venv, name, archive.name.removesuffix(".tar.gz"))
    return unexplained


def prepared(work: Path) -> Path:
    venv = work / "venv"
    if not venv.is_dir():
        run(work, sys.executable, "-m", "venv", str(venv))
        run(work, str(venv / "bin/pip"), "install", "-q", *NEEDED, *VERSIONS)
    return venv / "bin"


def downloaded(work: Path, venv: Path, name: str, version: str) -> Path:
    archive = work / f"{name}-{version}.tar.gz"
    if not archive.is_file():
        options = ("--no-deps", "--no-binary=:all:", "-d", str(work))
        run(work, str(venv / "pip"), "download", "-q", *options, f"{name}=={version}")
    return archive


def below(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members without the folder that names the version, and without what only a distribution has."""
    for member in archive.getmembers():
        _, _, path = member.name.partition("/")
        if path and path != "PKG-INFO" and ".egg-info" not in path:
            yield member.replace(name=path, deep=False)


def compared(root: Path, venv: Path, name: str, shown: str) -> bool:
    tests(root, venv, name)
    report = root / ".coverage.diff.json"
    run(root, str(venv / "coverage"), "xml", "-q", "-o", ".coverage.xml")
    words = (".coverage.xml", "--compare-branch", "HEAD^", "--format", f"json:{report}")
    run(root, str(venv / "diff-cover"), *words)
    theirs = of_diff_cover(json.loads(report.read_text("utf-8")))
    ours = of_gates(root, venv)
    found = [*differences(ours, theirs)]
    touched = [sets(ours.lines, theirs, index) for index in range(2)]
    figures = " | ".join(f"{len(mine & other)}, {len(mine - other)}, {len(other - mine)}" for mine, other in touched)
    altered = sum(lines.bit_count() for lines in ours.altered.values())
    print(f"{shown} | {len(ours.lines)} | {len(ours.moved)} | {altered:,} | {figures}", flush=True)
    for one in found:
        print(f"  {one}")
    return any(not one.endswith(REASONS) for one in found)


def tests(root: Path, venv: Path, name: str) -> None:
    """Run them measured; that some fail on a newer Python is no matter."""
    (root / ".coverage").unlink(missing_ok=True)
    places = [place for place in (f"src/{name}", name, "tests") if (root / place).is_dir()]
    env = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = (str(venv / "coverage"), "run", "--rcfile=/dev/null", "--branch", f"--source={','.join(places)}")
    pytest = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "--continue-on-collection-errors",
        "tests",
    )
    subprocess.run([*argv, *pytest], cwd=root, env=env, capture_output=True, check=False)


def of_diff_cover(report: Mapping[str, Any]) -> dict[str, Lines]:
    found = {}
    for path, said in report["src_stats"].items():
        missed = sum(1 << line for line in set(said["violation_lines"]))
        found[path] = Lines(missed | sum(1 << line for line in set(said["covered_lines"])), missed)
    return found


def of_gates(root: Path, venv: Path) -> Side:
    chosen = interpreter.choose(root, flag=str(venv / "python"), configured=None, environ={}, state=root / ".gates")
    asked = context(root.resolve(), CoverageGate(), python=chosen)
    git = asked.project.git
    recorded = reading.read(root / ".coverage", contexts=False)
    assert git is not None
    assert isinstance(recorded, Recorded)
    places = {path: os.path.relpath(path, root.resolve()) for path in recorded.files}
    chosen_files = patch.judged(changes.since(git, git.parents[0]), set(places.values()), asked.project.layout)
    parses = parsing.parse(asked, sorted({*places.values(), *(one.path for one in chosen_files)}))
    assert not isinstance(parses, Refusal), parses
    files = measuring.files(recorded, parses, places)
    assert not isinstance(files, Refusal), files
    ran = {one.path: decoded(one.ran) for one in files}
    made = patch.collect(git.parents[0], chosen_files, patch.Measured(paths=set(places.values()), parses=parses))
    lines = {}
    for one in made.files.items:
        touched = decoded(one.touched)
        lines[one.path] = Lines(touched, touched & ~ran.get(one.path, 0))
    altered = {one.path: decoded(one.lines) for one in made.files.items}
    return Side(
        lines=lines,
        altered=altered,
        continued={path: continued((root / path).read_bytes(), lines) for path, lines in altered.items()},
        unmeasured=frozenset(one.path for one in made.files.items if not one.measured),
        moved={one.path: one.old for one in made.files.items if one.old is not None},
    )


def continued(source: bytes, altered: int) -> int:
    found = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            # Of a statement with a body only its head; a decorator is a statement to coverage.py.
            body: Sequence[ast.stmt] = getattr(node, "body", ())
            decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
            spans = [(one.lineno, one.end_lineno) for one in decorators]
            for first, last in [*spans, (node.lineno, body[0].lineno - 1 if body else node.end_lineno)]:
                if altered & between(first + 1, last or first):
                    found |= 1 << first
    return found


def sets(ours: Mapping[str, Lines], theirs: Mapping[str, Lines], index: int) -> Sequence[set[tuple[str, int]]]:
    return [{(path, line) for path, held in side.items() for line in numbers(held[index])} for side in (ours, theirs)]


def differences(ours: Side, theirs: Mapping[str, Lines]) -> Iterator[str]:
    """A line for each file and reason; `?` is none."""
    nothing = Lines(0, 0)
    for path in sorted({*ours.lines, *theirs}):
        own, other = ours.lines.get(path, nothing), theirs.get(path, nothing)
        more = own.touched & ~other.touched
        explained = more & ours.continued.get(path, 0) & ~ours.altered.get(path, 0)
        if path in ours.unmeasured and more:
            yield f"{path}: only gates touches {text(more)}: {UNMEASURED}"
            continue
        if explained:
            yield f"{path}: only gates touches {text(explained)}: {CONTINUED}"
        if more & ~explained:
            yield f"{path}: only gates touches {text(more & ~explained)}: ?"
        if other.touched & ~own.touched:
            yield f"{path}: only diff-cover touches {text(other.touched & ~own.touched)}: ?"
        if (own.missed ^ other.missed) & own.touched & other.touched:
            yield f"{path}: one says that {text(own.missed ^ other.missed)} ran, and one does not: ?"


def run(folder: Path, *argv: str) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
