"""Rebuilding: an artifact built under the circumstances that most releases are built under."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gates.builtin.built import hooks, source
from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.built.hooks import Command, Limits
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

UMASK = "import os, sys; os.umask(0o022); os.execv(sys.argv[1], sys.argv[1:])"
FIXED = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANGUAGE": "", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


def rebuilt(
    context: Context[ReproSettings], environment: Environment, system: System, kind: Kind, epoch: int, place: Path
) -> Artifact | Reason:
    """What a build of the source in the new folder `place` makes: umask 022, UTC, files 0644 or 0755.

    Raises:
        ProjectError: the source cannot be copied.
        GitError: git failed.
    """
    place.mkdir()
    copy = place / "source"
    root = source.write(context.project, copy)
    with_normal_modes(copy)

    def started(command: Command) -> Command:
        env = {**command.env, **FIXED, "SOURCE_DATE_EPOCH": str(epoch)}
        # Windows has no umask, and no exec that keeps the process.
        wrapped = () if sys.platform == "win32" else (str(environment.python), "-I", "-c", UMASK)
        return replace(command, argv=(*wrapped, *command.argv), env=env)

    settings = context.settings
    return hooks.build(
        context,
        environment,
        system,
        root,
        place / "out",
        kind,
        starter=started,
        config_settings=settings.config_settings,
        limits=Limits(seconds=settings.build_timeout, disk=settings.disk * 1024**2),
    )


def with_normal_modes(top: Path) -> None:
    """Give folders and files below `top` the permission bits of a clone under umask 022."""
    for folder, _, names in os.walk(top):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
