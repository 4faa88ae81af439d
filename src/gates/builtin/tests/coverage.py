"""Coverage data: a test run measured by coverage.py, and its data files made one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.suite.options import PytestOptions
from gates.builtin.tests import rcfile
from gates.model.evidence import Refusal, refuse, sha256
from gates.model.gate import Context, GateSettings
from gates.model.tested import Coverage
from gates.process.installation import install_command

if TYPE_CHECKING:
    from gates.process.tools import Tool

OLDEST = (7, 10)
"""The first coverage.py that measures subprocesses by itself (`patch = subprocess`)."""

FACILITIES = frozenset({"coverage", "branches", "contexts"})
KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """How a run is measured: the command that takes the place of pytest's, options for pytest, and variables."""

    tool: Tool
    rcfile: Path
    data: Path
    branches: bool
    contexts: bool
    pytest_args: tuple[str, ...]

    @property
    def command(self) -> tuple[str, ...]:
        """The start of a command line that runs pytest under coverage."""
        return (*self.tool.argv, "run", f"--rcfile={self.rcfile}", "-m", "pytest")

    @property
    def env(self) -> Mapping[str, str]:
        """Variables that win over a measurement that is going on around gates itself."""
        held = {"COVERAGE_FILE": str(self.data), "COVERAGE_RCFILE": str(self.rcfile)}
        return {**held, "COVERAGE_CORE": "", "VLTAIR_CONTEXT": ""} if self.contexts else held


def prepare(
    context: Context[GateSettings], options: PytestOptions, demanded: frozenset[str], environ: Mapping[str, str]
) -> Measuring | Refusal:
    """Write the rcfile of a measured run.

    pytest-cov is told `--no-cov` after everything else, where it warns of nothing.
    """
    tool = context.tool("coverage", judged=True)
    if isinstance(tool, Refusal):
        return tool
    if _version(tool.version) < OLDEST:
        message = f"coverage {tool.version} is too old to measure subprocesses; 7.10 is the first that does"
        return refuse("package_missing", message, _upgrade(context))
    cov = rcfile.pytest_cov(options)
    try:
        named = (cov and cov.config) or environ.get("COVERAGE_RCFILE")
        sections = rcfile.project_settings(context.project.root, named)
    except rcfile.UnreadableSettingsError as error:
        return refuse("tool_config_invalid", str(error), "coverage debug config")
    folder = context.scratch / "coverage"
    folder.mkdir(exist_ok=True)
    branches, contexts = "branches" in demanded, "contexts" in demanded
    text = rcfile.extended(sections, context.project.root, folder / "data", cov, branches=branches, contexts=contexts)
    path = context.scratch / "coveragerc"
    path.write_text(text, encoding="utf-8")
    return Measuring(
        tool=tool,
        rcfile=path,
        data=folder / "data",
        branches=branches or "branch = true" in text.lower().splitlines(),
        contexts=contexts,
        pytest_args=(*(("--vltair-contexts",) if contexts else ()), *(() if cov is None else ("--no-cov",))),
    )


def combine(context: Context[GateSettings], measuring: Measuring) -> Coverage | Refusal:
    """One data file out of all that the run's processes wrote, kept under its digest in the gate's state."""
    before = _data_files(measuring.data)
    if before:
        argv = (*measuring.tool.argv, "combine", f"--rcfile={measuring.rcfile}")
        done = context.run(argv, env=measuring.env)
        if done.status not in {"OK", "FAILED"}:
            return refuse(
                "tool_crashed", f"coverage combine did not end: {done.reason}", "gates check tests --no-cache"
            )
    left = [path for path in _data_files(measuring.data) if path != measuring.data]
    files, executed = _measured(measuring.data, context.project.root)
    return Coverage(
        demanded=True,
        branches=measuring.branches,
        contexts=measuring.contexts,
        version=measuring.tool.version,
        data=_kept(measuring.data, context.state) if measuring.data.is_file() else "",
        files=files,
        executed=executed,
        combined=len(before) - len(left),
        unreadable=len(left),
    )


def _upgrade(context: Context[GateSettings]) -> str:
    interpreter = context.python
    known = None if isinstance(interpreter, Refusal) else interpreter
    return install_command(context.project.root, known, "coverage>=7.10")


def _version(text: str) -> tuple[int, int]:
    numbers = [int(part) if part.isdigit() else 0 for part in text.split(".")[:2]]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0)


def _data_files(data: Path) -> list[Path]:
    """Data files of the run; a journal is what a killed process left of a file that it had not begun to fill."""
    found = data.parent.glob(f"{data.name}*")
    return sorted(path for path in found if not path.name.endswith("-journal"))


def _measured(data: Path, root: Path) -> tuple[int, int]:
    """How many files of the project the data names, and of how many at least one line ran; 0 for what is no data."""
    import sqlite3
    from contextlib import closing

    if not data.is_file():
        return 0, 0
    query = "select path, id in (select file_id from line_bits union select file_id from arc) from file"
    try:
        with closing(sqlite3.connect(data)) as database:
            found = database.execute(query).fetchall()
    except sqlite3.Error:
        return 0, 0
    roots = (f"{root}{os.sep}", f"{root.resolve()}{os.sep}")
    ran = [bool(executed) for path, executed in found if str(path).startswith(roots)]
    return len(ran), sum(ran)


def _kept(data: Path, state: Path) -> str:
    digest = sha256(data.read_bytes())
    target = state / f"coverage-{digest}.sqlite"
    unfinished = state / f".coverage-{os.getpid()}.tmp"
    shutil.copyfile(data, unfinished)
    unfinished.replace(target)
    dated = sorted(state.glob("coverage-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in dated[KEPT:]:
        path.unlink(missing_ok=True)
    return digest
