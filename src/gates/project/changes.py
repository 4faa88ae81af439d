"""Changes: which files differ from a commit, and which of their lines were added or altered, as git sees it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from gates.errors import GitError
from gates.project import diff
from gates.project.diff import PREFIX, Diff, Entry, Range
from gates.project.git import Git
from gates.project.index import RENAME_LIMIT, Index, with_new_files

Status = Literal["added", "modified", "renamed", "untracked"]

OPTIONS = (
    *("--raw", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv"),
    *(f"--dst-prefix={PREFIX}", "--relative", f"-O{os.devnull}"),
    *("--find-renames=50%", f"-l{RENAME_LIMIT}", "--diff-filter=AMRTU", "--ignore-submodules=all"),
    *("--diff-algorithm=myers", "--indent-heuristic", "--ignore-cr-at-eol"),
)
"""git's defaults said aloud, so that nobody's configuration changes the answer.

A carriage return before a line feed is no part of a line here: where a file goes from one convention to the other git
says that all of it changed, and not a statement did. Digests of sources are over the same text. A move into the project
from outside of it is no move but an addition: nothing in the project answered for that code before.
"""

STATUSES: Mapping[str, Status] = {"A": "added", "M": "modified", "R": "renamed", "T": "modified"}
REGULAR = frozenset({"100644", "100755"})
SNIFFED = 8000
"""Bytes in which git looks for a NUL, which makes a file binary."""


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is not what it was: its path relative to the project, as the file system has it, and what changed.

    `old` is its path at the base where that is another. `lines` are first and last of each run of added and altered
    lines, ascending, counted as Python does; none where only its mode changed, or it is a link or binary.
    """

    path: str
    old: str | None
    status: Status
    lines: tuple[Range, ...]


def since(git: Git, commit: str) -> tuple[ChangedFile, ...]:
    """What differs between `commit` (its full name) and the work tree, new files included that git does not ignore.

    Files that are gone are no part of it, nor are submodules; a file that was moved has the lines that were altered.

    Raises:
        GitError: git failed, or a changed file cannot be read.
    """
    with with_new_files(git, commit) as index:
        found = _diff(index, commit)
        named = {one.new: one for one in found.entries if one.status in STATUSES}
        lines = found.lines
        if found.binary:
            lines = lines | _hidden(index, commit, [one for one in named.values() if one.new not in lines])
        changed = [_changed(git.root, one, lines.get(one.new, []), index.new) for one in named.values()]
    return tuple(sorted(changed, key=lambda one: one.path))


def _diff(index: Index, commit: str, *options: str, paths: Iterable[str] = ()) -> Diff:
    try:
        return diff.read(index.run("diff", *OPTIONS, *options, commit, "--", *paths))
    except diff.UnreadableDiffError as error:
        raise GitError("git diff did not write what it should") from error


def _hidden(index: Index, commit: str, entries: Iterable[Entry]) -> dict[bytes, list[Range]]:
    """The lines of files that are text now and that git calls binary: by attributes, or for what they were before."""
    root = index.git.root
    text = [one for one in entries if one.mode in REGULAR and b"\0" not in _read(root, one.new, SNIFFED)]
    if not text:
        return {}
    names = sorted({os.fsdecode(name) for one in text for name in (one.old, one.new)})
    return _diff(index, commit, "--text", paths=[f":(literal){name}" for name in names]).lines


def _changed(root: Path, entry: Entry, lines: list[Range], new: frozenset[str]) -> ChangedFile:
    path, old = os.fsdecode(entry.new), os.fsdecode(entry.old)
    status = STATUSES[entry.status]
    if status == "added" and path in new:
        status = "untracked"
    counted = _counted(root, entry.new, lines) if entry.mode in REGULAR and lines else ()
    return ChangedFile(path=path, old=old if old != path else None, status=status, lines=tuple(counted))


def _counted(root: Path, name: bytes, lines: list[Range]) -> Iterator[Range]:
    """The lines as Python counts them, to which a carriage return by itself is the end of one too."""
    source = _read(root, name)
    if b"\r" not in source.replace(b"\r\n", b""):
        yield from lines
        return
    firsts = [1]
    for line in source.split(b"\n"):
        firsts.append(firsts[-1] + 1 + line.removesuffix(b"\r").count(b"\r"))
    for first, last in lines:
        # git may have converted what it compared; beyond the end there is nothing to count.
        yield firsts[min(first, len(firsts)) - 1], firsts[min(last + 1, len(firsts)) - 1] - 1


def _read(root: Path, name: bytes, size: int = -1) -> bytes:
    try:
        with (root / os.fsdecode(name)).open("rb") as file:
            return file.read(size)
    except OSError as error:
        reason = error.strerror or error
        raise GitError(f"the changed file {os.fsdecode(name)!r} cannot be read: {reason}") from error
