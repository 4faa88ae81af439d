"""Scratch: the run's directory outside the project, made when the first gate asks and removed when the run ends."""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from functools import cached_property
from pathlib import Path

LEFT = re.compile(r"vltair-([1-9][0-9]{0,9})-[a-z0-9_]{8}")
"""What `Scratch` names its directory: the process, and what `tempfile.mkdtemp` adds."""
ABANDONED = 3600.0
"""Seconds after which the directory of a process that is not there is nobody's: a process in another container that
shares the temporary directory is not there either, and its run is over by then."""


class Scratch:
    """One directory for each gate, in a new one of the system's temporary directory or in `parent`."""

    def __init__(self, parent: Path | None = None) -> None:
        """Nothing is made yet: a run whose evidence is all in the cache needs none."""
        self._parent = parent
        self._lock = threading.Lock()
        self._removed = False

    def folder(self, gate: str) -> Path:
        """The empty directory of one gate; after the removal, its name alone, for a gate that was given up."""
        with self._lock:
            folder = self._root / gate
            if not self._removed:
                folder.mkdir(parents=True, exist_ok=True)
        return folder

    def remove(self) -> None:
        """Remove all that was made, and make no more."""
        with self._lock:
            self._removed = True
            made = self.__dict__.get("_root")
        if made is not None:
            from gates.project import workspace

            workspace.remove(made)

    @cached_property
    def _root(self) -> Path:
        import tempfile

        if self._removed:
            return (self._parent or Path(tempfile.gettempdir())) / f"vltair-{os.getpid()}-removed"
        made = Path(tempfile.mkdtemp(prefix=f"vltair-{os.getpid()}-", dir=self._parent))
        clear(made.parent)
        return made


def clear(parent: Path) -> None:
    """Remove from `parent` what runs of this user that were killed have left there."""
    from gates.project import workspace

    try:
        names = os.listdir(parent)  # noqa: PTH208 - names are wanted, and there may be thousands
    except OSError:
        return
    for name in names:
        match = LEFT.fullmatch(name)
        if match and _is_abandoned(parent / name, int(match[1])):
            workspace.remove(parent / name)


def _is_abandoned(folder: Path, pid: int) -> bool:
    try:
        facts = folder.lstat()
    except OSError:
        return False
    user = getattr(os, "getuid", None)
    if not stat.S_ISDIR(facts.st_mode) or (user is not None and facts.st_uid != user()):
        return False
    if time.time() - facts.st_mtime < ABANDONED:
        return False
    import psutil

    return not psutil.pid_exists(pid)
