"""The gate `determinism`: judges what the tests run recorded, and starts a run of its own only where it is asked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.determinism.facts import DeterminismEvidence
from gates.builtin.determinism.rules import LEAK, RULES
from gates.builtin.determinism.settings import KINDS, DeterminismSettings
from gates.builtin.determinism.words import nearest
from gates.builtin.suite import READ_ABOVE
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project

DAY = 86_400.0


class DeterminismGate(Gate[DeterminismSettings, DeterminismEvidence]):
    """Whether the run held still what makes runs differ, and no test was flaky or left anything behind."""

    name: ClassVar[str] = "determinism"
    title: ClassVar[str] = "a run repeats, and no test leaves anything behind"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = DeterminismSettings
    Evidence: ClassVar[type[Any]] = DeterminismEvidence
    needs: ClassVar[tuple[str, ...]] = ("tests",)
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs", max_age=DAY)
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.determinism.commands",)

    def applies(self, project: Project, settings: DeterminismSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del settings
        if not project.layout.tests:
            from gates.config.tool_settings import pytest_configured

            if pytest_configured(project) is None:
                message, fix = "there are no tests", "write a first test in tests/test_something.py"
                return Applies(reason=Reason(code="does_not_apply", message=message, fix=fix))
        message = "nobody asked for it: it wants a pytest that holds still what makes runs differ"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check determinism"))

    def inputs(self, project: Project, settings: DeterminismSettings) -> Inputs:
        """What the tests read: the whole tree, the whole environment, pytest's configuration above the project."""
        del project, settings
        return Inputs(globs=("**",), parents=READ_ABOVE, project_distributions=None, environment=None)

    def collect(self, context: Context[DeterminismSettings]) -> DeterminismEvidence | Refusal:
        """What the tests run says, and what a reversed run says where that is asked for."""
        from gates.builtin.determinism.collect import collect

        return collect(context)

    def decide(self, evidence: DeterminismEvidence, settings: DeterminismSettings, now: datetime) -> Decision:
        """What was not held, what leaked, and which tests do not end the same each time."""
        from gates.builtin.determinism.decide import decide

        del now
        return decide(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.determinism import canaries

        return canaries.CANARIES

    def plan(self, project: Project, settings: DeterminismSettings) -> Iterable[Sequence[str]]:
        """The command line of the reversed run, without the arguments of the tests; none without one."""
        from gates.builtin.determinism.screen import RECORD, REVERSED
        from gates.builtin.suite import running

        del project
        if settings.screen == "off":
            return ()
        return (("python", "-P", "-m", "pytest", *running.arguments(REVERSED, f"$SCRATCH/{RECORD}")),)

    def explain(self, tool_rule: str, context: Context[DeterminismSettings]) -> str | None:
        """What a kind of leak (`leak:environment`) is."""
        del context
        tool, colon, kind = tool_rule.partition(":")
        if tool != "leak" or not colon:
            return None
        more = f"This is one of the kind `{kind}`. The same of every kind: gates explain DET003"
        if kind not in KINDS:
            known = nearest(kind, KINDS) or "."
            more = f"pytest_vltair has no kind `{kind}` by itself{known} A plugin may have brought it."
        return f"{LEAK.summary} {more}\n\n{LEAK.explanation}\n\nFix: {LEAK.fix}"

    def merge(self, parts: Sequence[DeterminismEvidence]) -> DeterminismEvidence | Refusal:
        """The whole suite's evidence out of its shards'."""
        from gates.builtin.determinism import merge

        return merge.merge(parts)

    def join(self, lanes: Mapping[str, DeterminismEvidence]) -> DeterminismEvidence | Refusal:
        """Every lane's evidence side by side: each must hold by itself."""
        from gates.builtin.determinism import merge

        return merge.join(lanes)
