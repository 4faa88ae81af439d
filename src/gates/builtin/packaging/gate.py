"""The gate `packaging`: wheel and source distribution are what users need, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.packaging.facts import PackagingEvidence
from gates.builtin.packaging.rules import RULES
from gates.builtin.packaging.settings import PackagingSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project

DAY = 86_400.0


class PackagingGate(Gate[PackagingSettings, PackagingEvidence]):
    """Builds what a release consists of, and looks at it as an index, an installer and a user would."""

    name: ClassVar[str] = "packaging"
    title: ClassVar[str] = "what is released is whole, installable, and nothing else"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = PackagingSettings
    Evidence: ClassVar[type[Any]] = PackagingEvidence
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs", max_age=DAY)
    tools: ClassVar[tuple[str, ...]] = ("twine", "check-wheel-contents", "validate-pyproject")
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.released.commands",)

    def applies(self, project: Project, settings: PackagingSettings) -> Applies:
        """Where the project has a table for it; it installs the build backend, so that nobody gets it unasked."""
        from gates.project.documents import table, text_of, toml

        del settings
        own = text_of(project.root, "gates.toml")
        asked = toml(own, "gates.toml") if own is not None else table(project.pyproject, "tool", "gates")
        if self.name in asked:
            return Applies(because="it has a table of its own")
        message = "nobody asked for it: it installs the build backend, builds, and installs the wheel"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check packaging"))

    def inputs(self, project: Project, settings: PackagingSettings) -> Inputs:
        """The whole tree, what is tagged, and what pip is told by variables."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=("pyproject.toml", "tox.ini", "setup.cfg", "check-wheel-contents.cfg"),
            distributions=("build", "check-wheel-contents", "packaging", "pip", "twine", "validate-pyproject"),
            project_distributions=("pip",),
            environment=None,
            history=True,
        )

    def collect(self, context: Context[PackagingSettings]) -> PackagingEvidence | Refusal:
        """What was built, and what tools and trials said of it."""
        from gates.builtin.packaging.collect import collect

        return collect(context)

    def decide(self, evidence: PackagingEvidence, settings: PackagingSettings, now: datetime) -> Decision:
        """What is wrong with it."""
        from gates.builtin.packaging.decide import decide

        return decide(evidence, settings, now)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.packaging.canaries import CANARIES

        return CANARIES
