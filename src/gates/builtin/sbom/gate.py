"""The gate `sbom`: a bill of materials that says what is there, all of it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.sbom.facts import SbomEvidence
from gates.builtin.sbom.rules import RULES
from gates.builtin.sbom.settings import SbomSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class SbomGate(Gate[SbomSettings, SbomEvidence]):
    """Makes a CycloneDX document of what is locked or installed, or takes one, and judges it against its source."""

    name: ClassVar[str] = "sbom"
    title: ClassVar[str] = "the bill of materials is whole, says enough, and has no licence that is denied"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = SbomSettings
    Evidence: ClassVar[type[Any]] = SbomEvidence
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs")
    tools: ClassVar[tuple[str, ...]] = ("cyclonedx-bom",)
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.sbom.commands",)

    def applies(self, project: Project, settings: SbomSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del project, settings
        message = "nobody asked for it: it reads the whole environment and validates a document of it"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates sbom"))

    def inputs(self, project: Project, settings: SbomSettings) -> Inputs:
        """The tree with its lock files, all that is installed, and the commit whose time the document has."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=("pyproject.toml",),
            distributions=("cyclonedx-bom", "cyclonedx-python-lib", "jsonschema", "packaging"),
            project_distributions=None,
            environment=("SOURCE_DATE_EPOCH",),
            history=True,
        )

    def plan(self, project: Project, settings: SbomSettings) -> Iterable[Sequence[str]]:
        """The tool's command, where a document is made."""
        del project
        return () if settings.document else (("python", "-P", "-m", "cyclonedx_py", settings.source),)

    def collect(self, context: Context[SbomSettings]) -> SbomEvidence | Refusal:
        """The document and its source."""
        from gates.builtin.sbom.collect import collect

        return collect(context)

    def decide(self, evidence: SbomEvidence, settings: SbomSettings, now: datetime) -> Decision:
        """What is wrong with it."""
        from gates.builtin.sbom.decide import decide

        return decide(evidence, settings, now)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.sbom.canaries import CANARIES

        return CANARIES

    def tables(self, evidence: SbomEvidence, settings: SbomSettings) -> Mapping[str, Any]:
        """What `gates sbom` shows."""
        from gates.builtin.sbom.tables import tables

        return tables(evidence, settings)
