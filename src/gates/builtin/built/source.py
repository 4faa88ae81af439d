"""Source: copies of what a project is built from, with its history where a backend reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.project.facts import Project


def write(project: Project, place: Path) -> Path:
    """Write all that counts as source below the new folder `place`; returns the project's root in it.

    In a work tree of git the copy is in a repository of its own with the same commit, tags and index, since backends
    (setuptools-scm, hatch-vcs, pbr, flit) read versions and lists of files from there.

    Raises:
        ProjectError: a file cannot be copied.
        GitError: git failed.
    """
    raise NotImplementedError


def epoch(project: Project) -> int:
    """The seconds of SOURCE_DATE_EPOCH that fit: of HEAD's commit, else of the newest file of the tree."""
    raise NotImplementedError
