"""Index: the work tree as git would see it if it knew every file that is not ignored."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gates.errors import GitError
from gates.project.git import Git, call_bytes, complaint

SETTINGS = ("-c", "core.splitIndex=false", "-c", "diff.autoRefreshIndex=true", "-c", "core.ignoreStat=false")
"""What has no option of its own: a split index is written below `.git`, without a refresh git lists files as changed
that were only touched, and with `ignoreStat` it takes what it wrote itself for unchanged ever after."""

RENAME_LIMIT = 2000
"""Files whose contents git compares pair by pair; files that were moved unchanged are found whatever their number."""


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """An index of its own in a temporary folder; `new` are the files below the project that git does not know yet."""

    git: Git
    path: Path
    new: frozenset[str]

    def run(self, *args: str, stdin: bytes = b"") -> bytes:
        """What `git ARGS`, called in the project's folder on this index, writes to its output.

        Raises:
            GitError: it ended with an error, or not in time.
        """
        return _run(self.git, self.path, *args, stdin=stdin)


@contextmanager
def with_new_files(git: Git, commit: str) -> Iterator[Index]:
    """A copy of the index into which the files that git does not know yet are entered; nothing below `.git` changes.

    Raises:
        GitError: git failed.
    """
    with tempfile.TemporaryDirectory(prefix="vltair-") as folder:
        path = Path(folder, "index")
        own = git.root / git.run("rev-parse", "--git-path", "index").rstrip("\n")
        if own.is_file():
            shutil.copy2(own, path)  # with its time, by which git knows that an entry may be older than its file
        _watch_all(git, path)
        yield Index(git=git, path=path, new=_entered(git, path, len(commit)))


def _watch_all(git: Git, index: Path) -> None:
    """Have git look at the files too that it was told to take for unchanged, as far as they are there."""
    listed = os.fsdecode(_run(git, index, "ls-files", "-z", "-v", "--", ":/")).split("\0")
    # `H` is what git looks at; in small letters it is assumed to be unchanged, and `S` is left out of a sparse tree.
    held = [line[2:] for line in listed if line and (line[0].islower() or line[0] == "S")]
    there = "".join(f"{path}\0" for path in held if (git.root / path).exists())
    for flag in ("--no-assume-unchanged", "--no-skip-worktree") if there else ():
        _run(git, index, "update-index", flag, "-z", "--stdin", stdin=os.fsencode(there))


def _entered(git: Git, index: Path, digits: int) -> frozenset[str]:
    """Enter the files that git does not know yet, so that `git diff` looks at them.

    `git add --intent-to-add` would write an object into the repository; the object named here need not exist.
    """
    said = os.fsdecode(_run(git, index, "ls-files", "-z", "--others", "--exclude-standard"))
    # A name that ends with a slash is a repository inside this one.
    new = frozenset(path for path in said.split("\0") if path and not path.endswith("/"))
    entries = "".join(f"100644 {'1' * digits}\t{git.prefix}{path}\0" for path in sorted(new))
    if entries:
        _run(git, index, "update-index", "-z", "--index-info", stdin=os.fsencode(entries))
    return new


def _run(git: Git, index: Path, *args: str, stdin: bytes = b"") -> bytes:
    code, output, errors = call_bytes(git.root, *SETTINGS, *args, index=index, stdin=stdin)
    if code != 0:
        raise GitError(complaint(errors, args[0]))
    return output
