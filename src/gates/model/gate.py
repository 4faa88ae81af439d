"""Gate: the contract between the engine and a gate, built in or from a third party."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar

import msgspec

from gates.model.canary import Canary
from gates.model.decision import Decision
from gates.model.evidence import Facts, Refusal, same
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.model.shard import Shard
from gates.model.strictness import stricter

if TYPE_CHECKING:
    from gates.model.keeping import Keeping, Wish
    from gates.model.section import Section
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.register import Cancel
    from gates.process.tools import Tool
    from gates.project.facts import Project

__all__ = ["Applies", "CachePolicy", "Context", "Gate", "GateSettings", "Inputs", "Shard"]


class GateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Base of every gate's settings: one table `[tool.gates.NAME]`; each field says what it does by `Meta`."""

    timeout: Annotated[
        float,
        msgspec.Meta(gt=0, description="Seconds after which the gate is ended and undecided.", extra=stricter("free")),
    ] = 1800.0
    max_age: Annotated[
        float | None,
        msgspec.Meta(description="Seconds for which evidence may be used again; 0 for never.", extra=stricter("lower")),
    ] = None


S = TypeVar("S", bound=GateSettings)
E = TypeVar("E", bound=Facts)
S_co = TypeVar("S_co", bound=GateSettings, covariant=True)


