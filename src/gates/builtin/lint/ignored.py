"""Ignored: what this machine's own ignore files would hide of a project, which no other machine has."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gates.errors import GitError
from gates.project import git as calls

if TYPE_CHECKING:
    from gates.project.git import Git

SOURCES = ("*.py", "*.pyi", "*.ipynb")
PATTERNS = (".gitignore", ".ignore")
OWN = ".git/info/exclude"
FIELDS = 4
"""`git check-ignore -v -z` writes file, line, pattern and path of what is ignored."""


def excludes(git: Git) -> bool:
    """Whether `info/exclude` of this clone holds a pattern."""
    place = git.ask("rev-parse", "--git-path", "info/exclude")
    try:
        lines = Path(git.root, place or "").read_bytes().splitlines()
    except OSError:
        return False
    return any(line.strip() and not line.startswith(b"#") for line in lines)


def unlisted(git: Git, root: Path, listed: Iterable[str]) -> list[str]:
    """The files of code, relative to `root`, that git tracks and that are not among the absolute paths `listed`."""
    held = set(listed)
    folders = tuple(dict.fromkeys((os.fspath(root), os.path.realpath(root))))
    tracked = _names(git.run("ls-files", "-z", "--", *SOURCES))
    return [name for name in tracked if not any(os.path.join(folder, name) in held for folder in folders)]  # noqa: PTH118


def culprits(git: Git, files: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each of `files` with the ignore file that hides it, where git does not track that ignore file.

    Raises:
        GitError: git failed.
    """
    shared = set(
        _names(git.run("ls-files", "-z", "--full-name", "--", *(f":(top,glob)**/{name}" for name in PATTERNS)))
    )
    asked = ("-c", "core.excludesFile=", "check-ignore", "--no-index", "-v", "-z", "--stdin")
    code, output, errors = calls.call(git.root, *asked, stdin="".join(f"{name}\0" for name in files))
    if code not in (0, 1):
        raise GitError(calls.complaint(errors, "check-ignore"))
    fields = output.split("\0")
    starts = range(0, len(fields) - FIELDS, FIELDS)
    source = {fields[at + 3]: fields[at] for at in starts if not fields[at + 2].startswith("!")}
    for name in files:
        # What git does not ignore, ruff leaves out by a `.ignore`, which git does not know.
        place = source.get(name, ".ignore")
        if place not in shared and not (name not in source and any(one.endswith(".ignore") for one in shared)):
            yield name, OWN if place.endswith(OWN.removeprefix(".git")) else place


def _names(output: str) -> list[str]:
    return [name for name in output.split("\0") if name]
