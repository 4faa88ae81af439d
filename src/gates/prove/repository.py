"""Repository: the copy's own commits: the clean tree, and on top of it what was planted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.errors import GitError
from gates.project import git
from gates.prove.copy import Copy

AUTHOR = ("-c", "user.name=gates prove", "-c", "user.email=gates@localhost", "-c", "commit.gpgsign=false")


class Repository:
    """Makes commits in a copy without a hook, a signature, or a word to the original."""

    def __init__(self, copy: Copy) -> None:
        """The tree as it is becomes the first commit; where the copy is in no repository, one is made.

        Raises:
            GitError: git is missing or failed.
        """
        self.root = copy.root
        if copy.project().git is None:
            self._git("init", "--quiet", "--template=")
        self._folder = Path(self._git("rev-parse", "--absolute-git-dir"))
        self._prefix = self._git("rev-parse", "--show-prefix")
        # With what is ignored: all that the copy holds counts as source.
        self._git("add", "--all", "--force", ".")
        self._clean = self._git("write-tree")
        code, head, _ = git.call(self.root, "rev-parse", "--verify", "--quiet", "HEAD")
        self._head = head.strip() if code == 0 else ""
        self.first = self._commit(self._clean, *filter(None, [self._head]))
        self._heads: dict[tuple[str, ...], str] = {}

    def commits(self, before: Mapping[str, bytes]) -> str:
        """The commit to compare with, after the copy was committed on top.

        `before` are files that were not as in the first commit before anything was planted. Where a canary made commits
        of its own, they are merged.

        Raises:
            GitError: git failed.
        """
        base = self._commit(self._with(before), self.first) if before else self.first
        self._git("add", "--all", ".")
        head = git.call(self.root, "rev-parse", "--verify", "--quiet", "HEAD")[1].strip()
        planted = [head] if head != self._head else []
        state = (self._git("write-tree"), base, *planted)
        if state not in self._heads:
            self._heads[state] = self._commit(*state)
        self._head = self._heads[state]
        self._git("update-ref", "--no-deref", "HEAD", self._head)
        return base

    def _with(self, changed: Mapping[str, bytes]) -> str:
        """The clean tree with other contents of some files, made without touching the copy's own index."""
        index = self._folder / "index-of-base"
        self._git("read-tree", self._clean, index=index)
        for path, data in changed.items():
            blob = self._git("hash-object", "-w", "--no-filters", "--stdin", stdin=data.decode("utf-8"))
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{self._prefix}{path}", index=index)
        tree = self._git("write-tree", index=index)
        index.unlink()
        return tree

    def _commit(self, tree: str, *parents: str) -> str:
        above = [word for parent in parents for word in ("-p", parent)]
        return self._git(*AUTHOR, "commit-tree", tree, *above, "-m", "gates prove")

    def _git(self, *args: str, index: Path | None = None, stdin: str = "") -> str:
        code, output, errors = git.call(self.root, *args, index=index, stdin=stdin)
        if code != 0:
            raise GitError(git.complaint(errors, "in the copy of the project"))
        return output.strip()
