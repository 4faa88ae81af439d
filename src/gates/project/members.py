"""Members: the projects of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gates.errors import ConfigError
from gates.project.documents import table, words
from gates.project.tree import Tree

MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")


def find(tree: Tree, pyproject: Mapping[str, Any], own: Mapping[str, Any], *, source: str) -> tuple[str, ...]:
    """The folders of the workspace's other projects, sorted: by gates' own table `own`, else by uv's workspace.

    `own` has `members`, globs of folders; `source` is the file that it is from.

    Raises:
        ConfigError: a glob of gates' own `members` matches no project.
    """
    wanted = words(own.get("members"))
    if wanted:
        folders = _folders(tree, MARKERS)
        for glob in wanted:
            if not glob.startswith("!") and not _matching(tree, folders, (glob,)):
                raise ConfigError(f"members: {glob!r} matches no folder with one of {', '.join(MARKERS)}", path=source)
        return _matching(tree, folders, wanted)
    workspace = table(pyproject, "tool", "uv", "workspace")
    globs = words(workspace.get("members"))
    if not globs:
        return ()
    excluded = tuple(f"!{glob.rstrip('/')}" for glob in words(workspace.get("exclude")))
    return _matching(tree, _folders(tree, MARKERS[:1]), (*globs, *excluded))


def _folders(tree: Tree, names: Collection[str]) -> tuple[str, ...]:
    found = {path.rpartition("/")[0] for path in tree.files if path.rpartition("/")[2] in names}
    return tuple(sorted(found - {""}))


def _matching(tree: Tree, folders: tuple[str, ...], globs: Sequence[str]) -> tuple[str, ...]:
    return Tree(tree.root, folders).matching(tuple(glob.removeprefix("./").rstrip("/") for glob in globs))
