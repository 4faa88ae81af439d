"""History: every version of every file in the commits of a change, and their messages, as git has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.errors import GitError
from gates.project.git import call_bytes, complaint

if TYPE_CHECKING:
    from gates.project.git import Git

HEADERS = ("log", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-abbrev", "-m", "--root", "-z")
MARK = b"\x01"


@dataclass(frozen=True)
class Version:
    """A file as one commit has it."""

    commit: str
    path: str
    mode: str
    blob: str


@dataclass(frozen=True)
class Commit:
    """A commit and its message."""

    name: str
    message: str


def commits(git: Git, base: str) -> list[Commit]:
    """The commits from `base` to HEAD, the oldest first.

    Raises:
        GitError: git failed.
    """
    said = _run(git, "log", "--no-color", "--reverse", "-z", "--format=%H%n%an <%ae>%n%B", f"{base}..HEAD")
    found = []
    for entry in said.split(b"\0"):
        name, _, message = entry.decode("utf-8", "surrogateescape").partition("\n")
        if name:
            found.append(Commit(name, message))
    return found


def versions(git: Git, base: str) -> list[Version]:
    """What the commits from `base` to HEAD put into files below the project, each content once, the oldest first.

    Raises:
        GitError: git failed.
    """
    said = _run(git, *HEADERS, "--reverse", "--raw", "--relative", "--format=%x01%H", f"{base}..HEAD", "--", ".")
    found: dict[tuple[str, str], Version] = {}
    for one in _entries(said):
        found.setdefault((one.path, one.blob), one)
    return list(found.values())


def at(git: Git, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """The blobs of some files at a commit, by path; those that are not there are left out.

    Raises:
        GitError: git failed.
    """
    wanted = set(paths)
    found = {}
    for entry in _run(git, "ls-tree", "-r", "-z", commit, "--", ".").split(b"\0"):
        head, _, name = entry.partition(b"\t")
        path = name.decode("utf-8", "surrogateescape")
        if path in wanted:
            found[path] = head.split()[2].decode()
    return found


def tracked(git: Git) -> list[tuple[str, str, str]]:
    """Mode, blob and path of each tracked file below the project.

    Raises:
        GitError: git failed.
    """
    found = []
    for entry in _run(git, "ls-files", "-s", "-z", "--", ".").split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if name:
            mode, blob, _ = head.decode().split()
            found.append((mode, blob, name.decode("utf-8", "surrogateescape")))
    return found


def contents(git: Git, blobs: Sequence[str], largest: int) -> dict[str, bytes | None]:
    """The contents of blobs by name; None for one that is larger than `largest` bytes or that git does not have.

    Raises:
        GitError: git failed.
    """
    held: dict[str, bytes | None] = dict.fromkeys(blobs)
    sizes = _run(git, "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin="\n".join(held).encode() + b"\n")
    small = []
    for line in sizes.decode().splitlines() if held else ():
        name, _, size = line.partition(" ")
        if size.isdigit() and int(size) <= largest:
            small.append(name)
    said = _run(git, "cat-file", "--batch", stdin="\n".join(small).encode() + b"\n") if small else b""
    position = 0
    while position < len(said):
        end = said.index(b"\n", position)
        name, _, size = said[position:end].decode().split()
        held[name] = said[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
    return held


def _entries(said: bytes) -> Iterator[Version]:
    """`MARK commit NUL`, then `:modes blobs status NUL path NUL` for each file."""
    commit, fields = "", iter(said.split(b"\0"))
    for piece in fields:
        part = piece.lstrip(b"\n")
        if part.startswith(MARK):
            commit = part.removeprefix(MARK).decode()
        elif part.startswith(b":"):
            _, mode, _, blob, status = part.decode().split()
            path = next(fields).decode("utf-8", "surrogateescape")
            if status[0] != "D":
                yield Version(commit, path, mode, blob)


def _run(git: Git, *args: str, stdin: bytes = b"") -> bytes:
    code, output, errors = call_bytes(git.root, *args, stdin=stdin)
    if code != 0:
        raise GitError(complaint(errors, args[0]))
    return output