class Applies(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a gate applies to a project nobody configured it for: `reason` is None, or why not.

    `because` is one clause for `check --plan`: "[tool.ruff] is in pyproject.toml".
    """

    reason: Reason | None = None
    because: str = ""


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a gate reads: what its cache key, staleness and proof are about.

    `globs` are relative to the project's root (`**` crosses directories); `parents` are names of configuration files
    that count in the directories above it too; `distributions` are looked up in gates' own environment,
    `project_distributions` in the judged one (None: all of them); `environment` are names of variables (None: all
    but those that change with every shell); `base`: the base commit is read; `history`: HEAD and the tags are.
    """

    globs: tuple[str, ...] = ("**",)
    parents: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    project_distributions: tuple[str, ...] | None = ()
    environment: tuple[str, ...] | None = ()
    base: bool = False
    history: bool = False


class CachePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Whether evidence may be used again while the inputs are the same, and for how many seconds (None: no limit)."""

    kind: Literal["never", "inputs"] = "inputs"
    max_age: float | None = None


class Context(Protocol[S_co]):
    """What `collect` may use; the only way from a gate to the world."""

    @property
    def project(self) -> Project:
        """The project under judgement."""

    @property
    def settings(self) -> S_co:
        """The gate's resolved settings."""

    @property
    def python(self) -> Interpreter | Refusal:
        """The judged interpreter, or why there is none."""

    @property
    def needs(self) -> Mapping[str, Facts]:
        """Evidence of the gates named in `needs`."""

    @property
    def needed(self) -> Mapping[str, Any]:
        """Settings of the gates named in `needs`."""

    @property
    def demanded(self) -> frozenset[str]:
        """Facilities that other gates ask of this one."""

    @property
    def base(self) -> str | None:
        """The base commit, or None where there is none."""

    @property
    def no_base(self) -> Reason | None:
        """Why there is no base commit, or None where there is one."""

    @property
    def gates(self) -> Mapping[str, Gate[Any, Any]]:
        """Every gate that there is in this run, judged or not, by name."""

    @property
    def shard(self) -> Shard | None:
        """The part of the work that this machine was asked for."""

    @property
    def scratch(self) -> Path:
        """An empty directory outside the project, removed when the run ends."""

    @property
    def state(self) -> Path:
        """A directory of this gate's under `.gates/`, kept between runs; nothing in it is ever trusted."""

    @property
    def offline(self) -> bool:
        """Whether the user forbade network calls."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of this run; gates read variables here and nowhere else."""

    def redact(self, text: str) -> str:
        """`text` without secrets: for what a gate reads from a file that a tool wrote."""

    def tool(
        self, name: str, *, module: str | None = None, distribution: str | None = None, judged: bool = False
    ) -> Tool | Refusal:
        """A tool of gates' own environment, or of the judged one; a refusal that says how to install it if absent."""

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
        """Run a command to its end under limits, or until `cancel`; the report has each command line once.

        Without `network` it has none; where that cannot be had it is not started, and its status is SANDBOX_DENIED.
        With `loopback` it talks to a server of this very process and is told of nothing else: offline it is started
        all the same, since a network of its own would hide that server from it.
        """

    def progress(self, text: str) -> None:
        """Say what is going on, for whoever watches."""

    def volatile(self, why: str) -> None:
        """Forbid that the evidence of this run is used again."""

    def record(self, path: Path) -> None:
        """Keep a recorded run of pytest for the record of the project, where one is kept."""


class Gate(Generic[S, E]):
    """Base class of gates; subclasses fill in `name`, `title`, `rules`, `Settings`, `Evidence` and the methods."""

    name: ClassVar[str]
    title: ClassVar[str]
    rules: ClassVar[tuple[Rule, ...]]
    Settings: ClassVar[type[Any]] = GateSettings
    Evidence: ClassVar[type[Any]]
    needs: ClassVar[tuple[str, ...]] = ()
    demands: ClassVar[Mapping[str, frozenset[str]]] = {}
    offers: ClassVar[frozenset[str]] = frozenset()
    exclusive: ClassVar[bool] = False
    always: ClassVar[bool] = False
    """Judged whatever is selected, ignored or named; where nothing else is judged, nothing is."""
    cache: ClassVar[CachePolicy] = CachePolicy()
    of_change: ClassVar[bool] = False
    """Judges a change only: over how much depends on the change, so that no baseline can say how much it should be."""
    tools: ClassVar[tuple[str, ...]] = ()
    commands: ClassVar[tuple[str, ...]] = ()
    recorded: ClassVar[tuple[str, ...]] = ()
    """Settings that name evidence taken before; a proof takes them out, so that the gate looks for itself."""

    def applies(self, project: Project, settings: S) -> Applies:
        """Whether the gate is judged when nobody selected it (DESIGN: which gates are judged)."""
        raise NotImplementedError

    def inputs(self, project: Project, settings: S) -> Inputs:
        """What the gate reads."""
        raise NotImplementedError

    def reads(self, settings: S) -> Mapping[str, frozenset[str]]:
        """The gates whose evidence it reads under these settings, with the facilities that it asks of each."""
        del settings
        return {name: self.demands.get(name, frozenset()) for name in self.needs}

    def collect(self, context: Context[S]) -> E | Refusal:
        """Facts from the world; the only place with I/O."""
        raise NotImplementedError

    def decide(self, evidence: E, settings: S, now: datetime) -> Decision:
        """Findings and measures; pure, total and deterministic."""
        raise NotImplementedError

    def canaries(self) -> Iterable[Canary]:
        """For each rule a way to break a project so that the rule must fire."""
        raise NotImplementedError

    def plan(self, project: Project, settings: S) -> Iterable[Sequence[str]]:
        """The command lines that `collect` would start, for `check --plan`; starts nothing."""
        del project, settings
        return ()

    def explain(self, tool_rule: str, context: Context[S]) -> str | None:
        """What the tool itself says of its own code (`ruff:F401`), or None when it knows no such code."""
        del tool_rule, context
        return None

    def merge(self, parts: Sequence[E]) -> E | Refusal:
        """One evidence out of shards' evidence, for `gates merge`; a refusal where parts are missing or foreign."""
        raise NotImplementedError

    def join(self, lanes: Mapping[str, E]) -> E | Refusal:
        """One evidence out of that of all lanes, by name; unless a gate knows better, it must be the same in each."""
        return same(self.name, lanes)

    def today(self, evidence: E) -> Mapping[str, Any]:
        """Settings that hold the figures of `evidence` as limits, for `gates init`."""
        del evidence
        return {}

    def keeps(self, evidence: E, wish: Wish[S]) -> Keeping | None:
        """What `gates baseline` writes, for a gate with a baseline of its own form; None for findings and figures."""
        del evidence, wish
        return None

    def tables(self, evidence: E, settings: S) -> Mapping[str, Any]:
        """The rows that the gate's own command shows, in plain values; none for a gate without one."""
        del evidence, settings
        return {}

    def sections(self, evidence: E, settings: S, now: datetime) -> Iterable[Section]:
        """Tables and pictures beside the findings, for formats that have the room; pure, as `decide` is."""
        del evidence, settings, now
        return ()
