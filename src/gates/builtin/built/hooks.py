"""Hooks: one PEP 517 hook in a process of its own under limits, and the one file that it must leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.built.artifact import Artifact, Kind
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.model.gate import Context


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The command line, folder and variables (added to those of the run) of a hook's process."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


Starter = Callable[[Command], Command]
"""What changes how a hook's process is started: wraps it, or sets more variables."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for one hook, and bytes that it may write into the folders that it was given."""

    seconds: float = 600.0
    disk: int = 2 * 1024**3


def build(
    context: Context[Any],
    environment: Environment,
    system: System,
    source: Path,
    out: Path,
    kind: Kind,
    *,
    starter: Starter = lambda command: command,
    config_settings: Mapping[str, Any] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    watched: Sequence[Path] = (),
) -> Artifact | Reason:
    """The artifact that the hook for `kind` made of `source` in the folder `out`, or one sentence why there is none.

    A backend that is missing, raises, hangs, fills the disk limit over `source`, `out` and `watched`, returns a name
    that is not there, or leaves more than one artifact ends in a reason.
    """
    raise NotImplementedError
