"""Source: the repository, commit and ref that artifacts are built from, and whether the tree is that commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.errors import GatesError
from gates.project.git import STATE
from gates.project.releasing import forge

if TYPE_CHECKING:
    from gates.project.facts import Project
    from gates.project.git import Git


class NotAttested(GatesError):  # noqa: N818 - an answer that was asked for
    """There is nothing that could honestly be signed."""

    slug = "not-attested"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where it comes from: `repository` is an address without credentials, `ref` a whole one, each "" if unknown."""

    repository: str
    commit: str
    ref: str

    @property
    def uri(self) -> str:
        """The source as SLSA names it."""
        tail = f"@{self.ref}" if self.ref else ""
        return f"git+{self.repository or 'unknown:'}{tail}"


def of(project: Project, environ: Mapping[str, str], repository: str = "") -> Source:
    """What the project's work tree is a check-out of.

    Raises:
        NotAttested: it is in no git repository, or has no commit.
        GitError: git failed.
    """
    git = project.git
    if git is None or git.head is None:
        raise NotAttested("there is no git commit that the artifacts could be of")
    return Source(repository=repository or forge.page_of(git) or "", commit=git.head, ref=_ref(git, environ))


def changes(git: Git, known: Collection[Path]) -> list[str]:
    """Paths that differ from HEAD or that git does not know, but for `known` files and what gates keeps.

    Raises:
        GitError: git failed.
    """
    said = git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ":/")
    apart = {path.resolve() for path in known}
    found = [entry[3:] for entry in said.split("\0") if entry]
    return [path for path in found if STATE not in path.split("/") and (git.toplevel / path).resolve() not in apart]


def _ref(git: Git, environ: Mapping[str, str]) -> str:
    """The ref that CI runs for, where that is of HEAD; else the one tag of HEAD, else its branch."""
    told = environ.get("GITHUB_REF", "")
    if told.startswith(("refs/heads/", "refs/tags/")) and environ.get("GITHUB_SHA") == git.head:
        return told
    tags = git.run("tag", "--points-at", "HEAD").split()
    if len(tags) == 1:
        return f"refs/tags/{tags[0]}"
    return f"refs/heads/{git.branch}" if git.branch else ""
