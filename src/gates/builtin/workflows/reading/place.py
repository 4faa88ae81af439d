"""Place: which files are workflows and actions, where they are, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gates.errors import GatesError
from gates.project import documents, tree
from gates.project.tree import Tree, printable
from gates.project.wiring.document import NotYaml
from gates.project.wiring.workflow import Workflow, read

if TYPE_CHECKING:
    from gates.project.facts import Project

FOLDER = ".github/workflows"
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
ACTION = re.compile(r"(?:.*/)?action\.ya?ml")


@dataclass(frozen=True)
class Broken:
    """A file that cannot be read as what it should be: why, as a clause, and in which line."""

    path: str
    why: str
    line: int | None


@dataclass(frozen=True)
class Place:
    """The folder that holds `.github`, its files, and the workflows and actions in it.

    `up` leads from the project to it, "" where it is the project's own root; `shown` names as reports have them.
    """

    root: Path
    up: str
    tree: Tree
    names: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()

    def shown(self, name: str) -> str:
        """The path of a file as a report names it, relative to the project."""
        return self.up + printable(name)


def find(project: Project, exclude: tuple[str, ...]) -> Place:
    """The place of a project: where it has no workflow itself and is a folder of a repository, the repository's top.

    Raises:
        ProjectError: a folder cannot be listed.
        GitError: git failed.
    """
    root, up, held = project.root, "", project.tree
    git = project.git
    if git is not None and git.prefix and not any(WORKFLOW.fullmatch(name) for name in held.files):
        root, up = git.toplevel, "../" * git.prefix.count("/")
        held = tree.read(root)
    own = git.prefix if up and git is not None else ""
    names = [name for name in held.files if _is_wanted(name, own)]
    gone = set(Tree(root, tuple(names)).matching(exclude)) if exclude else set()
    return _filled(Place(root, up, held, tuple(name for name in names if name not in gone)))


def _is_wanted(name: str, own: str) -> bool:
    """Whether a file is a workflow, or an action of the project itself or below `.github`."""
    if WORKFLOW.fullmatch(name):
        return True
    return ACTION.fullmatch(name) is not None and name.startswith((own, ".github/"))


def _filled(place: Place) -> Place:
    texts: dict[str, str] = {}
    workflows: dict[str, Workflow] = {}
    broken: list[Broken] = []
    for name, text in _texts(place, broken):
        texts[name] = text
        try:
            workflows[name] = read(name, text)
        except NotYaml as error:
            broken.append(Broken(name, str(error), error.line))
        except RecursionError:
            broken.append(Broken(name, "it nests too deeply to be read", None))
    return Place(place.root, place.up, place.tree, place.names, texts, workflows, tuple(broken))


def _texts(place: Place, broken: list[Broken]) -> Iterator[tuple[str, str]]:
    for name in place.names:
        try:
            text = documents.text_of(place.root, name)
        except GatesError as error:
            broken.append(Broken(name, error.message, error.line))
            continue
        if text is None:
            broken.append(Broken(name, f"{printable(name)} is gone while it was read", None))
        else:
            yield name, text
