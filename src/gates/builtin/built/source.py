"""Source: copies of what a project is built from, with its history where a backend reads it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.errors import ProjectError
from gates.project import borrowed, workspace
from gates.project.tree import printable

if TYPE_CHECKING:
    from gates.project.facts import Project

UNPACKED = "PKG-INFO"
"""The file at the root of every source distribution."""


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """A time in whole seconds since 1970, and what it is the time of: `commit` or `tree`."""

    seconds: int
    place: str


def write(project: Project, place: Path) -> Path:
    """Write all that counts as source below the new folder `place`; returns the project's root in it.

    In a work tree of git the copy is in a repository of its own with the same commit, tags and index, since backends
    (setuptools-scm, hatch-vcs, pbr, flit) read versions and lists of files from there; what git tracks around a
    project in a subdirectory is there too. In an unpacked source distribution its `*.egg-info` is source: setuptools
    reads the list of files in there.

    Raises:
        ProjectError: a file cannot be copied.
        GitError: git failed.
    """
    git = project.git
    try:
        if git is None:
            workspace.copy_files(project.root, [*project.tree.files, *_unpacked(project.root)], place)
            return place
        borrowed.write(git, place, project.tree.files)
    except OSError as error:
        at = os.path.relpath(error.filename or project.root, project.root)
        raise ProjectError(f"it cannot be copied: {error.strerror or error}", path=printable(at)) from error
    return place / git.prefix


def epoch(project: Project) -> Epoch:
    """The time of SOURCE_DATE_EPOCH that fits: of HEAD's commit, else of the newest file of the tree.

    Raises:
        ProjectError: the tree cannot be listed.
        GitError: git failed.
    """
    git = project.git
    if git is not None and git.head is not None:
        return Epoch(seconds=int(git.run("show", "--no-patch", "--format=%ct", "HEAD").strip()), place="commit")
    return Epoch(seconds=int(max(_times(project), default=0.0)), place="tree")


def _times(project: Project) -> Iterator[float]:
    for path in project.tree.files:
        try:
            yield (project.root / path).lstat().st_mtime
        except OSError:
            # It vanished since the tree was read.
            continue


def _unpacked(root: Path) -> Iterator[str]:
    """The files of `*.egg-info` in a source distribution, which elsewhere are what an installation left behind."""
    if not (root / UNPACKED).is_file():
        return
    for pattern in ("*.egg-info/**/*", "*/*.egg-info/**/*"):
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield path.relative_to(root).as_posix()
