"""Check: `gates check` on the copy, in a process of its own, through the same command line that a user types."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gates.model.report import GateReport, Report
from gates.process import child
from gates.project import imports
from gates.prove.copy import Copy

START = "import sys; sys.path[:] = {path!r}; from gates.prove import attended; attended.main({home!r})"
"""`python -m gates` of the gates that prove, whatever PYTHONPATH says: the copy may hold a `click`, or gates itself."""

WALL = 6 * 3600.0
"""Seconds; each gate has a timeout of its own, so this one ends only what would never end."""


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one `gates check`: its exit code and its report, or in `problem` why there is none to believe."""

    code: int | None
    report: Report | None
    problem: str | None
    seconds: float
    cpu: float | None

    def gate(self, name: str) -> GateReport | None:
        """One gate's part of the report."""
        found = () if self.report is None else self.report.gates
        return next((one for one in found if one.name == name), None)


class Checker(msgspec.Struct, kw_only=True):
    """Runs checks on a copy, one after the other, and counts them."""

    copy: Copy
    python: Path | None
    environ: Mapping[str, str]
    offline: bool = False
    checks: int = 0

    def run(self, names: Sequence[str], *, hide: Sequence[str] = (), base: str | None = None) -> Ran:
        """`gates check NAMES` in the copy; `hide` are tools that count as missing, `base` a commit of the copy."""
        self.checks += 1
        before, started = cpu(), time.monotonic()
        ended = child.run(
            self._argv(names, base),
            cwd=self.copy.root,
            env=child.environment(self.environ, {"GATES_HIDE": _hidden(self.environ, hide)}),
            limits=child.Limits(wall=WALL),
        )
        after, seconds = cpu(), time.monotonic() - started
        spent = None if before is None or after is None else after - before
        report, problem = read(ended)
        return Ran(code=ended.code, report=report, problem=problem, seconds=seconds, cpu=spent)

    def _argv(self, names: Sequence[str], base: str | None) -> list[str]:
        argv = [
            *own_python(self.copy.home),
            "check",
            *names,
            "--project",
            str(self.copy.root),
            # A proof is of one project: in the root of a workspace the members are not judged with it.
            "--package",
            ".",
            "--output-format",
            "json",
        ]
        argv += ["--python", str(self.python)] if self.python is not None else []
        argv += ["--base", base] if base is not None else []
        return [*argv, *(["--offline"] if self.offline else [])]


def own_python(home: Path) -> list[str]:
    """The words that start this gates: its Python without the environment's say in it, and its import path."""
    flags = ["-E", "-P", *(["-X", "utf8"] if sys.flags.utf8_mode else [])]
    return [sys.executable, *flags, "-c", START.format(path=sys.path, home=os.fspath(home))]


def environment(copy: Copy, environ: Mapping[str, str], python: Path | None) -> tuple[dict[str, str], str | None]:
    """The variables for every check of a copy, and in one sentence why the copy is not what Python would import."""
    found = {**environ, "TMPDIR": str(copy.temporary)}
    layout = copy.project().layout
    if python is None or not layout.packages or _imports_from(copy, found, python) is None:
        return found, None
    found["PYTHONPATH"] = imports.import_paths(copy.root, layout, environ.get("PYTHONPATH", ""))
    wrong = _imports_from(copy, found, python)
    return found, wrong


def _imports_from(copy: Copy, environ: Mapping[str, str], python: Path) -> str | None:
    """What is wrong with where the project's packages come from; a package that is not found at all harms nobody."""

    def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> child.Completed:
        del env
        return child.run(argv, cwd=cwd, env=child.environment(environ), limits=child.Limits(wall=60.0))

    wrong = imports.verify(copy.root, copy.project().layout, python=python, run=run)
    return None if wrong is None or wrong.code == "package_missing" else wrong.message


def read(ended: child.Completed) -> tuple[Report | None, str | None]:
    """The report that a check printed, or why it is not one: it must say of itself what its exit code says."""
    if ended.status not in {"OK", "FAILED"}:
        return None, f"`gates check` did not come to its end: {ended.reason}"
    try:
        report = msgspec.json.decode(ended.stdout, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        last = (ended.errors.strip().splitlines() or ["nothing"])[-1]
        return None, f"`gates check` ended with exit code {ended.code} and without a report; it said: {last}"
    if report.error is not None:
        return report, f"`gates check` ended with exit code {ended.code}: {report.error.message}"
    if report.exit_code != ended.code:
        return report, f"`gates check` reports exit code {report.exit_code} and ended with {ended.code}"
    return report, None


def cpu() -> float | None:
    """Seconds of CPU that this process and the children that it waited for have used; None where nobody counts."""
    used = os.times()
    if os.name == "nt":
        return None
    return used.user + used.system + used.children_user + used.children_system


def _hidden(environ: Mapping[str, str], names: Sequence[str]) -> str:
    return ",".join(filter(None, [environ.get("GATES_HIDE", ""), *names]))
