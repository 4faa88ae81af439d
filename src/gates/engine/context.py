"""Context: the only way from a gate to the world, and the account of what it did there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import state
from gates.engine.observer import Observer
from gates.model.evidence import Facts, Refusal
from gates.model.gate import Gate, Shard
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.engine.scratch import Scratch
    from gates.process.completed import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.redact import Redactor
    from gates.process.register import Cancel
    from gates.process.tools import Tool
    from gates.project.facts import Project


THROWAWAY = re.compile(r"(\$SCRATCH/)vltair-\d+-(?=\d)")
"""The process in the name of a throwaway folder, which is another one in each run."""

PORT = re.compile(r"(\b127\.0\.0\.1:)\d+")
"""The port of a server on this machine, which is another one in each run."""

OUTPUT_LIMIT = 32 * 1024 * 1024
"""Bytes of one stream that are kept of what a tool prints, where the gate asks for no other limit."""


class Keeping(msgspec.Struct, frozen=True):
    """Where recorded runs are kept for the record, below the folder `.gates` of `root`, and how strictly cleaned."""

    root: Path
    strict: bool


class World(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What every gate of one run shares."""

    project: Project
    python: Interpreter | Refusal
    find_base: Callable[[], str | None]
    shard: Shard | None
    offline: bool
    environ: Mapping[str, str]
    find_redactor: Callable[[], Redactor]
    scratch: Scratch
    revisions: Mapping[str, str] = msgspec.field(default_factory=dict)
    find_no_base: Callable[[], Reason | None] = lambda: None
    gates: Mapping[str, Gate[Any, Any]] = msgspec.field(default_factory=dict)
    keeping: Keeping | None = None
    observer: Observer

    @cached_property
    def base(self) -> str | None:
        """The base commit, looked up when the first gate asks: it takes several calls of git."""
        return self.find_base()

    @cached_property
    def redactor(self) -> Redactor:
        """What hides secrets, made when there is something to hide them in."""
        return self.find_redactor()


class _Either(msgspec.Struct, frozen=True):
    """Set as soon as one of two is."""

    one: Cancel
    other: Cancel

    def is_set(self) -> bool:
        """Whether one of them is."""
        return self.one.is_set() or self.other.is_set()


class GateContext(msgspec.Struct, kw_only=True):
    """A gate's view of the world; one object per gate and run, used by one thread."""

    gate: str
    settings: Any
    world: World
    demanded: frozenset[str] = frozenset()
    sharded: bool = False
    needs: Mapping[str, Facts] = msgspec.field(default_factory=dict)
    needed: Mapping[str, Any] = msgspec.field(default_factory=dict)
    cancel: threading.Event = msgspec.field(default_factory=threading.Event)
    tools: dict[str, str] = msgspec.field(default_factory=dict)
    commands: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    unkept: str | None = None
    recording: str | None = None

    @property
    def project(self) -> Project:
        """The project under judgement."""
        return self.world.project

    @property
    def python(self) -> Interpreter | Refusal:
        """The judged interpreter, or why there is none."""
        return self.world.python

    @property
    def base(self) -> str | None:
        """The base commit, or None where there is none."""
        return self.world.base

    @property
    def no_base(self) -> Reason | None:
        """Why there is no base commit."""
        return self.world.find_no_base()

    @property
    def gates(self) -> Mapping[str, Gate[Any, Any]]:
        """Every gate of this run by name."""
        return self.world.gates

    @property
    def shard(self) -> Shard | None:
        """The part of the work that this machine was asked for."""
        return self.world.shard if self.sharded else None

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of this run."""
        return self.world.environ

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        return self.world.redactor.text(text)

    @property
    def offline(self) -> bool:
        """Whether the user forbade network calls."""
        return self.world.offline

    @property
    def scratch(self) -> Path:
        """An empty directory of this gate's, outside the project, removed when the run ends."""
        return self.world.scratch.folder(self.gate)

    @property
    def state(self) -> Path:
        """A directory of this gate's that outlives the run; the scratch directory where the project is read-only."""
        try:
            return state.folder(self.project.root, "tools", self.gate)
        except OSError:
            return self.scratch

    def tool(
        self, name: str, *, module: str | None = None, distribution: str | None = None, judged: bool = False
    ) -> Tool | Refusal:
        """A tool of gates' own environment, or of the judged one, or a refusal that says how to install it."""
        from gates.process.tools import Tool, find

        interpreter = self.python if judged else None
        if isinstance(interpreter, Refusal):
            return interpreter
        found = find(
            name,
            module=module or name,
            distribution=distribution or name,
            interpreter=interpreter,
            root=self.project.root,
            environ=self.world.environ,
        )
        if not isinstance(found, Tool):
            return Refusal(found)
        self.tools[name] = found.version
        return found

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output_limit: int | None = None,
        cancel: Cancel | None = None,
        network: bool = True,
        loopback: bool = False,
    ) -> Completed:
        """Run a command to its end, within what is left of the gate's own time unless `timeout` (seconds) is less."""
        from gates.process import child

        shown = self._shown(argv)
        if shown not in self.commands:
            self.commands.append(shown)
        wall = min(timeout or self.settings.timeout, self.settings.timeout)
        limits = child.Limits(
            wall=wall, output=output_limit or OUTPUT_LIMIT, network=network and (loopback or not self.offline)
        )
        return child.run(
            argv,
            cwd=cwd or self.project.root,
            env=child.environment(self.world.environ, env or {}),
            limits=limits,
            cancel=self.cancel if cancel is None else _Either(self.cancel, cancel),
            redactor=self.world.redactor,
        )

    def progress(self, text: str) -> None:
        """Say what is going on."""
        self.world.observer.progressed(self.gate, self.redact(text))

    def volatile(self, why: str) -> None:
        """Forbid that the evidence of this run is used again."""
        self.unkept = why

    def record(self, path: Path) -> None:
        """Keep a recorded run without secrets and personal data, where a record is kept; a failure to is only said."""
        keeping = self.world.keeping
        if keeping is None:
            return
        from gates.engine import recordings

        try:
            self.recording = recordings.keep(path, keeping, self.world.redactor)
        except (OSError, ValueError) as error:
            self.progress(f"the recorded run is not kept: {getattr(error, 'strerror', None) or error}")

    def _shown(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The command line as a report shows it: the same on every machine, so without absolute paths."""
        shown = tuple(self._portable(word) for word in argv)
        if shown and Path(argv[0]).stem.startswith(("python", "pypy")):
            return ("python", *shown[1:])
        return shown

    def _portable(self, word: str) -> str:
        for folder, name in ((self.scratch, "$SCRATCH"), (self.project.root, ".")):
            word = word.replace(str(folder), name)
        word = PORT.sub(r"\1$PORT", THROWAWAY.sub(r"\1", word))
        return self.world.redactor.text(word)
