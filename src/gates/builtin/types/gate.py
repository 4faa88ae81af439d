"""Types: the declaration of the gate, its settings, and what ties its parts together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gates.builtin.types.facts import TypesEvidence
from gates.builtin.types.rules import RULES
from gates.builtin.types.settings import TypesSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, Context, Gate, Inputs
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


CACHE = "./.gates/tools/types/mypy"
"""Where mypy keeps its cache, as a report shows it."""


class TypesGate(Gate[TypesSettings, TypesEvidence]):
    """mypy of the judged interpreter over the project and its tests."""

    name = "types"
    title = "mypy over the project and its tests"
    rules = RULES
    Settings = TypesSettings
    Evidence = TypesEvidence
    tools = ("mypy",)

    def applies(self, project: Project, settings: TypesSettings) -> Applies:
        """Where mypy is configured, or a development dependency."""
        # Imported when called: a gate that was selected needs no guess about the project's tools.
        from gates.config.tool_settings import mypy_configured

        del settings
        where = mypy_configured(project)
        if where is not None:
            return Applies(because=f"mypy is configured: {where}")
        from gates.config import other_tools

        if "mypy" in other_tools.development_dependencies(project):
            return Applies(because="mypy is a development dependency")
        return Applies(
            reason=Reason(
                code="not_configured",
                message="the project neither configures mypy nor lists it as a development dependency",
                fix="gates check types",
            )
        )

    def inputs(self, project: Project, settings: TypesSettings) -> Inputs:
        """Every file: mypy's `files` may name scripts without a suffix; the whole judged environment, for its stubs."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg"),
            project_distributions=None,
            environment=("MYPY*", "PYTHONPATH"),
        )

    def collect(self, context: Context[TypesSettings]) -> TypesEvidence | Refusal:
        """What mypy says."""
        # Imported when called: evidence from the cache needs no collector.
        from gates.builtin.types.collect import collect

        return collect(context)

    def decide(self, evidence: TypesEvidence, settings: TypesSettings, now: datetime) -> Decision:
        """Findings over the files that mypy checked."""
        from gates.builtin.types.decide import decide

        del settings, now
        return decide(evidence)

    def canaries(self) -> Iterable[Canary]:
        """One for each rule, in a file that mypy checks."""
        from gates.builtin.types.canaries import CANARIES

        return CANARIES

    def plan(self, project: Project, settings: TypesSettings) -> Iterable[Sequence[str]]:
        """The commands of a run, in so far as mypy finds something to check in each of the folders."""
        from gates.builtin.types import configuration, mypy, targets

        found = configuration.find(project.root, settings.config_file)
        if not settings.paths and not found.has_targets:
            own = targets.own(project)
            runs = [[*own, *(targets.left_out(project, own, ()) if settings.tests else ())]]
        else:
            chosen = (settings.paths, ()) if settings.paths else (found.files, found.modules)
            tests = targets.left_out(project, *chosen) if settings.tests else ()
            runs = [[*settings.paths], *([[*tests]] if tests else [])]
        return [["python", "-P", "-m", "mypy", *mypy.arguments(CACHE, found.options, run)] for run in runs]

    def explain(self, tool_rule: str, context: Context[TypesSettings]) -> str | None:
        """What mypy says of an error code, and where its documentation speaks of it."""
        from gates.builtin.types.explain import explain

        return explain(tool_rule, context)
