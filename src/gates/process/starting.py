"""Starting: what stands in the way of a child, and the one call that makes it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.process import limits, network
from gates.process.cgroup import Cgroup
from gates.process.completed import Completed
from gates.process.limits import Enforced, Limits, Status

MEMORY_TICK = 0.02
"""Seconds between two looks at the memory of a tree; the pages that a process can touch meanwhile are the error."""


def obstacle(words: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> tuple[Status, str] | None:
    """Why this command cannot be started at all, in a clause that does not depend on the system's language."""
    if not words or not words[0]:
        return "INTERNAL_ERROR", "no command was given"
    if not cwd.is_dir():
        return "INTERNAL_ERROR", f"the working directory {cwd.name or cwd} is not there"
    if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        return "INTERNAL_ERROR", "SIGCHLD is ignored in this process, so no exit code can be known"
    absent = _absent(words[0], cwd, env)
    return ("NOT_INSTALLED", absent) if absent else None


def _absent(name: str, cwd: Path, env: Mapping[str, str]) -> str:
    if not os.path.dirname(name):  # noqa: PTH120 - pathlib drops the dot of "./tool", which makes it a path
        found = shutil.which(name, path=os.pathsep.join(os.get_exec_path(env)))
        return "" if found else f"{name} is not on PATH"
    path = cwd / name
    if not path.exists():
        return f"{path.name} is not there"
    return f"{path.name} is not executable" if path.is_dir() or not os.access(path, os.X_OK) else ""


def start(words: tuple[str, ...], cwd: Path, env: Mapping[str, str], limit: Limits) -> subprocess.Popen[bytes]:
    """The process, leader of a session of its own, with nothing on its standard input and pipes on its outputs.

    Raises:
        OSError: the system refuses; ValueError: a word or a variable that no system accepts.
    """
    argv = words if limit.network else (*network.launcher(), *words)
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        found = shutil.which(argv[0], path=os.pathsep.join(os.get_exec_path(env)))
        argv = (found or argv[0], *argv[1:])
    return subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        **options,
    )


def unstarted(words: tuple[str, ...], error: Exception) -> Completed:
    """What is said of a child that the system refused to start."""
    name = Path(words[0]).name
    if isinstance(error, FileNotFoundError):
        status: Status = "NOT_INSTALLED"
        reason = f"the program that the first line of {name} names is not there"
    elif isinstance(error, PermissionError):
        status, reason = "NOT_INSTALLED", f"{name} may not be executed"
    elif isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        status, reason = "NOT_INSTALLED", f"{name} is no program of this machine"
    else:
        status, reason = "INTERNAL_ERROR", f"{name} could not be started: {error}"
    return Completed(argv=words, status=status, code=None, reason=reason)


def enforced(limit: Limits, group: Cgroup | str, denied: Enforced) -> tuple[Enforced, ...]:
    """What is in force over a child, in the order of `limits.NAMES`."""
    windows = sys.platform == "win32"
    memory = limits.unused("memory")
    if limit.memory is not None:
        by_kernel = " and held by the control group" if isinstance(group, Cgroup) and group.memory else ""
        memory = limits.held("memory", f"the tree is weighed every {MEMORY_TICK * 1000:.0f} ms{by_kernel}")
    return (
        limits.unused("wall") if limit.wall == float("inf") else limits.held("wall"),
        memory,
        limits.held("output"),
        denied,
        limits.held("group", "a process group of its own" if windows else "a session of its own"),
        limits.missing("cgroup_v2", group) if isinstance(group, str) else limits.held("cgroup_v2"),
        limits.missing(
            "job_object", "children are found by parentage and token instead" if windows else "only Windows has them"
        ),
    )
