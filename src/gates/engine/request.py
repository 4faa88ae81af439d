"""Request: what the user asked of one run, and what follows from that alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import state
from gates.engine.observer import Observer, Silent
from gates.model.evidence import Refusal
from gates.model.gate import Gate, Shard
from gates.model.reason import Reason
from gates.process import interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from gates.config.settings import Config
    from gates.process.interpreter import Interpreter
    from gates.process.redact import Redactor
    from gates.project.base import Base
    from gates.project.facts import Project


class Request(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the user asked for; flags are already part of `config` where configuration can say the same.

    `home` is the root of the workspace whose record is kept, None where the project stands alone.
    """

    project: Project
    gates: Mapping[str, Gate[Any, Any]]
    config: Config
    environ: Mapping[str, str]
    named: tuple[str, ...] = ()
    python: str | None = None
    base: str | None = None
    shard: Shard | None = None
    offline: bool = False
    use_cache: bool = True
    with_baseline: bool = True
    as_of: datetime | None = None
    allow_undecided: tuple[str, ...] = ()
    approve: tuple[tuple[str, str], ...] = ()
    attended: bool = True
    revisions: Mapping[str, str] = msgspec.field(default_factory=dict)
    home: Path | None = None
    observer: Observer = msgspec.field(default_factory=Silent)

    @cached_property
    def judged_python(self) -> Interpreter | Refusal:
        """The judged interpreter, or why there is none; looked for once."""
        return chosen_python(self)

    @cached_property
    def redactor(self) -> Redactor:
        """The redactor that the configuration asks for."""
        from gates.process.redact import redactor

        return redactor(self.environ, profile=self.config.redact.profile, patterns=self.config.redact.patterns)

    @cached_property
    def base_commit(self) -> Base | Reason:
        """The commit that a change is compared with, or why there is none; looked for once.

        What the command line or the environment says goes before the CI's target, and what the file says after it: a
        change could write there whatever suits it.
        """
        from gates.project import base

        written = "base" not in self.config.origins and self.base is not None and self.base == self.config.base
        return base.resolve(
            self.project.git,
            flag=None if written else self.base,
            configured=self.base if written else None,
            environ=self.environ,
        )

    @cached_property
    def has_committed_state(self) -> bool:
        """Whether git tracks something in `.gates/`: evidence that came with the change is no evidence."""
        folder = self.project.root / state.FOLDER
        if not any((folder / name).is_dir() for name in ("receipts", "proofs")):
            return False
        return self.project.git is not None and self.project.git.tracks(state.FOLDER)


def chosen_python(request: Request) -> Interpreter | Refusal:
    """The judged interpreter, or why there is none."""
    chosen = interpreter.choose(
        request.project.root,
        flag=request.python,
        configured=request.config.python,
        environ=request.environ,
        state=request.project.root / state.FOLDER,
    )
    return Refusal(chosen) if isinstance(chosen, Reason) else chosen
