"""Moves: which files were renamed and deleted since a commit, as git sees it."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from gates.project.git import Git
from gates.project.tree import printable


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """Paths relative to the project, as a report shows them: `renamed` from old to new, and `deleted`."""

    renamed: Mapping[str, str] = msgspec.field(default_factory=dict)
    deleted: frozenset[str] = frozenset()


def since(git: Git, commit: str) -> Moves:
    """What was moved between `commit` (its full name) and the work tree, files that git does not know yet included.

    Raises:
        GitError: git failed.
    """
    from gates.project.index import RENAME_LIMIT, with_new_files

    with with_new_files(git, commit) as index:
        said = index.run(
            *("diff", "--name-status", "-z", "--no-ext-diff", "--relative", "--diff-filter=RD"),
            *("--find-renames", f"-l{RENAME_LIMIT}", commit, "--"),
        )
    return _read(os.fsdecode(said))


def written(git: Git, path: str) -> str | None:
    """The commit that last changed `path` (relative to the project); None where no commit has.

    Raises:
        GitError: git did not end in time.
    """
    return None if git.head is None else git.ask("log", "-1", "--format=%H", "--", path)


def _read(said: str) -> Moves:
    fields = iter(said.split("\0"))
    renamed, deleted = {}, set()
    for status in fields:
        if status.startswith("R"):
            old, new = next(fields), next(fields)
            renamed[printable(old)] = printable(new)
        elif status:
            deleted.add(printable(next(fields)))
    return Moves(renamed=renamed, deleted=frozenset(deleted))
