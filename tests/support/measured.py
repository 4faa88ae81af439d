"""Real measurements: a small project with awkward code, run under the real coverage.py, and every report of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AWKWARD = '''\
"""A module with a docstring."""
import asyncio
import contextlib


def chosen(n):
    if n > 1:
        return "many"
    elif n == 1:
        return "one"
    return "none"


def generated(upto):
    for n in range(upto):
        yield n
    else:
        pass


doubled = lambda n: n * 2
never = lambda n: n * 3
odd = [n for n in range(9) if n % 2]
named = {n: str(
    n
) for n in (
    1,
    2,
)}


async def waited(times):
    async with contextlib.AsyncExitStack() as stack:
        async for n in counted(times):
            await asyncio.sleep(0)
            if n:
                break
    return stack


async def counted(times):
    for n in range(times):
        yield n


def matched(value):
    match value:
        case 0:
            return "zero"
        case [one]:
            return one
        case {"a": a} if a:
            return a
        case _:
            return None


def tried(what):
    try:
        with contextlib.suppress(KeyError):
            what["a"]
        return what["b"]
    except (
        TypeError,
        KeyError,
    ):
        return None
    finally:
        while True:
            break


def excluded():  # pragma: no cover
    if doubled(1):
        return never(1)


def partial(n):
    if n:  # pragma: no branch
        n += 1
    while 1:
        if n > 3: return n
        if n > 2:
            raise ValueError  # pragma: no cover
        n += 1


def never_ran(n):
    while True:
        if n: break
    for n in range(3):  # pragma: no branch
        print(n)
    assert n, \\
        "a continued line"


class Thing:
    """A class."""

    kind: str = "thing"

    @property
    def size(
        self,
    ):
        return (
            1
            if self.kind
            else 2
        )
'''

SCRIPT = """\
import asyncio
from app import awkward, empty


def test_choice():
    assert awkward.chosen(2) == "many"
    assert awkward.chosen(0) == "none"
    assert awkward.doubled(2) == 4


def test_flow():
    assert list(awkward.generated(2)) == [0, 1]
    asyncio.run(awkward.waited(3))
    assert awkward.matched([3]) == 3
    assert awkward.matched({"a": 0}) is None
    assert awkward.tried({}) is None
    assert awkward.Thing().size == 1


def test_partial():
    try:
        awkward.partial(2)
    except ValueError:
        pass
    assert awkward.partial(9) == 10


test_choice(); test_flow(); test_partial()
"""

REPORTS = """\
import json, sys
import coverage

one = coverage.Coverage(data_file=sys.argv[1], config_file=sys.argv[2])
one.load()
out = sys.argv[3]
one.xml_report(outfile=out + ".xml")
one.json_report(outfile=out + ".json")
one.lcov_report(outfile=out + ".lcov")
figures = {}
for file in one.get_data().measured_files():
    found = one._analyze(file)
    name = found.filename
    figures[name] = {
        "statements": sorted(found.statements), "executed": sorted(found.executed), "excluded": sorted(found.excluded),
        "branches": {str(line): pair for line, pair in found.branch_stats().items()},
        "total": found.numbers.n_branches, "missing": found.numbers.n_missing_branches,
    }
open(out + ".figures", "w").write(json.dumps(figures))
"""

RCFILE = """\
[run]
branch = {branch}
source = app
dynamic_context = test_function
"""


@dataclass(frozen=True)
class Measured:
    """Where the project is, and the files of one measurement of it by their suffix: "" is the data itself."""

    root: Path
    stem: Path

    def file(self, suffix: str = "") -> Path:
        return self.stem.with_name(self.stem.name + suffix)

    def figures(self) -> dict[str, Any]:
        """What coverage.py's own analysis says, by absolute path."""
        found: dict[str, Any] = json.loads(self.file(".figures").read_text())
        return found


def measure(root: Path, *, branch: bool) -> Measured:
    """Write the project, run it, and have every report made."""
    (root / "app").mkdir(parents=True, exist_ok=True)
    files = {"awkward.py": AWKWARD, "empty.py": "", "loose.py": "def lost():\n    return 1\n", "__init__.py": "\n"}
    for name, text in files.items():
        (root / "app" / name).write_text(text)
    (root / "run_tests.py").write_text(SCRIPT)
    stem = root / ("data-branch" if branch else "data-line")
    rcfile = root / f"{stem.name}.ini"
    rcfile.write_text(RCFILE.format(branch=branch))
    run(root, "-m", "coverage", "run", f"--rcfile={rcfile}", f"--data-file={stem}", "run_tests.py")
    run(root, "-c", REPORTS, str(stem), str(rcfile), str(stem))
    return Measured(root, stem)


def run(root: Path, *argv: str) -> str:
    """Run Python outside of a measurement that is going on around the tests."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}
    done = subprocess.run([sys.executable, *argv], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
