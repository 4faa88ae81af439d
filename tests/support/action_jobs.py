"""Jobs with the action as a step, on a machine without a network: what the runner gives, and who stands in for whom."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.commands import environment
from support.steps.job import Ended, Job

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "examples" / "minimal"
OURS = "pytest-vltair/pytest-vltair"


def _nothing(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    del job, given
    return {}


STAND_INS = {
    "actions/checkout": _nothing,  # the workspace is there already
    "actions/setup-python": _nothing,  # the Python that runs the tests is on the path
    "actions/cache": _nothing,  # never a hit
    "github/codeql-action/upload-sarif": _nothing,
    "actions/upload-artifact": _nothing,
    "actions/download-artifact": _nothing,
}


def job(
    workspace: Path,
    temporary: Path,
    *,
    github: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Job:
    """A job over `workspace`; `path` is the folder with the Python that is found first."""
    temporary.mkdir(parents=True, exist_ok=True)
    told = temporary / "event.json"
    told.write_text(json.dumps(event or {}), "utf-8")
    first = str(path or Path(sys.executable).parent)
    own = {"PATH": os.pathsep.join((first, os.environ["PATH"])), **(env or {})}
    known = {"repository": "org/sample", "server_url": "https://github.com", "token": "", "event_path": str(told)}
    return Job(
        workspace=workspace,
        temporary=temporary,
        env=environment(own),
        github={**known, **(github or {})},
        actions={"./": ROOT, OURS: ROOT},
        stand_ins=STAND_INS,
    )


def minimal(target: Path) -> Path:
    """A copy of the smallest example, in git."""
    shutil.copytree(MINIMAL, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    git(target, "init", "--quiet", "--initial-branch=main")
    commit(target, "first")
    return target


def git(folder: Path, *words: str) -> str:
    """What git says."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(folder: Path, message: str) -> str:
    """Commit everything; the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def last(one: Job, name: str) -> Ended:
    """The step of that name."""
    return next(step for step in reversed(one.ended) if step.name == name)
