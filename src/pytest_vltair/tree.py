"""Tree: which files are a project's source, and one digest over their names and contents."""

# Strings all the way: a Path for each of thousands of files costs too much.
# ruff: noqa: PTH112
from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_vltair.contents import UnreadableTree, file_digest
from pytest_vltair.installed import distributions, environment_digest, settings_digest
from pytest_vltair.worktree import Listing, above, ignored, listing

__all__ = [
    "UnreadableTree",
    "combine",
    "digest",
    "distributions",
    "environment_digest",
    "file_digest",
    "files",
    "settings_digest",
]

DISPOSABLE = frozenset({
    ".coverage", ".eggs", ".gates", ".git", ".hg", ".hypothesis", ".import_linter_cache", ".ipynb_checkpoints",
    ".mypy_cache", ".nox", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", "__pycache__", "htmlcov",
    "node_modules",
})  # fmt: skip
"""What tools fill and refill; nothing in them is a project's own source."""

PASSING = (".coverage.", "pytest-cache-files-")
"""Beginnings of the names under which tools keep data for a moment: what pytest renames to `.pytest_cache`."""

ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta"})
"""A folder that holds one of these is an installed Python, unless git tracks something in it."""

OUTPUT = frozenset({"build", "dist"})
"""Folders that builds fill, but also good names of packages: disposable in a work tree that tracks nothing in them."""

CODE = (".py", ".pyi", ".pyc", ".pyw", ".pth", ".so", ".pyd", ".dll", ".dylib")
"""What Python can import or a tool reads as a module: it counts even where git ignores it."""

CONFIGURATION = frozenset({
    ".coveragerc", ".env", ".isort.cfg", ".mypy.ini", ".pytest.ini", ".pytest.toml", ".ruff.toml", "gates.toml",
    "mypy.ini", "pyproject.toml", "pytest.ini", "pytest.toml", "ruff.toml", "setup.cfg", "tox.ini",
})  # fmt: skip
"""What steers a tool: it counts even where git ignores it."""

_MOUNT_POINT = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, which `stat` has on Windows only


def files(root: Path) -> list[str]:
    """The project's source below `root`: relative paths with forward slashes, sorted.

    Regular files and links count, devices and pipes do not. Left out are disposable folders and, in a git work tree,
    what git ignores, except code and configuration (a generated `_version.py` changes what runs). Where git is
    missing or refuses, everything counts. Links to directories are not followed, save out of `root` into the rest of
    the same work tree.

    Raises:
        UnreadableTree: a directory cannot be listed.
    """
    return sorted(_walk(os.path.realpath(root)))


def digest(root: Path, paths: Iterable[str]) -> str:
    r"""The SHA-256 in hex over names and contents of `paths` below `root`, whatever their order.

    Text (no NUL byte) counts with `\r\n` read as `\n`; the executable bit counts; of a link its target's text
    counts too; a path that is not there any more counts as gone.

    Raises:
        UnreadableTree: a file cannot be read.
    """
    base = os.path.realpath(root)
    return combine({path: file_digest(base, path) for path in paths})


def combine(digests: Mapping[str, bytes]) -> str:
    """The SHA-256 in hex over paths and their digests (each as `file_digest` returns it)."""
    whole = []
    for path in sorted(digests):
        name = path.encode("utf-8", "surrogateescape")
        whole.append(b"%d:%s%s" % (len(name), name, digests[path]))
    return hashlib.sha256(b"".join(whole)).hexdigest()


def _walk(base: str) -> Iterator[str]:
    """Every file and link that counts, in no order."""
    worktree = above(base)
    shown = None if worktree is None else listing(base)
    waiting = [(base, "", False)]
    while waiting:
        place, prefix, linked = waiting.pop()
        for entry in _entries(place, prefix, base, shown):
            path = prefix + entry.name
            if entry.is_symlink() or _is_junction(entry):
                target = None if linked else _elsewhere(entry.path, base, worktree)
                if target is not None:
                    waiting.append((target, f"{path}/", True))
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in OUTPUT or not _is_output(entry.path, path, shown):
                    waiting.append((entry.path, f"{path}/", linked))
                continue
            elif not entry.is_file(follow_symlinks=False):
                continue
            if shown is None or shown.shows(path) or entry.name.endswith(CODE) or entry.name in CONFIGURATION:
                yield path


def _entries(place: str, prefix: str, base: str, shown: Listing | None) -> list[os.DirEntry[str]]:
    """What a folder holds that is not disposable; nothing if the folder itself is an environment or vanished."""
    try:
        with os.scandir(place) as found:
            entries = list(found)
    except FileNotFoundError:
        return []
    except OSError as error:
        # A database's folder, say: nothing in it could be read, so it cannot change what runs.
        if prefix and shown is not None and ignored(base, prefix):
            return []
        raise UnreadableTree(prefix.rstrip("/"), error.strerror or str(error)) from error
    names = {entry.name for entry in entries}
    environment = prefix and not names.isdisjoint(ENVIRONMENT)
    if environment and not (shown is not None and shown.tracks_in(prefix[:-1])):
        return []
    return [entry for entry in entries if not _is_disposable(entry.name)]


def _is_disposable(name: str) -> bool:
    return name in DISPOSABLE or name.endswith(".egg-info") or name.startswith(PASSING)


def _is_output(place: str, path: str, shown: Listing | None) -> bool:
    """Whether a folder named like a build's output is one: git tracks nothing in it and it is no package."""
    return shown is not None and not shown.tracks_in(path) and not os.path.lexists(f"{place}/__init__.py")


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Whether a folder is a junction of Windows, which can loop like a link and is not called one."""
    if os.name != "nt":
        return False
    return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT


def _elsewhere(link: str, base: str, worktree: str | None) -> str | None:
    """Where a link leads if that is a folder of the same work tree outside of `base`."""
    if worktree is None or worktree == base or not os.path.isdir(link):
        return None
    target = os.path.realpath(link)
    inside = target.startswith(worktree + os.sep) and not target.startswith(base + os.sep)
    return target if inside and not f"{base}{os.sep}".startswith(target + os.sep) else None
