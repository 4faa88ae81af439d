"""Members: the projects of a workspace."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gates.errors import ConfigError
from gates.project.documents import table, words
from gates.project.tree import Tree

MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")
UV = ("tool", "uv", "workspace")


class MembersError(ConfigError):
    """The members are not what the configuration says; `keys` lead to the glob at fault, so that its line is found."""

    def __init__(self, message: str, *, path: str, keys: tuple[str | int, ...]) -> None:
        super().__init__(message, path=path)
        self.keys = keys


def find(tree: Tree, pyproject: Mapping[str, Any], own: Mapping[str, Any], *, source: str) -> tuple[str, ...]:
    """The folders of the workspace's other projects, sorted: by gates' own table `own`, else by uv's workspace.

    `own` has `members`, globs of folders; `source` is the file that it is from.

    Raises:
        MembersError: a glob of gates' own `members` matches no project, one of uv's a folder that is none, or one of
            either a link to a folder.
    """
    wanted = words(own.get("members"))
    if wanted:
        prefix = ("tool", "gates") if source == "pyproject.toml" else ()
        globs = [(glob, (*prefix, "members", at)) for at, glob in enumerate(wanted)]
        if all(glob.startswith("!") for glob in wanted):
            globs.append(("**", (*prefix, "members")))
        return _Search(tree, source, globs, ()).own()
    workspace = table(pyproject, *UV)
    globs = [(glob, (*UV, "members", at)) for at, glob in enumerate(words(workspace.get("members")))]
    globs = [(glob, keys) for glob, keys in globs if _plain(glob) not in {"", "."}]
    if not globs:
        return ()
    excluded = tuple(f"!{glob}" for glob in words(workspace.get("exclude")))
    return _Search(tree, "pyproject.toml", globs, excluded).of_uv()


def declared(pyproject: Mapping[str, Any], own: Mapping[str, Any], *, source: str) -> MembersError | None:
    """What is wrong with a member that declares members of its own, which nobody would judge; None if it does not."""
    written = (
        (own.get("members"), source, (*(("tool", "gates") if source == "pyproject.toml" else ()), "members")),
        (table(pyproject, *UV).get("members"), "pyproject.toml", (*UV, "members")),
    )
    for found, path, keys in written:
        if found:
            message = "a member of a workspace cannot have members of its own; name them in the workspace's root"
            return MembersError(message, path=path, keys=keys)
    return None


def outside(tree: Tree, members: Collection[str]) -> Tree:
    """The tree without the files of members."""
    folders = tuple(f"{one}/" for one in members)
    return Tree(tree.root, tuple(path for path in tree.files if not path.startswith(folders)))


class _Search:
    """One search: the tree, the file that has the globs, the globs with the keys that lead to them, and exclusions."""

    def __init__(
        self, tree: Tree, source: str, globs: Sequence[tuple[str, tuple[str | int, ...]]], excluded: Sequence[str]
    ) -> None:
        self.tree = tree
        self.source = source
        self.globs = [(glob, keys) for glob, keys in globs if not glob.startswith("!")]
        self.excluded = (*excluded, *(glob for glob, _ in globs if glob.startswith("!")))

    def own(self) -> tuple[str, ...]:
        folders = self._with(MARKERS)
        for glob, keys in self.globs:
            self._refuse_links(glob, keys)
            if not self._matching(folders, glob, excluding=False):
                message = f"members: {glob!r} matches no folder with one of {', '.join(MARKERS)}"
                raise MembersError(message, path=self.source, keys=keys)
        return self._all(folders)

    def of_uv(self) -> tuple[str, ...]:
        folders = self._with(MARKERS[:1])
        every = _folders(self.tree.files)
        for glob, keys in self.globs:
            self._refuse_links(glob, keys)
            if "[" in glob:
                message = f"members: gates does not read the brackets of {glob!r}; name its folders one by one"
                raise MembersError(message, path=self.source, keys=keys)
            if not set("*?") & set(glob) and not self._matching(every, glob, excluding=False):
                raise MembersError(f"members: {glob!r} is not there", path=self.source, keys=keys)
            for folder in self._matching(every, glob):
                if folder not in folders and not folder.rpartition("/")[2].startswith("."):
                    message = (
                        f"{folder} is a member by {glob!r} and has no pyproject.toml; write one, or name the folder in"
                        " `exclude`"
                    )
                    raise MembersError(message, path=self.source, keys=keys)
        return self._all(folders)

    def _all(self, folders: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted({one for glob, _ in self.globs for one in self._matching(folders, glob)}))

    def _with(self, names: Collection[str]) -> tuple[str, ...]:
        found = {path.rpartition("/")[0] for path in self.tree.files if path.rpartition("/")[2] in names}
        return tuple(sorted(found - {""}))

    def _refuse_links(self, glob: str, keys: tuple[str | int, ...]) -> None:
        """A link is judged under two names or leads out of the workspace, and its files are not in the tree."""
        top = os.path.realpath(self.tree.root)
        for path in self._matching(sorted({*self.tree.files, *_folders(self.tree.files)}), glob):
            place = self.tree.root / path
            if place.is_dir() and os.path.realpath(place) != os.path.join(top, *path.split("/")):  # noqa: PTH118
                raise MembersError(
                    f"members: {path}, which {glob!r} matches, is reached by a link; name the folder itself, or"
                    " exclude the link",
                    path=self.source,
                    keys=keys,
                )

    def _matching(self, paths: Sequence[str], glob: str, *, excluding: bool = True) -> tuple[str, ...]:
        globs = (_plain(glob), *(f"!{_plain(one[1:])}" for one in (self.excluded if excluding else ())))
        return Tree(self.tree.root, tuple(paths)).matching(globs)


def _plain(glob: str) -> str:
    return glob.removeprefix("./").rstrip("/")


def _folders(files: Iterable[str]) -> tuple[str, ...]:
    """Every folder that holds a file, at any depth."""
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return tuple(sorted(found))
