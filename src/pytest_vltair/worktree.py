"""Work tree: what git tracks and what it ignores below a folder."""

# Strings all the way: a Path for each of thousands of files costs too much.
# ruff: noqa: PTH118, PTH120
from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cached_property

REDIRECTING = frozenset({
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GLOB_PATHSPECS", "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
})  # fmt: skip
"""Variables that hooks set and that would make git answer for another repository or index."""

GIT = ("git", "-c", "core.quotepath=off", "-c", "core.fsmonitor=false")
"""How git is called: names as they are, and no daemon left behind."""

TIMEOUT = 60.0
"""Seconds after which git is taken for not answering."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child git that answers for the folder it is called in, in English, and locks nothing."""
    kept = {name: value for name, value in environ.items() if name not in REDIRECTING}
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}


class Listing:
    """The files below a folder that git tracks, and all those that it does not ignore."""

    def __init__(self, tracked: frozenset[str], visible: frozenset[str]) -> None:
        self.tracked = tracked
        self.visible = visible

    def tracks_in(self, folder: str) -> bool:
        """Whether git tracks a file somewhere below `folder`."""
        return folder in self._folders

    def shows(self, path: str) -> bool:
        """Whether `path` is a file that git does not ignore, or is in a submodule or another work tree."""
        if path in self.visible or comparable(path) in self.visible:
            return True
        # A submodule is listed as a file of its folder's name, a nested work tree with a slash after it.
        folder = path.rpartition("/")[0]
        while folder:
            if folder in self.visible or f"{folder}/" in self.visible:
                return True
            folder = folder.rpartition("/")[0]
        return False

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self.tracked:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)


def above(base: str) -> str | None:
    """The nearest folder upward that holds a `.git`, `base` included; None outside of work trees."""
    folder = base
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def listing(base: str) -> Listing | None:
    """What git says of the files below `base`.

    None where it is missing, refuses or fails, and where it shows nothing, because then all of `base` is ignored.
    """
    output = _answer(base, "ls-files", "-z", "-t", "-co", "--exclude-standard")
    if output is None:
        return None
    tracked: set[str] = set()
    visible: set[str] = set()
    for entry in os.fsdecode(output).split("\0"):
        path = comparable(entry[2:])
        visible.add(path)
        if not entry.startswith("?"):
            tracked.add(path)
    visible.discard("")
    return Listing(frozenset(tracked), frozenset(visible)) if visible else None


def ignored(base: str, path: str) -> bool:
    """Whether git says that `path` below `base` is ignored."""
    return _answer(base, "check-ignore", "-q", "--", path) is not None


def comparable(path: str) -> str:
    """A name as git has it: on macOS git composes what the file system decomposes."""
    if sys.platform == "darwin":
        import unicodedata

        return unicodedata.normalize("NFC", path)
    return path


def _answer(base: str, *args: str) -> bytes | None:
    import subprocess

    try:
        done = subprocess.run(
            [*GIT, *args], cwd=base, env=environment(os.environ), capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None
