"""Repository: the copy's own commits: the clean tree, and on top of it what was planted."""

from __future__ import annotations

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
        # With what is ignored: all that the copy holds counts as source.
        self._git("add", "--all", "--force", ".")
        self.clean = self._git("write-tree")
        self.first = self._commit(self.clean)
        self._git("update-ref", "--no-deref", "HEAD", self.first)

    def commits(self, before: dict[str, bytes]) -> str:
        """The commit to compare with, after a plant was committed on top; `before` are files as they were without it.

        Raises:
            GitError: git failed.
        """
        self._git("read-tree", "-m", self.clean)
        for path, data in before.items():
            self._set(path, data)
        base = self._commit(self._git("write-tree"))
        self._git("add", "--all", ".")
        self._git("update-ref", "--no-deref", "HEAD", self._commit(self._git("write-tree"), base))
        return base

    def _set(self, path: str, data: bytes) -> None:
        shelf = Path(self._git("rev-parse", "--absolute-git-dir")) / "planted"
        shelf.write_bytes(data)
        blob = self._git("hash-object", "-w", "--no-filters", str(shelf))
        shelf.unlink()
        prefix = self._git("rev-parse", "--show-prefix")
        self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{prefix}{path}")

    def _commit(self, tree: str, parent: str | None = None) -> str:
        if parent is None:
            code, head, _ = git.call(self.root, "rev-parse", "--verify", "--quiet", "HEAD")
            parent = head.strip() if code == 0 else None
        above = ["-p", parent] if parent else []
        return self._git(*AUTHOR, "commit-tree", tree, *above, "-m", "gates prove")

    def _git(self, *args: str) -> str:
        code, output, errors = git.call(self.root, *args)
        if code != 0:
            raise GitError(git.complaint(errors, "in the copy of the project"))
        return output.strip()
