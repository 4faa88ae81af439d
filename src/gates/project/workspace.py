"""Workspace: throwaway copies of the project and of its base, outside the tree, gone when their block ends."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gates.errors import GitError, ProjectError
from gates.project.facts import Project
from gates.project.git import Git, call, complaint
from gates.project.tree import printable

CONFIGURATION = (
    ".coveragerc", ".gitignore", ".mypy.ini", ".ruff.toml", "conftest.py", "mypy.ini", "pyproject.toml", "pytest.ini",
    "ruff.toml", "setup.cfg", "tox.ini",
)  # fmt: skip
"""What tools look for in the folders above a project that is in a subdirectory of its work tree."""

LINK = "120000"
"""The mode by which git knows a symbolic link."""


@contextmanager
def folder(scratch: Path | None = None) -> Iterator[Path]:
    """A new empty folder `vltair-<run>-<n>` in `scratch` or the system's temporary directory, removed at the end."""
    parent = Path(tempfile.gettempdir()) if scratch is None else scratch
    for number in itertools.count(1):
        place = parent / f"vltair-{os.getpid()}-{number}"
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
            break
    try:
        yield place
    finally:
        remove(place)


@contextmanager
def copy(project: Project, scratch: Path | None = None, *, history: bool = False) -> Iterator[Path]:
    """The root of a writable copy of the project.

    Files that count as source are copied, never linked, with the configuration of the folders above up to the top of
    the work tree. With `history` the copy is in a repository of its own that borrows the objects of the original.

    Raises:
        ProjectError: a file cannot be copied.
        GitError: git failed, which is asked only with `history`.
    """
    with folder(scratch) as place:
        git = project.git
        prefix = "" if git is None else git.prefix
        try:
            if git is not None and history:
                borrow_history(git, place)
                if git.prefix and git.head is not None:
                    checked(place, "checkout-index", "--all", "--quiet")
                    remove(place / git.prefix)
            if git is not None:
                copy_configuration(git, place)
            copy_files(project.root, project.tree.files, place / prefix)
        except OSError as error:
            at = os.path.relpath(error.filename or project.root, project.root)
            raise ProjectError(f"it cannot be copied: {error.strerror or error}", path=printable(at)) from error
        yield place / prefix


@contextmanager
def worktree(git: Git, commit: str, scratch: Path | None = None) -> Iterator[Path]:
    """The project's folder as it is in `commit`, which is not there where the commit has no such folder.

    Of the folders above it there is what tools look for, or all where the project has links, which may lead there.
    Written by way of an index of its own, so that nothing below `.git` changes, and with the attributes that a
    checkout honours (`git archive` would leave out what is marked export-ignore, such as many a project's tests).

    Raises:
        GitError: there is no such commit, or git failed.
    """
    with folder(scratch) as place:
        index = place / "index"
        tree = place / "tree"
        tree.mkdir()
        checked(git.toplevel, "read-tree", commit, index=index)
        write = ("checkout-index", "--quiet", f"--prefix={tree.as_posix()}/")
        listed = _around(git, index) if git.prefix else None
        if listed is None:
            checked(git.toplevel, *write, "--all", index=index)
        else:
            checked(git.toplevel, *write, "--stdin", "-z", index=index, stdin=listed)
        index.unlink()
        yield tree / git.prefix


def remove(place: Path) -> None:
    """Remove a folder and all in it, what is read-only included; what another process holds open is left."""
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        _unlock(place)
        shutil.rmtree(place, ignore_errors=True)


def _unlock(place: Path) -> None:
    """Make everything below a folder removable by its owner, from the top down."""
    with suppress(OSError):
        place.chmod(0o700)
    for folder, folders, files in os.walk(place):
        for path in (Path(folder, name) for name in (*folders, *files)):
            if not path.is_symlink():
                with suppress(OSError):
                    path.chmod(0o700)


def copy_files(root: Path, files: Sequence[str], target: Path) -> None:
    """Copy `files` of the folder `root` into `target`, which is made; one that vanished is left out.

    Raises:
        OSError: a file cannot be read or written.
    """
    # A link that `tree.files` looked behind becomes a folder, so that nothing in the copy leads back.
    followed = {parent for path in files for parent in _ancestors(path)}
    target.mkdir(parents=True, exist_ok=True)
    for path in files:
        if path in followed:
            continue
        new = target / path
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy_file(root, root / path, new)
        except FileNotFoundError:
            # It vanished since the tree was read.
            continue


