"""The gate `trace`: what documents claim, joined with the tests that really ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.rules import RULES
from gates.builtin.trace.settings import TraceSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.trace.readers.found import Reader
    from gates.model.canary import Canary
    from gates.model.section import Section
    from gates.project.facts import Project


class TraceGate(Gate[TraceSettings, TraceEvidence]):
    """Whether each requirement has its tests, and whatever is called done has one that passed."""

    name: ClassVar[str] = "trace"
    title: ClassVar[str] = "requirements have tests, and what is done is shown by one that passed"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = TraceSettings
    Evidence: ClassVar[type[Any]] = TraceEvidence
    needs: ClassVar[tuple[str, ...]] = ("tests",)
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs")
    commands: ClassVar[tuple[str, ...]] = ("gates.builtin.trace.commands",)
    recorded: ClassVar[tuple[str, ...]] = ("junit",)
    readers: tuple[Reader, ...] = ()
    """Readers of plugins, beside those that are built in."""
    first: frozenset[str] = frozenset()
    """The names of those that are asked before the built-in ones."""

    def applies(self, project: Project, settings: TraceSettings) -> Applies:
        """Where its table names a document; nobody can know which of a project's documents are meant."""
        del project
        if settings.every():
            return Applies(because=f"[tool.gates.trace] names {settings.every()[0]}")
        message = "[tool.gates.trace] names no document with requirements"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates trace DOCUMENT"))

    def inputs(self, project: Project, settings: TraceSettings) -> Inputs:
        """The whole tree, since documents name files anywhere in it, and the base commit."""
        del project, settings
        return Inputs(globs=("**",), base=True)

    def reads(self, settings: TraceSettings) -> Mapping[str, frozenset[str]]:
        """The tests, measured one by one where it is asked which code they ran; none where they are not asked."""
        if not settings.tests:
            return {}
        return {"tests": frozenset({"coverage", "contexts"}) if settings.contexts else frozenset()}

    def collect(self, context: Context[TraceSettings]) -> TraceEvidence | Refusal:
        """The items of all documents, all tests, and what joins them."""
        from gates.builtin.trace.collect import collect
        from gates.builtin.trace.readers import registry

        return collect(context, registry.ordered(self.readers, self.first))

    def decide(self, evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Decision:
        """What is claimed and not shown."""
        from gates.builtin.trace.decide import decide

        return decide(evidence, settings, now)

    def tables(self, evidence: TraceEvidence, settings: TraceSettings) -> Mapping[str, Any]:
        """Items with their tests, commands and files."""
        from gates.builtin.trace.tables import tables

        return tables(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.trace import canaries

        return canaries.CANARIES

    def today(self, evidence: TraceEvidence) -> Mapping[str, Any]:
        """Today's number of items as the least."""
        return {"least": evidence.items.count}

    def plan(self, project: Project, settings: TraceSettings) -> Iterable[Sequence[str]]:
        """It starts no command: the tests run for the gate `tests`."""
        del project, settings
        return ()

    def sections(self, evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Iterable[Section]:
        """The matrix: each item with what its tests show."""
        from gates.builtin.trace import sections

        return sections.sections(evidence, settings, now)
