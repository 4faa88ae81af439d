"""Copy: the throwaway copy of a project in which faults are planted, and taken out again."""

from __future__ import annotations

import os
import socket
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from gates.engine.scratch import ABANDONED
from gates.errors import ProjectError
from gates.project import facts, tree, workspace
from gates.project.facts import Project
from gates.project.tree import printable

OWNER = "owner"
"""A file beside a copy that says whose it is: the machine's name, the process and when that began."""

Mark: TypeAlias = tuple[int, ...]


class Copy:
    """One copy for a whole proof: `restore` makes it what it was, so that what tools keep in it stays of use."""

    def __init__(self, original: Project, home: Path, root: Path) -> None:
        """`home` is the folder round the copy, which goes when the proof ends; nothing else of it is left then."""
        self.original = original
        self.home = home
        self.root = root
        self.clean = self.marks()
        self._held: dict[str, bytes] = {}

    @cached_property
    def temporary(self) -> Path:
        """Where the children of a proof put what is temporary, so that it goes with the copy."""
        made = self.home / "t"
        made.mkdir()
        return made

    def project(self) -> Project:
        """The project as it is in the copy now."""
        return facts.find(self.root)

    def marks(self) -> dict[str, Mark]:
        """What tells one state of each source file from another."""
        return {path: _mark(self.root / path) for path in tree.read(self.root).files}

    def changed(self, since: Mapping[str, Mark]) -> list[str]:
        """Files whose content is another than in the marks, new and lost ones included."""
        now = self.marks()
        differ = [path for path in {**since, **now} if since.get(path) != now.get(path)]
        return sorted(path for path in differ if path not in self.clean or self._differs(path))

    def settle(self, path: str, text: str) -> None:
        """Write a file that is to be there for the clean tree too: the configuration, as the proof changes it."""
        data = text.encode("utf-8")
        (self.root / path).write_bytes(data)
        self._held[path] = data
        self.clean[path] = _mark(self.root / path)

    def restore(self) -> None:
        """Take out what was planted and what the judged runs wrote beside it.

        Raises:
            ProjectError: the file to restore from was changed in the project itself meanwhile.
        """
        now = self.marks()
        for path in sorted(set(now) - set(self.clean), reverse=True):
            _remove(self.root, path)
        for path, mark in self.clean.items():
            if now.get(path) != mark:
                self._rewrite(path)
                self.clean[path] = _mark(self.root / path)

    def _rewrite(self, path: str) -> None:
        target = self.root / path
        with suppress(FileNotFoundError):
            target.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in self._held:
            target.write_bytes(self._held[path])
            return
        source = self.original.root / path
        if not _same_age(source, self.clean[path]):
            raise ProjectError(
                "it changed while it was being proved; leave the tree alone meanwhile, then run again",
                path=printable(path),
            )
        workspace.copy_file(self.original.root, source, target)

    def _differs(self, path: str) -> bool:
        """Whether a file that the clean copy has is another now: touching it changes nothing."""
        try:
            found = (self.root / path).read_bytes()
            held = self._held.get(path)
            return found != ((self.original.root / path).read_bytes() if held is None else held)
        except OSError:
            return True


@contextmanager
def made(project: Project) -> Iterator[Copy]:
    """A copy of the project, gone when the block ends; what proofs that were killed have left goes before.

    Raises:
        ProjectError: a file cannot be copied.
        GitError: git failed.
    """
    with workspace.folder() as home:
        (home / OWNER).write_text(_owner(os.getpid()), "utf-8")
        clear(home.parent)
        with workspace.copy(project, home, history=project.git is not None) as root:
            yield Copy(project, home, root.resolve())


def clear(parent: Path) -> None:
    """Remove the copies in `parent` whose process is not there any more."""
    for note in parent.glob(f"vltair-*/{OWNER}"):
        with suppress(OSError, ValueError):
            if _is_abandoned(note):
                workspace.remove(note.parent)


def _is_abandoned(note: Path) -> bool:
    machine, pid, began = note.read_text("utf-8").split("\n")[:3]
    user = getattr(os, "getuid", None)
    if user is not None and note.lstat().st_uid != user():
        return False
    # Of a process on another machine or in another container, which may share the folder, only the time tells.
    if machine != socket.gethostname():
        return time.time() - note.lstat().st_mtime > ABANDONED * 24
    return _began(int(pid)) != began


def _owner(pid: int) -> str:
    return f"{socket.gethostname()}\n{pid}\n{_began(pid)}\n"


def _began(pid: int) -> str:
    """When a process began, or nothing where there is none of that number."""
    import psutil

    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""


def _mark(path: Path) -> Mark:
    try:
        found = path.lstat()
    except OSError:
        return ()
    return (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _same_age(path: Path, mark: Mark) -> bool:
    """Whether a file of the project is still the one that was copied; a link has no age of its own."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(found.st_mode) or (found.st_size, found.st_mtime_ns) == mark[1:3]


def _remove(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    for folder in (root / path).parents:
        if folder == root:
            return
        # A folder that was planted goes with its last file; one that holds what tools keep stays.
        with suppress(OSError):
            folder.rmdir()
