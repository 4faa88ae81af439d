"""The gate `tests`: runs the suite once, through pytest_vltair, for every gate that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.suite import READ_ABOVE
from gates.builtin.tests.rules import RULES
from gates.builtin.tests.settings import TestsSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.model.tested import TestsEvidence

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project

DAY = 86_400.0


class TestsGate(Gate[TestsSettings, TestsEvidence]):
    """Whether every selected test ran here, on this tree, and none failed."""

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for tests

    name: ClassVar[str] = "tests"
    title: ClassVar[str] = "the tests pass, and all of them ran"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = TestsSettings
    Evidence: ClassVar[type[Any]] = TestsEvidence
    offers: ClassVar[frozenset[str]] = frozenset({"coverage", "branches", "contexts", "warnings"})
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs", max_age=DAY)
    tools: ClassVar[tuple[str, ...]] = ("pytest", "pytest-vltair")
    recorded: ClassVar[tuple[str, ...]] = ("record",)

    def applies(self, project: Project, settings: TestsSettings) -> Applies:
        """Where there are tests, those of a workspace's members left to them, or pytest is configured."""
        del settings
        if project.own.tests:
            return Applies(because=f"there are tests in {project.own.tests[0]}")
        from gates.config.tool_settings import pytest_configured

        where = pytest_configured(project)
        if where is not None:
            return Applies(because=f"pytest is configured: {where}")
        return Applies(
            reason=Reason(
                code="does_not_apply",
                message="there are no tests, and pytest is not configured",
                fix="write a first test in tests/test_something.py",
            )
        )

    def inputs(self, project: Project, settings: TestsSettings) -> Inputs:
        """The whole tree, the whole environment, and pytest's configuration above the project."""
        del project, settings
        return Inputs(
            globs=("**",),
            parents=READ_ABOVE,
            project_distributions=None,
            environment=None,
        )

    def collect(self, context: Context[TestsSettings]) -> TestsEvidence | Refusal:
        """What a run of the suite proved."""
        from gates.builtin.tests.collect import collect

        return collect(context)

    def decide(self, evidence: TestsEvidence, settings: TestsSettings, now: datetime) -> Decision:
        """Bad outcomes, missing outcomes, and reasons why good ones prove nothing."""
        from gates.builtin.tests.decide import decide

        del now
        return decide(
            evidence,
            max_warnings=settings.max_warnings,
            packages=settings.packages,
            allow_installed=settings.allow_installed,
            run_all=settings.run_all,
        )

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.tests import canaries

        return canaries.CANARIES

    def plan(self, project: Project, settings: TestsSettings) -> Iterable[Sequence[str]]:
        """The command line of the run, without coverage and shards; none for a recorded run."""
        from gates.builtin.tests.collect import RECORD, arguments

        del project
        if settings.record is not None:
            return ()
        return (("python", "-P", "-m", "pytest", *arguments(settings, f"$SCRATCH/{RECORD}", None, None)),)

    def merge(self, parts: Sequence[TestsEvidence]) -> TestsEvidence | Refusal:
        """The whole suite's evidence out of its shards'."""
        from gates.builtin.tests import merge

        return merge.merge(parts)

    def join(self, lanes: Mapping[str, TestsEvidence]) -> TestsEvidence | Refusal:
        """Every lane's evidence side by side: each must be green, and together they must run every test."""
        from gates.builtin.tests.lanes import join

        return join(lanes)

    def today(self, evidence: TestsEvidence) -> Mapping[str, Any]:
        """Today's number of warnings as the limit."""
        return {"max-warnings": sum(one.times for one in evidence.warnings.items)}
