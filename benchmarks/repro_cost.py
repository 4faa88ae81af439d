"""What `gates repro` costs, beside two plain builds and beside reprotest with diffoscope, in one run.

    python benchmarks/repro_cost.py [NAME …] [--rounds 3] [--quick]

For a small project of each backend, in turns: `python -m build` with isolation twice, as in the usual check that builds
twice and compares, its environments included; `gates repro`; and Debian's reprotest with diffoscope, every variation
but the user (which needs sudo), with `--no-isolation` in an environment that is there already, because no package index
answers a process whose date is faked; what that environment took is stated. CPU is that of the whole process tree, the
least of all rounds. The budget of `gates repro` is 2.2 times the two builds, where builds to explain a difference are
stated apart. `--quick`: one round of one project that has no difference.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import repro_projects
import timing
from repro_projects import Project
from timing import Command

SMALL = ("six", "tomli", "notebook-shim", "crashtest", "findpython")
BUDGET = 2.2
GATES = "gates repro"
TWICE = "python -m build, twice"
PEER = "reprotest, diffoscope"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SMALL)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    names, rounds = (["crashtest"], 1) if given.quick else (given.names, given.rounds)
    print(f"{'project, backend':<28} {'command':<24} {'CPU s':>7} {'wall s':>7} {'of the two':>10}  exit")
    for project in repro_projects.listed(list(names)):
        with tempfile.TemporaryDirectory(prefix="repro-cost-") as folder:
            compare(project, Path(folder).resolve(), rounds)


def compare(project: Project, folder: Path, rounds: int) -> None:
    """Measure all sides on one project and print a row for each."""
    os.environ["SOURCE_DATE_EPOCH"] = str(repro_projects.EPOCH)
    tree = repro_projects.unpacked(repro_projects.fetched(project), folder / "project")
    commands, prepared = [_twice(tree, folder)], (0.0, 0.0)
    explained = _explained(tree)
    if explained is not None:
        argv = timing.gates("repro", "--project", str(tree), "--output-format", "json")
        commands.append(Command(GATES, [*argv, "--no-cache"], tree))
    if all(shutil.which(one) for one in ("reprotest", "diffoscope")):
        peer, prepared = _peer(tree, folder)
        commands.append(peer)
    figures = timing.side_by_side(commands, rounds)
    base = figures[TWICE]
    for name, one in figures.items():
        row = f"{project.name + ', ' + project.backend:<28} {name:<24} {one.cpu / 1000:7.2f} {one.wall / 1000:7.2f}"
        print(f"{row} {one.cpu / base.cpu:10.2f}  {one.code}", flush=True)
    if explained is None:
        print(f"  {GATES}: it came to no verdict, so it is not measured")
    else:
        ours = figures[GATES]
        held = "" if explained else ", within budget" if ours.cpu <= BUDGET * base.cpu else ", over budget"
        print(f"  {explained} single-factor builds after a difference{held}")
        if PEER in figures:
            theirs = figures[PEER]
            print(
                f"  of reprotest: {ours.cpu / theirs.cpu:.2f} in CPU, {ours.wall / theirs.wall:.2f} by the wall;",
                end=" ",
            )
            cpu, wall = ours.cpu / (theirs.cpu + prepared[0]), ours.wall / (theirs.wall + prepared[1])
            print(f"with its environment, {prepared[0] / 1000:.2f} s of CPU: {cpu:.2f}, {wall:.2f}")
    if PEER not in figures:
        print("  reprotest or diffoscope is not installed, so they are not measured")


def _twice(tree: Path, folder: Path) -> Command:
    copies = [folder / "one", folder / "two"]

    def fresh() -> None:
        for copy in copies:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(tree, copy, symlinks=True)

    build = 'for copy in "$@"; do "$PYTHON" -m build --outdir "$copy/dist" "$copy" || exit; done'
    env = {**os.environ, "PYTHON": sys.executable}
    return Command(TWICE, ["sh", "-c", build, "sh", *map(str, copies)], folder, env=env, before=fresh)


def _explained(tree: Path) -> int | None:
    """How many builds `gates repro` made to explain a difference; None if it came to no verdict."""
    argv = timing.gates("repro", "--project", str(tree), "--output-format", "json")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        return None
    try:
        return int(json.loads(done.stdout).get("singles", 0))
    except ValueError:
        return None


def _peer(tree: Path, folder: Path) -> tuple[Command, tuple[float, float]]:
    """The run of reprotest, and what its environment took: CPU and wall milliseconds."""
    requires, _, _ = repro_projects.build_system(tree)
    venv = folder / "venv"
    python = venv / "bin" / "python"
    made = timing.run(Command("venv", [sys.executable, "-m", "venv", str(venv)], folder))
    install = [str(python), "-m", "pip", "install", "-q", "-U", "build", *requires]
    filled = timing.run(Command("install", install, folder))
    if made[2] or filled[2]:
        raise SystemExit(f"The environment for reprotest could not be made: {', '.join(requires)}.")
    build = f"SOURCE_DATE_EPOCH={repro_projects.EPOCH} {python} -m build --no-isolation --outdir dist ."
    argv = ["reprotest", "--variations=+all,-user_group", "-c", build, str(tree), "dist/*"]
    return Command(PEER, argv, folder), (made[0] + filled[0], made[1] + filled[1])


if __name__ == "__main__":
    main()
