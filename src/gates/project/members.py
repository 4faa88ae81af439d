"""Members: the projects of a workspace."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.errors import ConfigError
from gates.project.documents import table, text_of, words
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
    search = _search(tree, pyproject, own, source)
    return () if search is None else search.found()


def passed_over(
    tree: Tree, pyproject: Mapping[str, Any], own: Mapping[str, Any], *, source: str
) -> MembersError | None:
    """What is wrong with a folder that the globs match and that `find` does not see; None if there is none.

    It is a submodule that is not checked out, or a project in a folder that is left out of the tree.
    """
    search = _search(tree, pyproject, own, source)
    return None if search is None else search.passed_over()


def _search(tree: Tree, pyproject: Mapping[str, Any], own: Mapping[str, Any], source: str) -> _Search | None:
    wanted = words(own.get("members"))
    if wanted:
        prefix = ("tool", "gates") if source == "pyproject.toml" else ()
        globs = [(glob, (*prefix, "members", at)) for at, glob in enumerate(wanted)]
        if all(glob.startswith("!") for glob in wanted):
            globs.append(("**", (*prefix, "members")))
        return _Search(tree, source, globs, ())
    _refuse_unread(pyproject)
    workspace = table(pyproject, *UV)
    globs = [(glob, (*UV, "members", at)) for at, glob in enumerate(words(workspace.get("members")))]
    globs = [(glob, keys) for glob, keys in globs if _plain(glob) not in {"", "."}]
    if not globs:
        return None
    excluded = tuple(f"!{glob}" for glob in words(workspace.get("exclude")))
    return _Search(tree, "pyproject.toml", globs, excluded, of_uv=True)


def _refuse_unread(pyproject: Mapping[str, Any]) -> None:
    """What uv would refuse must not be read as a project without members."""
    workspace = table(pyproject, *UV[:-1]).get(UV[-1], {})
    if not isinstance(workspace, Mapping):
        raise MembersError("tool.uv.workspace must be a table", path="pyproject.toml", keys=UV)
    for name in ("members", "exclude"):
        found = workspace.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            message = f"tool.uv.workspace.{name} must be a list of strings"
            raise MembersError(message, path="pyproject.toml", keys=(*UV, name))


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
        self,
        tree: Tree,
        source: str,
        globs: Sequence[tuple[str, tuple[str | int, ...]]],
        excluded: Sequence[str],
        *,
        of_uv: bool = False,
    ) -> None:
        self.tree = tree
        self.source = source
        self.globs = [(glob, keys) for glob, keys in globs if not glob.startswith("!")]
        self.excluded = (*excluded, *(glob for glob, _ in globs if glob.startswith("!")))
        self.markers = MARKERS[:1] if of_uv else MARKERS
        self.of_uv = of_uv

    def found(self) -> tuple[str, ...]:
        return self._uvs() if self.of_uv else self._own()

    def passed_over(self) -> MembersError | None:
        seen = self._with(self.markers)
        unfetched = [one for one in _submodules(self.tree.root) if not self.tree.matching((f"{one}/**",))]
        for glob, keys in self.globs:
            for folder in self._matching(unfetched, glob):
                message = (
                    f"members: {folder}, which {glob!r} matches, is a submodule that is not checked out; run"
                    " git submodule update --init, or exclude it"
                )
                return MembersError(message, path=self.source, keys=keys)
            for folder in self._matching(self._on_disk(glob), glob):
                if folder not in seen:
                    message = (
                        f"members: {folder}, which {glob!r} matches, is left out of the project's files, as what tools"
                        " fill is; rename it, or exclude it"
                    )
                    return MembersError(message, path=self.source, keys=keys)
        return None

    def _on_disk(self, glob: str) -> tuple[str, ...]:
        """The projects that a glob of folders at one depth matches, whatever git and tools make of them."""
        if "**" in glob or "[" in glob or glob.startswith(("/", "\\")):
            return ()
        found = (
            one for one in self.tree.root.glob(_plain(glob)) if any((one / name).is_file() for name in self.markers)
        )
        return tuple(sorted(one.relative_to(self.tree.root).as_posix() for one in found))

    def _own(self) -> tuple[str, ...]:
        folders = self._with(self.markers)
        for glob, keys in self.globs:
            self._refuse_links(glob, keys)
            if not self._matching(folders, glob, excluding=False):
                message = f"members: {glob!r} matches no folder with one of {', '.join(MARKERS)}"
                raise MembersError(message, path=self.source, keys=keys)
        return self._all(folders)

    def _uvs(self) -> tuple[str, ...]:
        folders = self._with(self.markers)
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


def _submodules(root: Path) -> tuple[str, ...]:
    """The folders below `root` that the repository around it says are submodules."""
    for top in (root, *root.parents):
        text = text_of(top, ".gitmodules")
        if text is not None:
            found = (top / one for one in re.findall(r'(?m)^\s*path\s*=\s*"?([^"\n]*[^"\s])', text))
            return tuple(sorted(one.relative_to(root).as_posix() for one in found if one.is_relative_to(root)))
        if (top / ".git").exists():
            break
    return ()


def _folders(files: Iterable[str]) -> tuple[str, ...]:
    """Every folder that holds a file, at any depth."""
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return tuple(sorted(found))
