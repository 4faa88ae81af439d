"""The gate `repro`: the same source gives the same bytes, wherever and whenever it is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.repro.facts import ReproEvidence
from gates.builtin.repro.rules import RULES
from gates.builtin.repro.settings import ReproSettings
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

DAY = 86_400.0


class ReproGate(Gate[ReproSettings, ReproEvidence]):
    """Whether wheel and source distribution are the same bytes under every factor, and as recorded and published."""

    name: ClassVar[str] = "repro"
    title: ClassVar[str] = "builds give the same bytes anywhere"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = ReproSettings
    Evidence: ClassVar[type[Any]] = ReproEvidence
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs", max_age=DAY)
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.repro.commands",)
    tools: ClassVar[tuple[str, ...]] = ("build",)

    def applies(self, project: Project, settings: ReproSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del project, settings
        message = "nobody asked for it: it installs the build backend and builds several times"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check repro"))

    def inputs(self, project: Project, settings: ReproSettings) -> Inputs:
        """The whole tree, the commit that SOURCE_DATE_EPOCH is taken from, and what pip is told by variables."""
        del project, settings
        return Inputs(
            globs=("**",),
            distributions=("build", "pyproject_hooks", "time-machine", "pip"),
            project_distributions=("pip", "time-machine"),
            environment=None,
            history=True,
        )

    def collect(self, context: Context[ReproSettings]) -> ReproEvidence | Refusal:
        """What each build made, and what makes them differ."""
        from gates.builtin.repro.collect import collect

        return collect(context)

    def decide(self, evidence: ReproEvidence, settings: ReproSettings, now: datetime) -> Decision:
        """Which artifacts differ, by what, and which factors nobody varied."""
        from gates.builtin.repro.decide import decide

        del now
        return decide(evidence, settings)

    def keeps(self, evidence: ReproEvidence, wish: Wish[ReproSettings]) -> Keeping:
        """The record of the hashes."""
        from gates.builtin.repro.record import keeps

        return keeps(evidence, wish)

    def tables(self, evidence: ReproEvidence, settings: ReproSettings) -> Mapping[str, Any]:
        """Artifacts with their differences, causes and cures, and the factors."""
        from gates.builtin.repro.tables import tables

        return tables(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.repro import canaries

        return canaries.CANARIES

    def sections(self, evidence: ReproEvidence, settings: ReproSettings, now: datetime) -> Iterable[Section]:
        """What differs between builds, with cause and cure, and what was varied."""
        from gates.builtin.repro import sections

        del now
        return sections.sections(evidence, settings)
