"""Policy: the declaration of the gate, and what ties its parts together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.policy.facts import PolicyEvidence
from gates.builtin.policy.rules import RULES
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, GateSettings, Inputs
from gates.model.rule import Rule
from gates.project.base import TARGETS

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class PolicySettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.policy]`. It has no settings of its own: a change could loosen them."""


class PolicyGate(Gate[PolicySettings, PolicyEvidence]):
    """The settings in force, the lines that call gates and what is excused, compared with the base commit."""

    name: ClassVar[str] = "policy"
    title: ClassVar[str] = "no change loosens what judges it"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = PolicySettings
    Evidence: ClassVar[type[Any]] = PolicyEvidence
    always: ClassVar[bool] = True
    of_change: ClassVar[bool] = True

    def applies(self, project: Project, settings: PolicySettings) -> Applies:
        """Always."""
        del project, settings
        return Applies(because="it is judged always")

    def inputs(self, project: Project, settings: PolicySettings) -> Inputs:
        """Every file: what calls gates may be in any of them, and whether a gate applies depends on all; the base."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=PARENTS,
            environment=tuple(name for name, _ in TARGETS),
            base=True,
        )

    def collect(self, context: Context[PolicySettings]) -> PolicyEvidence | Refusal:
        """What is in force, here and in the base."""
        # Imported when called: evidence from the cache needs no collector.
        from gates.builtin.policy.collect import collect

        return collect(context)

    def decide(self, evidence: PolicyEvidence, settings: PolicySettings, now: datetime) -> Decision:
        """Findings over the settings that were examined."""
        from gates.builtin.policy.decide import decide

        del settings, now
        return decide(evidence)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.policy.canaries import CANARIES

        return CANARIES


PARENTS = (
    ".coveragerc", ".mypy.ini", ".pytest.ini", ".pytest.toml", ".ruff.toml", "mypy.ini", "pyproject.toml",
    "pytest.ini", "pytest.toml", "ruff.toml", "setup.cfg", "tox.ini",
)  # fmt: skip
"""What the tools read in the folders above a project too."""
