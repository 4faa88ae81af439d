"""Facts: which project is judged, and what it says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from gates.errors import ProjectError
from gates.project import documents, git, layout, members, tree
from gates.project.layout import Layout
from gates.project.members import MembersError
from pytest_vltair.worktree import above

PYPROJECT = "pyproject.toml"
OWN_FILE = "gates.toml"


class Project(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A root (absolute, links resolved), a name, the tables of its pyproject.toml, and more facts, each found once.

    A changed tree needs a new object: `find(project.root)`.
    """

    root: Path
    name: str
    pyproject: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @cached_property
    def tree(self) -> tree.Tree:
        """The files.

        Raises:
            ProjectError: a folder cannot be listed.
        """
        return tree.read(self.root)

    @cached_property
    def layout(self) -> layout.Layout:
        """Where its code and its tests are."""
        return layout.find(self.tree, self.pyproject, self.name)

    @cached_property
    def git(self) -> git.Git | None:
        """Its place in a git work tree, None outside of one.

        Raises:
            GitError: it is in one and git does not answer.
        """
        return git.find(self.root)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The folders of the other projects of its workspace.

        Raises:
            MembersError: a glob of them matches nothing, a folder that is no project, or a link.
        """
        own, source = self._own_table
        return members.find(self.tree, self.pyproject, own, source=source)

    @property
    def passed_over(self) -> MembersError | None:
        """What is wrong with a folder that is a member by a glob, and that is not in the tree; None if there is none.

        Raises:
            MembersError: the members cannot be read.
        """
        own, source = self._own_table
        return members.passed_over(self.tree, self.pyproject, own, source=source)

    @property
    def _own_table(self) -> tuple[Mapping[str, Any], str]:
        """The table of gates, and the file that it is in."""
        text = documents.text_of(self.root, OWN_FILE)
        if text is not None:
            return documents.toml(text, OWN_FILE), OWN_FILE
        return documents.table(self.pyproject, "tool", "gates"), PYPROJECT

    @cached_property
    def own(self) -> Layout:
        """Where the code and the tests are that are in no member of its workspace."""
        if not self.members:
            return self.layout
        return layout.find(members.outside(self.tree, self.members), self.pyproject, self.name)

    @property
    def nested(self) -> MembersError | None:
        """What is wrong with this project as a member of a workspace: it declares members of its own; else None.

        Raises:
            ConfigError: gates.toml cannot be read.
        """
        own, source = self._own_table
        return members.declared(self.pyproject, own, source=source)


def find(start: Path) -> Project:
    """The project that the folder `start` belongs to.

    Its root is the nearest folder upward with gates.toml, pyproject.toml, setup.cfg or setup.py; else the top of the
    git work tree; else `start`. Inside a work tree nothing above it counts. A project inside another one is itself
    judged, not the one around it.

    Raises:
        ProjectError: `start` is no folder, or something on the way up may not be read.
        ConfigError: a pyproject.toml on the way up is binary, larger than 2 MiB, or not TOML.
    """
    try:
        start = start.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ProjectError(f"{start} is not there or cannot be entered; name a folder with --project") from error
    if not start.is_dir():
        raise ProjectError(f"{start} is not a folder; name the folder of the project")
    top = above(str(start))
    root = _rooted(start, None if top is None else Path(top))
    pyproject = _pyproject(root, start)
    return Project(root=root, name=name_of(root, pyproject), pyproject=pyproject)


def _rooted(start: Path, top: Path | None) -> Path:
    for folder in _upward(start, top):
        if any(os.path.lexists(folder / name) for name in (OWN_FILE, *members.MARKERS)):
            return folder
    return top or start


def _upward(start: Path, top: Path | None) -> Iterable[Path]:
    for folder in (start, *start.parents):
        yield folder
        if folder == top:
            return


def _pyproject(folder: Path, start: Path) -> Mapping[str, Any]:
    shown = _shown(folder, start)
    text = documents.text_of(folder, PYPROJECT, shown=shown)
    return {} if text is None else documents.toml(text, shown)


def _shown(folder: Path, start: Path) -> str:
    return Path(os.path.relpath(folder / PYPROJECT, start)).as_posix()


def name_of(root: Path, pyproject: Mapping[str, Any]) -> str:
    """The project's name as its configuration gives it, else that of its folder."""
    written = (
        documents.table(pyproject, "project").get("name"),
        documents.table(pyproject, "tool", "poetry").get("name"),
        documents.table(pyproject, "tool", "flit", "metadata").get("module"),
    )
    for name in written:
        if isinstance(name, str) and name.strip():
            return name.strip()
    if not pyproject or "project" not in pyproject:
        name = documents.ini(root, "setup.cfg").get("metadata", {}).get("name", "").strip()
        if name and not name.startswith("attr:"):
            return name
    return tree.printable(root.name) or "project"
