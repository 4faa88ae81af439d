"""Moves: which files were renamed and deleted since a commit, as git sees it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from gates.errors import GitError
from gates.project.git import Git, call, complaint
from gates.project.tree import printable

RENAME_LIMIT = 2000
"""Files whose contents git compares pair by pair; files that were moved unchanged are found whatever their number."""


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """Paths relative to the project, as a report shows them: `renamed` from old to new, and `deleted`."""

    renamed: Mapping[str, str] = msgspec.field(default_factory=dict)
    deleted: frozenset[str] = frozenset()


def since(git: Git, commit: str) -> Moves:
    """What was moved between `commit` (its full name) and the work tree, files that git does not know yet included.

    git looks at an index of its own in a temporary folder, so that nothing below `.git` changes.

    Raises:
        GitError: git failed.
    """
    with tempfile.TemporaryDirectory(prefix="vltair-") as folder:
        index = Path(folder, "index")
        own = git.root / git.run("rev-parse", "--git-path", "index").rstrip("\n")
        if own.is_file():
            shutil.copyfile(own, index)
        _list_new_files(git, index, len(commit))
        said = _run(
            git,
            index,
            *("diff", "--name-status", "-z", "--no-ext-diff", "--relative", "--diff-filter=RD"),
            *("--find-renames", f"-l{RENAME_LIMIT}", commit, "--"),
        )
    return _read(said)


def written(git: Git, path: str) -> str | None:
    """The commit that last changed `path` (relative to the project); None where no commit has.

    Raises:
        GitError: git did not end in time.
    """
    return None if git.head is None else git.ask("log", "-1", "--format=%H", "--", path)


def _list_new_files(git: Git, index: Path, digits: int) -> None:
    """Enter the files that git does not know yet, so that `git diff` looks at them.

    `git add --intent-to-add` would write an object into the repository; the object named here need not exist.
    """
    new = _run(git, index, "ls-files", "-z", "--others", "--exclude-standard")
    # A name that ends with a slash is a repository inside this one.
    paths = [path for path in new.split("\0") if path and not path.endswith("/")]
    entries = "".join(f"100644 {'1' * digits}\t{git.prefix}{path}\0" for path in paths)
    if entries:
        _run(git, index, "update-index", "-z", "--index-info", stdin=entries)


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


def _run(git: Git, index: Path, *args: str, stdin: str = "") -> str:
    code, output, errors = call(git.root, *args, index=index, stdin=stdin)
    if code != 0:
        raise GitError(complaint(errors, args[0]))
    return output
