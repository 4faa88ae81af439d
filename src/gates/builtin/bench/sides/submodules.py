"""Submodules: those of base, as far as the work tree has them at the same commit."""

from __future__ import annotations

import os
from pathlib import Path

from gates.project import tree, workspace
from gates.project.git import Git

LINK = "160000"
"""The mode of an entry that is a commit of another repository."""


def fill(git: Git, commit: str, root: Path) -> tuple[str, ...]:
    """Copy the work tree's submodules into base's folder `root`; returns a sentence for each that differs.

    Raises:
        GitError: git failed.
        ProjectError: a submodule cannot be listed.
        OSError: a file cannot be copied.
    """
    if not (root / os.path.relpath(git.toplevel, git.root) / ".gitmodules").is_file():
        return ()
    before, now = _links(git.run("ls-tree", "-r", "-z", commit)), _links(git.run("ls-files", "--stage", "-z"))
    notes = []
    for path, held in sorted(before.items()):
        if not any((git.root / path).glob("*")):
            continue
        if now.get(path) != held:
            notes.append(f"base has the submodule {tree.printable(path)} at another commit, and gets that of head")
        workspace.copy_files(git.root / path, tree.read(git.root / path).files, root / path)
    return tuple(notes)


def _links(listed: str) -> dict[str, str]:
    """The commit of each submodule, out of `MODE [KIND] COMMIT [STAGE]<tab>PATH` entries."""
    found = {}
    for entry in listed.split("\0"):
        words, _, path = entry.partition("\t")
        if words.startswith(LINK):
            found[path] = next(word for word in words.split() if len(word) >= 40)
    return found
