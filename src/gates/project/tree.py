"""Tree: the project's files, chosen by globs and digested; every file is read at most once."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from gates.errors import ProjectError
from pytest_vltair import tree as source


class Tree(msgspec.Struct, frozen=True, dict=True):
    """A picture of the files below `root` as they were when it was taken; `read` takes a new one."""

    root: Path
    files: tuple[str, ...]

    def matching(self, globs: Sequence[str]) -> tuple[str, ...]:
        """The files that one of `globs` names and none with a leading `!` takes away, in the order of `files`.

        `*` and `?` stay inside a name, `**` crosses folders (`**/a.py` is also `a.py`), `folder/` is all that is below
        it, every other character stands for itself. With nothing but exclusions, all other files match.
        """
        wanted = _wanted(tuple(globs))
        return tuple(path for path in self.files if wanted.fullmatch(path))

    def digest(self, globs: Sequence[str] = ("**",), parents: Sequence[str] = ()) -> str:
        """The SHA-256 in hex over names and contents of the files that `globs` name.

        Files called one of `parents` count too in every folder above the root, because tools look for their
        configuration there.

        Raises:
            ProjectError: a file cannot be read.
        """
        chosen = [*self.matching(globs), *self._above(parents)]
        known, root = self._digests, str(self.root)
        try:
            for path in chosen:
                if path not in known:
                    known[path] = source.file_digest(root, path)
            return source.combine({path: known[path] for path in chosen})
        except source.UnreadableTree as error:
            raise ProjectError(f"it cannot be read: {error.reason}", path=printable(error.path)) from error

    def changed(self, globs: Sequence[str]) -> str | None:
        """The first file that `globs` name and that is not what it was when it was digested; None if all are."""
        known, root = self._digests, str(self.root)
        for path in self.matching(globs):
            try:
                if path in known and known[path] != source.file_digest(root, path):
                    return printable(path)
            except source.UnreadableTree:
                return printable(path)
        return None

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        return {}

    def _above(self, names: Sequence[str]) -> list[str]:
        found = []
        climb = ""
        for folder in self.root.parents if names else ():
            climb += "../"
            found += [climb + name for name in names if os.path.lexists(folder / name)]
        return found


def read(root: Path) -> Tree:
    """The tree below `root` as it is now.

    Raises:
        ProjectError: a folder cannot be listed.
    """
    try:
        return Tree(root, tuple(source.files(root)))
    except source.UnreadableTree as error:
        raise ProjectError(f"it cannot be read: {error.reason}", path=printable(error.path)) from error


def printable(path: str) -> str:
    """A path that any console and JSON can carry: bytes that are not UTF-8, and control characters, as escapes."""
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown)


def translate(glob: str) -> str:
    """The regular expression for one glob, to be matched against the whole of a path."""
    parts = [part for part in re.sub(r"/\Z", "/**", glob).split("/") if part != "."] or ["**"]
    written = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part != "**":
            written += _segment(part) + ("" if last else "/")
        elif last:
            written += "[^/]+(?:/[^/]+)*"
        elif parts[index + 1] != "**":
            written += "(?:[^/]+/)*"
    return written


def _segment(part: str) -> str:
    meaning = {"*": "[^/]*", "?": "[^/]"}
    return "".join(meaning.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", part))


@lru_cache(maxsize=256)
def _wanted(globs: tuple[str, ...]) -> re.Pattern[str]:
    wanted = [translate(glob) for glob in globs if not glob.startswith("!")]
    unwanted = [translate(glob[1:]) for glob in globs if glob.startswith("!")]
    if unwanted and not wanted:
        wanted = [translate("**")]
    refused = f"(?!(?:{'|'.join(unwanted)})\\Z)" if unwanted else ""
    return re.compile(f"{refused}(?:{'|'.join(wanted) or '(?!)'})", re.DOTALL)
