"""The gate `provenance`: who built what is released, from what, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.provenance.facts import ProvenanceEvidence
from gates.builtin.provenance.rules import RULES
from gates.builtin.provenance.settings import ProvenanceSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class ProvenanceGate(Gate[ProvenanceSettings, ProvenanceEvidence]):
    """Whether each artifact has a signed statement by whom the project trusts, of this commit, and of nothing else."""

    name: ClassVar[str] = "provenance"
    title: ClassVar[str] = "what is released is signed by who built it"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = ProvenanceSettings
    Evidence: ClassVar[type[Any]] = ProvenanceEvidence
    cache: ClassVar[CachePolicy] = CachePolicy(kind="never")
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.provenance.commands",)
    tools: ClassVar[tuple[str, ...]] = ("securesystemslib",)

    def applies(self, project: Project, settings: ProvenanceSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del project, settings
        message = "nobody asked for it: it verifies who signed what is released"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check provenance"))

    def inputs(self, project: Project, settings: ProvenanceSettings) -> Inputs:
        """The whole tree, the commit, and what a rehearsal builds with."""
        del project, settings
        return Inputs(
            globs=("**",),
            distributions=("build", "pip", "pypi-attestations", "pyproject_hooks", "securesystemslib", "sigstore"),
            project_distributions=("pip",),
            environment=None,
            history=True,
        )

    def collect(self, context: Context[ProvenanceSettings]) -> ProvenanceEvidence | Refusal:
        """What was signed, and by whom."""
        from gates.builtin.provenance.collect import collect

        return collect(context)

    def decide(self, evidence: ProvenanceEvidence, settings: ProvenanceSettings, now: datetime) -> Decision:
        """Every objection to it."""
        from gates.builtin.provenance.decide import decide

        return decide(evidence, settings, now)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.provenance.canaries import CANARIES

        return CANARIES
