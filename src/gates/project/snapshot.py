"""Snapshot: the project as it is in another commit, with the names of all its files and the texts of a few."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from gates.errors import GitError
from gates.project import documents, facts, tree
from gates.project.facts import PYPROJECT, Project
from gates.project.git import Git, call_bytes, complaint
from gates.project.workspace import CONFIGURATION

LIMIT = documents.LIMIT
_FILE, _LINK = "100", "120000"


class Snapshot(Project, frozen=True, kw_only=True):
    """A project whose files are listed and, apart from those that were asked for, not there."""

    names: tuple[str, ...]
    place: Git

    @cached_property
    def tree(self) -> tree.Tree:
        """Every file of the commit, of which only some can be read."""
        return tree.Tree(self.root, self.names)

    @property
    def git(self) -> Git:
        """The place of the texts below the folder that stands for the top of the work tree."""
        return self.place


def take(git: Git, commit: str, folder: Path, wanted: Callable[[str], bool]) -> Snapshot:
    """The project in `commit`; the texts of the files that are `wanted` are written below the empty `folder`.

    `wanted` is asked with paths relative to the project's root, `../` for what is above it. The tools' configuration
    files in the folders above a project that is in a subdirectory are there anyway. Files larger than 2 MiB, and links
    that lead out of the commit, are left out.

    Raises:
        GitError: git failed.
        ConfigError: the pyproject.toml of the commit cannot be read.
    """
    entries = _entries(git, commit)
    prefix = git.prefix
    above = {prefix[:at] for at in range(len(prefix)) if at == 0 or prefix[at - 1] == "/"}
    up = "../" * prefix.count("/")
    chosen = {}
    for path in entries:
        inside = path.startswith(prefix)
        head, _, name = path.rpartition("/")
        configures = not inside and name in CONFIGURATION and (f"{head}/" if head else "") in above
        if configures or wanted(path[len(prefix) :] if inside else up + path):
            chosen[path] = _target(path, entries, git)
    texts = {path: oid for path, oid in chosen.items() if oid is not None}
    _write(git, folder, _small(git, texts))
    root = folder / prefix
    root.mkdir(parents=True, exist_ok=True)
    text = documents.text_of(root, PYPROJECT)
    pyproject: Mapping[str, object] = {} if text is None else documents.toml(text, PYPROJECT)
    return Snapshot(
        root=root,
        name=facts.name_of(root, pyproject),
        pyproject=pyproject,
        names=tuple(path[len(prefix) :] for path in entries if path.startswith(prefix)),
        place=Git(toplevel=folder, prefix=prefix, head=commit, branch=None, shallow=False),
    )


def _entries(git: Git, commit: str) -> dict[str, tuple[str, str]]:
    """Mode and object of every file of a commit, by its path from the top; submodules have none."""
    said = git.run("ls-tree", "-r", "-z", "--full-tree", commit)
    found: dict[str, tuple[str, str]] = {}
    for entry in said.split("\0"):
        described, tab, path = entry.partition("\t")
        if tab:
            mode, _, oid = described.split(" ")
            if mode.startswith(_FILE) or mode == _LINK:
                found[path] = (mode, oid)
    return found


def _target(path: str, entries: Mapping[str, tuple[str, str]], git: Git) -> str | None:
    """The object with the text of a file, which for a link is that of the file it leads to."""
    for _ in range(8):
        if path not in entries:
            return None
        mode, oid = entries[path]
        if mode != _LINK:
            return oid
        code, output, _ = call_bytes(git.root, "cat-file", "blob", oid)
        if code != 0:
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), output.decode("utf-8", "surrogateescape")))
    return None


def _small(git: Git, chosen: Mapping[str, str]) -> dict[str, str]:
    """Those of the objects that are no larger than any configuration is."""
    lines = _objects(git, chosen, "--batch-check").decode().splitlines()
    sizes = [line.split(" ") for line in lines]
    for path, parts in zip(chosen, sizes, strict=True):
        if len(parts) != 3:
            raise GitError(f"git cat-file failed: {path} is missing from this clone; git fetch")
    return {path: oid for (path, oid), parts in zip(chosen.items(), sizes, strict=True) if int(parts[2]) <= LIMIT}


def _objects(git: Git, chosen: Mapping[str, str], form: str) -> bytes:
    """What git prints of all objects one after the other; a newline ends each."""
    if not chosen:
        return b""
    stdin = "".join(f"{oid}\n" for oid in chosen.values()).encode()
    code, output, errors = call_bytes(git.root, "cat-file", form, stdin=stdin)
    if code != 0:
        raise GitError(complaint(errors, "cat-file"))
    return output


def _write(git: Git, folder: Path, chosen: Mapping[str, str]) -> None:
    """Write the texts of all objects."""
    output = _objects(git, chosen, "--batch")
    at = 0
    for path in chosen:
        end = output.index(b"\n", at)
        size = int(output[at:end].split(b" ")[2])
        data = output[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
