"""The gate `workflows`: workflows and actions do what CI is relied on for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.workflows.facts import WorkflowsEvidence
from gates.builtin.workflows.rules import RULES
from gates.builtin.workflows.settings import WorkflowsSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class WorkflowsGate(Gate[WorkflowsSettings, WorkflowsEvidence]):
    """Reads workflows and actions as GitHub would, and has zizmor and check-jsonschema look at them, offline."""

    name: ClassVar[str] = "workflows"
    title: ClassVar[str] = "workflows run what they promise, pinned, and lose no failure"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = WorkflowsSettings
    Evidence: ClassVar[type[Any]] = WorkflowsEvidence
    tools: ClassVar[tuple[str, ...]] = ("check-jsonschema", "zizmor")

    def applies(self, project: Project, settings: WorkflowsSettings) -> Applies:
        """Where the project has a table for it."""
        from gates.project.documents import table, text_of, toml

        del settings
        own = text_of(project.root, "gates.toml")
        asked = toml(own, "gates.toml") if own is not None else table(project.pyproject, "tool", "gates")
        if self.name in asked:
            return Applies(because="it has a table of its own")
        message = "nobody asked for it: it has zizmor look at every workflow"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check workflows"))

    def inputs(self, project: Project, settings: WorkflowsSettings) -> Inputs:
        """Every file: a script in any of them may be what runs the tests, and keys are hashes of files."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=("pyproject.toml", "setup.cfg", "tox.ini"),
            distributions=("check-jsonschema", "pyyaml", "zizmor"),
            environment=("ZIZMOR_CONFIG",),
        )

    def collect(self, context: Context[WorkflowsSettings]) -> WorkflowsEvidence | Refusal:
        """What the workflows do, and what tools say of them."""
        from gates.builtin.workflows.collect import collect

        return collect(context)

    def decide(self, evidence: WorkflowsEvidence, settings: WorkflowsSettings, now: datetime) -> Decision:
        """What is wrong with them."""
        from gates.builtin.workflows.decide import decide

        del now
        return decide(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.workflows.canaries import CANARIES

        return CANARIES
