"""Commits: what a planted fault is compared with, where its rule is about what a change took away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.project import git

AUTHOR = ("-c", "user.name=gates testing", "-c", "user.email=gates@localhost", "-c", "commit.gpgsign=false")


def below(root: Path, before: Mapping[str, str]) -> str:
    """A commit like HEAD with these texts of files, on which HEAD stands from now on; the work tree stays as it is.

    Raises:
        AssertionError: the project is in no repository, or git failed.
    """
    index = Path(_git(root, "rev-parse", "--absolute-git-dir")) / "index-of-base"
    _git(root, "read-tree", "HEAD", index=index)
    prefix = _git(root, "rev-parse", "--show-prefix")
    for path, text in before.items():
        blob = _git(root, "hash-object", "-w", "--no-filters", "--stdin", stdin=text)
        _git(root, "update-index", "--add", "--cacheinfo", f"100644,{blob},{prefix}{path}", index=index)
    tree = _git(root, "write-tree", index=index)
    index.unlink()
    base = _git(root, *AUTHOR, "commit-tree", tree, "-p", "HEAD", "-m", "base")
    head = _git(root, *AUTHOR, "commit-tree", "HEAD^{tree}", "-p", base, "-m", "head")
    _git(root, "update-ref", "--no-deref", "HEAD", head)
    return base


def _git(root: Path, *args: str, index: Path | None = None, stdin: str = "") -> str:
    code, output, errors = git.call(root, *args, index=index, stdin=stdin)
    if code != 0:
        raise AssertionError(git.complaint(errors, f"git {args[0]} in the project of the contract"))
    return output.strip()
