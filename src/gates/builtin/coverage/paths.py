r"""Paths: which file of the project each path of the data is, computed from the project's tree.

Data of another machine has another root in front, as `D:\a\app\src\m.py`; no rules are written by hand for it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath, PureWindowsPath

from gates.builtin.coverage.roots import Spelt, Tree, agreed

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_INTERPRETER = re.compile(r"(python|pypy)\d[\d.]*t?")
INSTALLED = frozenset({"site-packages", "dist-packages"})


def mapped(paths: Iterable[str], files: Collection[str], root: Path) -> Mapping[str, str | None]:
    """The file of the project that each path is, None where it is none of them, or not for sure.

    `files` are relative to `root`, with forward slashes. What is below the root is taken as it is written, and so is a
    relative path that one of the files has; of the rest, a directory is the project's where most of what is below it
    is there in the project (see `roots`). What is installed is never the project's.
    """
    tree = Tree(files)
    roots = [spelt(str(one)) for one in {root.absolute(), root.resolve()}]
    found: dict[str, str | None] = {}
    foreign: dict[str, Spelt] = {}
    for path in paths:
        one = spelt(path)
        below = next((one.names[len(own.names) :] for own in roots if one.key[: len(own.key)] == own.key), None)
        found[path] = None
        if below is not None:
            found[path] = tree.file(below, windows=one.windows)
        elif not one.anchor and (file := tree.file(one.names, windows=one.windows)):
            found[path] = file
        elif not _installed(one):
            foreign[path] = one
    known: defaultdict[str, set[str]] = defaultdict(set)
    for path, file in found.items():
        if file is not None:
            known[spelt(path).anchor].add(file)
    return {**found, **agreed(foreign, tree, known)}


def printed(mapping: Mapping[str, str | None]) -> tuple[str, ...]:
    r"""The roots of a mapping, as `D:\a\app -> . (12 files)`, and how many paths are no file of the project."""
    roots: Counter[tuple[str, str]] = Counter()
    for path, file in mapping.items():
        if file is not None and (root := _root(path, file)) != (".", "."):
            roots[root] += 1
    lines = [f"{theirs} -> {ours} ({_files(count)})" for (theirs, ours), count in sorted(roots.items())]
    lost = sorted(path for path, file in mapping.items() if file is None)
    if lost:
        lines.append(f"{lost[0]}{f' and {len(lost) - 1} more' if lost[1:] else ''} -> no file of the project")
    return tuple(lines)


def spelt(path: str) -> Spelt:
    """A path in its parts, without `.` and `..`; of Windows where it has a drive, or backslashes and no root."""
    windows = bool(_WINDOWS.match(path)) or ("\\" in path and not path.startswith("/"))
    pure = PureWindowsPath(path.removeprefix("\\\\?\\")) if windows else PurePosixPath(path)
    names: list[str] = []
    for name in pure.parts[1 if pure.anchor else 0 :]:
        if name == "..":
            del names[-1:]
        else:
            names.append(name)
    return Spelt(anchor=pure.anchor.casefold(), names=tuple(names), windows=windows)


def _installed(one: Spelt) -> bool:
    """Whether the path is in a Python's library, by names that every Python gives its directories."""
    names = one.key
    return not INSTALLED.isdisjoint(names) or any(
        before in {"lib", "lib64"} and _INTERPRETER.fullmatch(name) for before, name in pairwise(names)
    )


def _root(path: str, file: str) -> tuple[str, str]:
    """Their directory and ours, without the names at the end that both share."""
    one, ours = spelt(path), tuple(file.split("/"))
    theirs = one.names
    while theirs and ours and _same(theirs[-1], ours[-1], one):
        theirs, ours = theirs[:-1], ours[:-1]
    pure = PureWindowsPath if one.windows else PurePosixPath
    anchor = one.anchor.upper() if one.windows else one.anchor
    return str(pure(anchor, *theirs)), "/".join(ours) or "."


def _same(theirs: str, ours: str, one: Spelt) -> bool:
    return theirs == ours or (one.windows and theirs.casefold() == ours.casefold())


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