def copy_file(root: Path, old: Path, new: Path) -> None:
    """Make `new` a writable copy of `old`; a link that stays inside `root` leads to the same place in the copy.

    Raises:
        OSError: `old` cannot be read, or `new` cannot be written.
    """
    if old.is_symlink():
        real = Path(os.path.realpath(old))
        inside = real.is_relative_to(root)
        if inside or not real.is_file():
            kept = not inside or _stays(root, old)
            new.symlink_to(old.readlink() if kept else os.path.relpath(real, old.parent.resolve()))
            return
    shutil.copy2(old, new)
    new.chmod(new.stat().st_mode | stat.S_IWUSR)


def _stays(root: Path, link: Path) -> bool:
    """Whether the text of a link leads to its place by way of `root` only, so that a copy of it can say the same."""
    text = link.readlink()
    steps = Path(os.path.normpath(link.parent.relative_to(root) / text))
    return not text.is_absolute() and steps.parts[:1] != ("..",)


def _ancestors(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def copy_configuration(git: Git, place: Path) -> None:
    """Copy what tools read in the folders above the project, up to the top of the work tree, into `place`.

    Raises:
        OSError: a file cannot be read or written.
    """
    for above in _above(git):
        for name in CONFIGURATION:
            if (git.toplevel / above / name).is_file():
                (place / above).mkdir(parents=True, exist_ok=True)
                shutil.copy2(git.toplevel / above / name, place / above / name)


def _around(git: Git, index: Path) -> str | None:
    """The files of the project and the configuration above it, as git lists them; None where one of them is a link."""
    configuration = (f"{one}{name}" for one in _above(git) for name in CONFIGURATION)
    wanted = (f":(literal){one}" for one in (git.prefix, ".gitmodules", *configuration))
    listed = checked(git.toplevel, "ls-files", "--stage", "-z", "--", *wanted, index=index)
    entries = [entry.split("\t", 1) for entry in listed.split("\0") if entry]
    if any(mode.startswith(LINK) for mode, _ in entries):
        return None
    return "".join(f"{path}\0" for _, path in entries)


def _above(git: Git) -> Iterator[str]:
    """The folders between the top of the work tree and the project, each with a slash at its end."""
    parts = git.prefix.split("/")[:-1]
    yield from ("".join(f"{one}/" for one in parts[:depth]) for depth in range(len(parts)))


def borrow_history(git: Git, place: Path) -> None:
    """Make `place` a repository with the commits, branches, tags and HEAD of `git`, and an index of HEAD.

    Raises:
        GitError: git failed.
        OSError: a file cannot be read or written.
    """
    if git.head is None:
        checked(place, "init", "--quiet", "--template=")
        checked(place, "symbolic-ref", "HEAD", f"refs/heads/{git.branch}")
        return
    checked(place, "init", "--quiet", "--template=", f"--object-format={'sha1' if len(git.head) == 40 else 'sha256'}")
    objects, shallow = git.run("rev-parse", "--git-path", "objects", "--git-path", "shallow").split("\n")[:2]
    (place / ".git/objects/info/alternates").write_bytes(os.fsencode(git.root / objects) + b"\n")
    if git.shallow:
        shutil.copy2(git.root / shallow, place / ".git/shallow")
    refs = git.run("for-each-ref", "--format=create %(refname) %(objectname)")
    checked(place, "update-ref", "--stdin", stdin=refs)
    if git.branch is None:
        checked(place, "update-ref", "--no-deref", "HEAD", git.head)
    else:
        checked(place, "symbolic-ref", "HEAD", f"refs/heads/{git.branch}")
    checked(place, "read-tree", "HEAD")


def checked(where: Path, *args: str, index: Path | None = None, stdin: str = "") -> str:
    """What `git ARGS` in the folder `where` writes to its output.

    Raises:
        GitError: it ended with an error, or not in time.
    """
    code, output, errors = call(where, *args, index=index, stdin=stdin)
    if code != 0:
        raise GitError(complaint(errors, args[0]))
    return output
