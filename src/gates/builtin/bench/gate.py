"""The gate `bench`: base and head are measured side by side, or head against the history of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.bench.facts import BenchEvidence
from gates.builtin.bench.rules import RULES
from gates.builtin.bench.settings import BenchSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.model.keeping import Keeping, Wish
    from gates.model.section import Section
    from gates.project.facts import Project

TOOLS = ("pytest-benchmark", "pytest-codspeed")
"""Plugins that a project installs only because it has benchmarks."""


class BenchGate(Gate[BenchSettings, BenchEvidence]):
    """Whether the change made any benchmark slower than its limit allows, and each keeps to its budget."""

    name: ClassVar[str] = "bench"
    title: ClassVar[str] = "the change makes nothing slower"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = BenchSettings
    Evidence: ClassVar[type[Any]] = BenchEvidence
    exclusive: ClassVar[bool] = True
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs")
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.bench.commands",)
    recorded: ClassVar[tuple[str, ...]] = ("data",)
    tools: ClassVar[tuple[str, ...]] = ("pytest", "pytest-vltair")

    def applies(self, project: Project, settings: BenchSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del settings
        tool = next((tool for word in _words(project.pyproject) for tool in TOOLS if word.startswith(tool)), None)
        though = "" if tool is None else f", though pyproject.toml lists {tool}"
        message = f"nobody asked for it{though}: it takes the machine for itself"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check bench"))

    def inputs(self, project: Project, settings: BenchSettings) -> Inputs:
        """The whole tree, all that is installed, the environment, and the base commit."""
        del project, settings
        return Inputs(
            globs=("**",), parents=("pyproject.toml",), project_distributions=None, environment=None, base=True
        )

    def collect(self, context: Context[BenchSettings]) -> BenchEvidence | Refusal:
        """What each benchmark took, on both sides."""
        from gates.builtin.bench.collect import collect

        return collect(context)

    def decide(self, evidence: BenchEvidence, settings: BenchSettings, now: datetime) -> Decision:
        """Which benchmarks are slower than they may be, and which nobody can judge."""
        from gates.builtin.bench.decide import decide

        del now
        return decide(evidence, settings)

    def keeps(self, evidence: BenchEvidence, wish: Wish[BenchSettings]) -> Keeping:
        """The history with a run more."""
        from gates.builtin.bench.stored import keeping

        return keeping.keeps(evidence, wish)

    def tables(self, evidence: BenchEvidence, settings: BenchSettings) -> Mapping[str, Any]:
        """Benchmarks with their changes, what could not be compared, budgets, costs, and the control."""
        from gates.builtin.bench.judging.tables import tables

        return tables(evidence, settings)

    def sections(self, evidence: BenchEvidence, settings: BenchSettings, now: datetime) -> Iterable[Section]:
        """The changes with their intervals, what was not compared, and budgets."""
        from gates.builtin.bench import sections

        del now
        return sections.sections(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.bench import canaries

        return canaries.CANARIES


def _words(value: Any) -> Iterator[str]:
    """The keys and texts in a document; to read what they mean costs a run without work more than it is worth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        yield from (word for one in value.values() for word in _words(one))
    elif isinstance(value, list):
        yield from (word for one in value for word in _words(one))
