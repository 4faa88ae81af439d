"""Lint: the declaration of the gate, its settings, and what ties its parts together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gates.builtin.lint.facts import LintEvidence
from gates.builtin.lint.rules import RULES
from gates.builtin.lint.settings import LintSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, Inputs
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


CACHE = ("--cache-dir", "./.gates/tools/lint/ruff")
"""Where ruff keeps its cache, as a report shows it."""


class LintGate(Gate[LintSettings, LintEvidence]):
    """ruff of gates' own environment over the project's files."""

    name = "lint"
    title = "ruff check, and ruff format where the project formats with ruff"
    rules = RULES
    Settings = LintSettings
    Evidence = LintEvidence
    tools = ("ruff",)

    def applies(self, project: Project, settings: LintSettings) -> Applies:
        """Where ruff is configured, or a development dependency."""
        # Imported when called: a gate that was selected needs no guess about the project's tools.
        from gates.config.tool_settings import ruff_configured

        del settings
        where = ruff_configured(project)
        if where is not None:
            return Applies(because=f"ruff is configured: {where}")
        from gates.config import other_tools

        if "ruff" in other_tools.development_dependencies(project):
            return Applies(because="ruff is a development dependency")
        return Applies(
            reason=Reason(
                code="not_configured",
                message="the project neither configures ruff nor lists it as a development dependency",
                fix="gates check lint",
            )
        )

    def inputs(self, project: Project, settings: LintSettings) -> Inputs:
        """Every file: ruff may be told to look at any of them, and what formats the project is written in many."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=("pyproject.toml", "ruff.toml", ".ruff.toml", ".gitignore", ".ignore"),
            distributions=("ruff",),
            environment=("RUFF_*",),
        )

    def collect(self, context: Context[LintSettings]) -> LintEvidence | Refusal:
        """What ruff says."""
        # Imported when called: evidence from the cache needs no collector.
        from gates.builtin.lint.collect import collect

        return collect(context)

    def decide(self, evidence: LintEvidence, settings: LintSettings, now: datetime) -> Decision:
        """Findings over the files that ruff examined."""
        from gates.builtin.lint.decide import decide

        del now
        return decide(evidence, settings.format)

    def canaries(self) -> Iterable[Canary]:
        """One for each rule, fitted to what the project selects."""
        from gates.builtin.lint.canaries import CANARIES

        return CANARIES

    def plan(self, project: Project, settings: LintSettings) -> Iterable[Sequence[str]]:
        """The commands of a run; where `lint.exclude` is set, one more asks what it leaves."""
        from gates.builtin.lint import configuration, ruff
        from gates.config import other_tools

        paths = settings.paths or (".",)
        config = configuration.options(project.root, project.tree.files, settings.config_file)
        tool = ("python", "-P", "-m", "ruff")
        commands = [ruff.list_command(tool, config, paths)]
        if settings.format or (settings.format is None and other_tools.ruff_formats(project) is not None):
            commands.append(ruff.format_command(tool, CACHE, config, paths))
        commands.append(ruff.check_command(tool, CACHE, config, paths))
        return [*commands, ruff.settings_command(tool, config, paths)]

    def explain(self, tool_rule: str, context: Context[LintSettings]) -> str | None:
        """What `ruff rule` says of a code or a rule's name."""
        from gates.builtin.lint.explain import explain

        return explain(tool_rule, context)
