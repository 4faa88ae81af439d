"""The real command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gates.project.base import TARGETS

DROPPED = (
    *(name for name, _ in TARGETS),
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTEST_ADDOPTS",
    "PYTEST_XDIST_WORKER",
    "PYTEST_XDIST_WORKER_COUNT",
    "PYTEST_XDIST_TESTRUNUID",
    "PYTEST_CURRENT_TEST",
    "CI",
)


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """The JSON report on stdout."""
        return json.loads(self.out)

    @property
    def verdicts(self) -> dict[str, str]:
        """Verdict by gate."""
        return {one["name"]: one["verdict"] for one in self.report["gates"]}

    @property
    def reasons(self) -> dict[str, str]:
        """Code of the reason by gate, for gates that have one."""
        return {one["name"]: one["reason"]["code"] for one in self.report["gates"] if one["reason"]}

    @property
    def rules(self) -> set[str]:
        """Codes of all findings."""
        return {found["rule"] for one in self.report["gates"] for found in one["findings"]}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would make a nested run differ."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED and not name.startswith("GATES_")}
    return {**kept, **(extra or {})}


def gates(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 120) -> Result:
    """Run `gates` with these arguments in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gates", *arguments],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def check(root: Path, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Result:
    """Run `gates check` on the project at `root` and read its JSON report."""
    return gates("check", "--output-format", "json", *arguments, cwd=root, env=env, timeout=timeout)
