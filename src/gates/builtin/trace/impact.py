"""Impact: which files and lines differ from a commit, those that are gone included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gates.errors import GitError
from gates.project import changes

if TYPE_CHECKING:
    from gates.project.facts import Project


def since(project: Project, commit: str) -> Mapping[str, Sequence[tuple[int, int]] | None]:
    """The lines of each file that were added or altered since a commit; None where the file is new, gone or moved.

    Raises:
        GitError: git does not answer, or the project is in no work tree.
    """
    git = project.git
    if git is None:
        raise GitError("the project is in no git work tree, so that nothing can be compared with")
    found: dict[str, Sequence[tuple[int, int]] | None] = {}
    for one in changes.since(git, commit):
        found[one.path] = one.lines if one.status == "modified" else None
        if one.old is not None:
            found[one.old] = None
    gone = git.run("diff", "--name-only", "-z", "--no-renames", "--diff-filter=D", "--relative", commit)
    found.update(dict.fromkeys(filter(None, gone.split("\0"))))
    return found
