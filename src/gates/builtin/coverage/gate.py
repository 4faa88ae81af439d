"""The gate `coverage`: judges what the tests run measured, or data files of a measurement made before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.coverage.facts import CoverageEvidence
from gates.builtin.coverage.rules import RULES
from gates.builtin.coverage.settings import CoverageSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.model.section import Section
    from gates.project.facts import Project

ABOVE = ("pyproject.toml",)
OPTION = "--cov-fail-under"
BASELINE = "gates-baseline/coverage.jsonl"


class CoverageGate(Gate[CoverageSettings, CoverageEvidence]):
    """Whether enough of the code ran: of everything, of what globs name, of each file, of the change."""

    name: ClassVar[str] = "coverage"
    title: ClassVar[str] = "the tests run the code, and what changed of it"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = CoverageSettings
    Evidence: ClassVar[type[Any]] = CoverageEvidence
    needs: ClassVar[tuple[str, ...]] = ("tests",)
    demands: ClassVar[Mapping[str, frozenset[str]]] = {"tests": frozenset({"coverage", "branches", "contexts"})}
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs")
    tools: ClassVar[tuple[str, ...]] = ("coverage",)
    recorded: ClassVar[tuple[str, ...]] = ("data",)

    def applies(self, project: Project, settings: CoverageSettings) -> Applies:
        """Where something says how much must run: a limit that coverage has, or a committed baseline."""
        from gates.config import tool_settings

        told = tool_settings.pytest_settings(project)
        if told is None and not project.layout.tests and not settings.data:
            message, fix = "there are no tests", "write a first test in tests/test_something.py"
            return Applies(reason=Reason(code="does_not_apply", message=message, fix=fix))
        words = "" if told is None else tool_settings.text_of(project.root / told.file) or ""
        # Asked first, since to find the limit itself takes longer than all the rest of a cached check.
        if OPTION in words or tool_settings.coverage_settings(project) is not None:
            from gates.config import limits

            held = limits.limit(project, "coverage", "fail_under")
            if held is not None:
                return Applies(because=f"coverage has a limit: {held.name}, {held.place}")
        if (project.root / BASELINE).is_file():
            return Applies(because=f"there is a baseline: {BASELINE}")
        message = "nothing says how much must run: there is no limit and no baseline"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates init"))

    def inputs(self, project: Project, settings: CoverageSettings) -> Inputs:
        """The whole tree, all that is installed, the environment (settings may name variables), and the base commit."""
        del project, settings
        return Inputs(globs=("**",), parents=ABOVE, project_distributions=None, environment=None, base=True)

    def reads(self, settings: CoverageSettings) -> Mapping[str, frozenset[str]]:
        """The tests, measured; nothing where the settings name data."""
        return {} if settings.data else dict(self.demands)

    def collect(self, context: Context[CoverageSettings]) -> CoverageEvidence | Refusal:
        """Which lines and branches ran, and which the change touched."""
        from gates.builtin.coverage.collect import collect

        return collect(context)

    def decide(self, evidence: CoverageEvidence, settings: CoverageSettings, now: datetime) -> Decision:
        """Whether each limit is met, and each changed function ran."""
        from gates.builtin.coverage.decide import decide

        del now
        return decide(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.coverage import canaries

        return canaries.CANARIES

    def merge(self, parts: Sequence[CoverageEvidence]) -> CoverageEvidence | Refusal:
        """The whole suite's evidence out of its shards'."""
        from gates.builtin.coverage import merge

        return merge.merge(parts)

    def join(self, lanes: Mapping[str, CoverageEvidence]) -> CoverageEvidence | Refusal:
        """The evidence of all lanes as that of one run."""
        from gates.builtin.coverage import merge

        return merge.join(lanes)

    def today(self, evidence: CoverageEvidence) -> Mapping[str, Any]:
        """Today's total, in whole percent, as the limit."""
        from gates.builtin.coverage import figures

        held = figures.total(evidence.files.items, counted=evidence.counted)
        return {"total": int(held.percent)} if held.of else {}

    def tables(self, evidence: CoverageEvidence, settings: CoverageSettings) -> Mapping[str, Any]:
        """Folders and files, worst first, and the change."""
        del settings
        from gates.builtin.coverage.tables import tables

        return tables(evidence)

    def sections(self, evidence: CoverageEvidence, settings: CoverageSettings, now: datetime) -> Iterable[Section]:
        """Folders and files with what ran of each, and the change."""
        from gates.builtin.coverage import sections

        del settings, now
        return sections.sections(evidence)
