"""Real git repositories, made the same on every machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.projects import write_project

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_COUNT": "3",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
    "GIT_CONFIG_KEY_1": "commit.gpgsign",
    "GIT_CONFIG_VALUE_1": "false",
    "GIT_CONFIG_KEY_2": "gc.auto",
    "GIT_CONFIG_VALUE_2": "0",
    "LC_ALL": "C",
}


def git(root: Path, *args: str, check: bool = True) -> str:
    """What `git ARGS` prints in `root`, without the last newline and without the user's own configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *args], cwd=root, env={**kept, **ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or not check, f"git {' '.join(args)}: {done.stderr}"
    return done.stdout.removesuffix("\n")


def make_repository(
    root: Path,
    files: Mapping[str, str | bytes] | None = None,
    *,
    branch: str = "main",
    commits: int = 1,
    commit: bool = True,
) -> Path:
    """A git repository at `root` with `files` (default: the sample project) in its first commit; returns `root`.

    Each further commit changes the file `history.txt`. With `commit=False` HEAD stays unborn and nothing is added.
    """
    write_project(root, files)
    git(root, "init", "--quiet", f"--initial-branch={branch}")
    for number in range(commits if commit else 0):
        if number:
            (root / "history.txt").write_text(f"{number}\n", encoding="utf-8")
        commit_all(root, f"commit {number + 1}")
    return root


def commit_all(root: Path, message: str = "change") -> str:
    """Commit whatever is in the work tree, be it nothing; returns the new commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")
