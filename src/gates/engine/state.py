"""State: the folder `.gates` of a project, and writes to it that a kill at any moment cannot tear."""

from __future__ import annotations

from pathlib import Path

from gates.project import git
from pytest_vltair.state import Kept, folder, locked, newest_first, prune, used, write

__all__ = ["FOLDER", "Kept", "folder", "is_ignored", "locked", "newest_first", "prune", "used", "write"]

FOLDER = git.STATE


def is_ignored(root: Path) -> bool:
    """Whether the project's own .gitignore names the folder; its own one keeps git away, not a build backend."""
    try:
        lines = (root / ".gitignore").read_text("utf-8", "replace").split()
    except OSError:
        return False
    return any(line.strip("/") in {FOLDER, ".*"} for line in lines)
