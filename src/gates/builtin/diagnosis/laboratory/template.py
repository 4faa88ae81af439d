"""Template: a pristine copy of the project, made once, from which checkouts are made."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gates.errors import GitError, ProjectError
from gates.project import workspace
from gates.project.facts import Project
from gates.project.tree import printable

CACHES = frozenset({
    ".gates", ".git", ".hypothesis", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox", "__pycache__",
    "node_modules",
})  # fmt: skip
"""Folders that no test needs, or that carry what an earlier run left."""

ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
"""What is in the top of a Python environment."""


class Template(NamedTuple):
    """The copy at `place`; `project` is the project's folder in it, "" for the top; `digest` is over all that is there.

    `name` is how the project's own folder is called.
    """

    place: Path
    project: str
    name: str
    digest: str

    @property
    def root(self) -> Path:
        """The project in the copy."""
        return self.place / self.project


def made(project: Project, place: Path) -> Template:
    """The template in the new folder `place`: whatever is in the project's folder, what git ignores included.

    Left out are git's own data, for which its objects are borrowed, environments, caches, and what is neither file,
    folder nor link.

    Raises:
        ProjectError: a file cannot be copied.
    """
    place.mkdir()
    git = _history(project, place)
    prefix = "" if git is None else git.rstrip("/")
    root = place / prefix
    try:
        root.mkdir(parents=True, exist_ok=True)
        for relative in _wanted(project.root):
            _copied(project.root, relative, root / relative)
    except OSError as error:
        at = os.path.relpath(os.fsdecode(error.filename or project.root), project.root)
        raise ProjectError(f"it cannot be copied: {error.strerror or error}", path=printable(at)) from error
    name = printable(project.root.name) or "project"
    return Template(place, prefix, name, _digest(root))


def _history(project: Project, place: Path) -> str | None:
    """Where in its repository the project is, once `place` borrows the history; None without git."""
    try:
        git = project.git
        if git is None:
            return None
        workspace.borrow_history(git, place)
        workspace.copy_configuration(git, place)
    except (GitError, OSError):
        workspace.remove(place / ".git")
        return None
    return git.prefix


def _wanted(root: Path) -> Iterator[str]:
    """What is copied, relative to the root, folders before what is in them."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        if folder and any(entry.name in ENVIRONMENTS for entry in entries):
            continue
        if folder:
            yield folder
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                if entry.name not in CACHES:
                    yield path
            elif entry.is_dir(follow_symlinks=False) and entry.name not in CACHES:
                waiting.append(path)


def _copied(root: Path, relative: str, new: Path) -> None:
    old = root / relative
    try:
        if old.is_symlink():
            workspace.copy_file(root, old, new)
        elif old.is_dir():
            new.mkdir(exist_ok=True)
            new.chmod(stat.S_IMODE(old.stat().st_mode) | stat.S_IRWXU)
        else:
            shutil.copy2(old, new)
    except (FileNotFoundError, PermissionError):
        # It vanished since the folder was listed, or no test could read it either.
        return


def _digest(root: Path) -> str:
    total = hashlib.sha256()
    for path, found in below(root):
        total.update(os.fsencode(path) + b"\0" + oct(found.st_mode).encode() + b"\0")
        with suppress(OSError):
            if stat.S_ISLNK(found.st_mode):
                total.update(os.fsencode((root / path).readlink()))
            elif stat.S_ISREG(found.st_mode):
                total.update(hashlib.sha256((root / path).read_bytes()).digest())
        total.update(b"\0")
    return total.hexdigest()


def below(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below a folder but git's own data, relative to it, in a fixed order, folders before what they hold."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: os.fsencode(entry.name), reverse=True)
        for entry in entries:
            if entry.name == ".git":
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            yield path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
