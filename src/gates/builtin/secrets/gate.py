"""The gate `secrets`: no secret is in the files, nor in a commit of the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.secrets.facts import SecretsEvidence
from gates.builtin.secrets.rules import RULES
from gates.builtin.secrets.settings import SecretsSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class SecretsGate(Gate[SecretsSettings, SecretsEvidence]):
    """Has detect-secrets look at every tracked file, and at every version of a file in the commits of the change."""

    name: ClassVar[str] = "secrets"
    title: ClassVar[str] = "no secret is in the files or in the change, and what looks like one was audited"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = SecretsSettings
    Evidence: ClassVar[type[Any]] = SecretsEvidence
    tools: ClassVar[tuple[str, ...]] = ("detect-secrets",)

    def applies(self, project: Project, settings: SecretsSettings) -> Applies:
        """Where the project has a table for it."""
        from gates.project.documents import table, text_of, toml

        del settings
        own = text_of(project.root, "gates.toml")
        asked = toml(own, "gates.toml") if own is not None else table(project.pyproject, "tool", "gates")
        if self.name in asked:
            return Applies(because="it has a table of its own")
        message = "nobody asked for it: it looks for secrets in every file and commit"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check secrets"))

    def inputs(self, project: Project, settings: SecretsSettings) -> Inputs:
        """Every file, the commits from the base to HEAD, and what says that this is a pull request."""
        from gates.project.base import TARGETS

        del project, settings
        return Inputs(
            globs=("**",),
            distributions=("detect-secrets",),
            environment=tuple(name for name, _ in TARGETS),
            base=True,
            history=True,
        )

    def collect(self, context: Context[SecretsSettings]) -> SecretsEvidence | Refusal:
        """What looks like a secret, and what the baseline says of it."""
        from gates.builtin.secrets.collect import collect

        return collect(context)

    def decide(self, evidence: SecretsEvidence, settings: SecretsSettings, now: datetime) -> Decision:
        """What nobody has audited, and what is one."""
        from gates.builtin.secrets.decide import decide

        del settings, now
        return decide(evidence)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.secrets.canaries import CANARIES

        return CANARIES
