"""Borrowed: a copy of a work tree in a repository of its own, in which git says what it says of the original."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from gates.project import git as repositories
from gates.project import workspace
from gates.project.git import STATE, Git, call

SUBMODULE = "160000"
"""The mode of an entry that is a commit of another repository."""

SETTINGS = r"^(core\.(autocrlf|eol|filemode|ignorecase|precomposeunicode|safecrlf|symlinks)|filter\..*)$"
"""What of a repository's own configuration decides whether a file is as it was committed."""

STEADY = (("core.trustctime", "false"), ("core.checkStat", "minimal"), ("gc.auto", "0"))
"""Let git not take a file for changed whose permission bits or owner were."""


def write(git: Git, place: Path, files: Sequence[str]) -> None:
    """Write the work tree of `git` into the new folder `place`, with its commits, tags, branches, index and submodules.

    What git tracks is copied as it is in the work tree; of the project's folder `files` (relative to it) too.

    Raises:
        GitError: git failed.
        OSError: a file cannot be copied.
    """
    place.mkdir(parents=True, exist_ok=True)
    workspace.borrow_history(git, place)
    _configure(git, place)
    entries = list(_entries(git))
    _index(entries, place)
    tracked = [one.path for one in entries if _is_there(git, one)]
    links = tuple(f"{one.path}/" for one in entries if one.mode == workspace.LINK)
    # What the project has behind a link is below its own name too, since all of the work tree is copied.
    own = (path for path in (git.prefix + one for one in files) if not path.startswith(links))
    workspace.copy_files(git.toplevel, sorted({*tracked, *own}), place)
    for entry in entries:
        if entry.mode == SUBMODULE and os.path.lexists(git.toplevel / entry.path / ".git"):
            _submodule(git.toplevel / entry.path, place / entry.path)
    # Git compares times before contents, and those of the index are of other files. It ends with 1 where one differs.
    call(place, "update-index", "-q", "--refresh")


class _Entry(msgspec.Struct, frozen=True):
    """One entry of the index: how git looks at it (a letter), its mode, object, stage and path."""

    tag: str
    mode: str
    object: str
    stage: str
    path: str


def _entries(git: Git) -> Iterator[_Entry]:
    for line in call(git.toplevel, "ls-files", "-z", "-v", "--stage")[1].split("\0"):
        words, _, path = line.partition("\t")
        if path:
            tag, mode, name, stage = words.split(" ")
            yield _Entry(tag, mode, name, stage, path)


def _index(entries: Sequence[_Entry], place: Path) -> None:
    """Make the index of `place` hold `entries`, and leave out of sight what the original does."""
    workspace.checked(place, "read-tree", "--empty")
    written = "".join(f"{one.mode} {one.object} {one.stage}\t{one.path}\0" for one in entries)
    if written:
        workspace.checked(place, "update-index", "-z", "--index-info", stdin=written)
    # `S` is left out of a sparse tree; in small letters a file is assumed to be unchanged.
    for flag, held in (("--skip-worktree", "Ss"), ("--assume-unchanged", "hs")):
        paths = "".join(f"{one.path}\0" for one in entries if one.tag in held)
        if paths:
            workspace.checked(place, "update-index", flag, "-z", "--stdin", stdin=paths)


def _configure(git: Git, place: Path) -> None:
    """Take over what decides whether a file is ignored, and whether it is as it was committed."""
    code, listed, _ = call(git.root, "config", "-z", "--local", "--get-regexp", SETTINGS)
    own = [entry.partition("\n")[::2] for entry in listed.split("\0") if entry] if code == 0 else []
    for name, value in (*own, *STEADY):
        workspace.checked(place, "config", name, value)
    for name in ("info/exclude", "info/attributes"):
        file = git.root / git.run("rev-parse", "--git-path", name).rstrip("\n")
        if file.is_file():
            (place / ".git/info").mkdir(exist_ok=True)
            shutil.copyfile(file, place / ".git" / name)


def _submodule(root: Path, place: Path) -> None:
    """Make the copy of a submodule a repository too: without one git would never see a change in there."""
    git = repositories.find(root)
    if git is not None and not git.prefix:
        write(git, place, ())


def _is_there(git: Git, entry: _Entry) -> bool:
    """Whether the work tree has a file or link where `entry` has one, and no state of gates'."""
    if entry.mode == SUBMODULE or STATE in entry.path.split("/"):
        return False
    path = git.toplevel / entry.path
    return path.is_symlink() or path.is_file()
