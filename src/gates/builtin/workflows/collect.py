"""Collect: what zizmor and check-jsonschema say of workflows, and what the workflows themselves do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.workflows.facts import Cached, Complaint, Lost, Tested, Unknown, WorkflowsEvidence
from gates.builtin.workflows.reading import caching, losing, place, runs, testers, testing, uses, wanted
from gates.builtin.workflows.reading.place import Place
from gates.builtin.workflows.reading.runs import Run
from gates.builtin.workflows.saying import schema, zizmor
from gates.builtin.workflows.saying.zizmor import Audit
from gates.errors import GatesError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project import documents, wiring

if TYPE_CHECKING:
    from gates.builtin.workflows.settings import WorkflowsSettings
    from gates.model.gate import Context
    from gates.process.tools import Tool

TOOLS = {"check-jsonschema": "check_jsonschema", "zizmor": "zizmor"}
"""Names of distributions, and the modules that start them; zizmor is a program and has none."""


def collect(context: Context[WorkflowsSettings]) -> WorkflowsEvidence | Refusal:
    """All that can be seen; what could not be is a reason in it, so that what is wrong elsewhere is said anyway."""
    tools: dict[str, Tool] = {}
    for name, module in TOOLS.items():
        tool = context.tool(name, module=module)
        if isinstance(tool, Refusal):
            return tool
        tools[name] = tool
    if context.environ.get(zizmor.CONFIG):
        message = f"{zizmor.CONFIG} puts {context.environ[zizmor.CONFIG]} in the place of the project's own zizmor.yml"
        return refuse("tool_config_invalid", context.redact(message), f"unset {zizmor.CONFIG}")
    try:
        held = place.find(context.project, context.settings.exclude)
        if not held.names:
            message = "there is no workflow in .github/workflows and no action.yml"
            return refuse(
                "nothing_examined", message, "write .github/workflows/ci.yml, or take away [tool.gates.workflows]"
            )
        if held.up:
            context.volatile("the workflows are outside of the project")
        evidence = _Survey(context=context, tools=tools, place=held).evidence()
    except GatesError as error:
        return refuse("unreadable", str(error), "gates check workflows -v")
    if evidence.undecided.count:
        context.volatile("a part of the evidence is missing")
    return evidence


@dataclass(kw_only=True)
class _Survey:
    """One look at the workflows; `reasons` gathers what could not be seen."""

    context: Context[WorkflowsSettings]
    tools: dict[str, Tool]
    place: Place
    reasons: list[Reason] = field(default_factory=list)

    def evidence(self) -> WorkflowsEvidence:
        held, context = self.place, self.context
        invalid = [*self.broken(), *self.invalid()]
        # What GitHub does without, zizmor does without too: it says itself what it does not load.
        named = {one.path for one in invalid if one.severity != schema.TOLERATED}
        audit = self.audit([name for name in held.texts if held.shown(name) not in named])
        self.reasons += losing.unread(held)
        all_runs = list(runs.of(held.workflows))
        cached = list(caching.of(held, [one for one in all_runs if isinstance(one, Run)]))
        tested = list(dict.fromkeys(testing.of(held, all_runs, self.testers())))
        return WorkflowsEvidence.sealed(
            files=counted(held.shown(name) for name in held.names),
            audited=counted(held.shown(name) for name in audit.audited),
            complaints=counted((*invalid, *self.unloaded(audit), *audit.found)),
            ignored=audit.ignored,
            lost=counted(self.clean(losing.lost(held))),
            unchecked=counted(losing.unchecked(held)),
            caches=counted(
                msgspec.structs.replace(one, key=context.redact(one.key)) for one in cached if isinstance(one, Cached)
            ),
            uses=counted(uses.of(held)),
            tested=counted(one for one in tested if isinstance(one, Tested)),
            unknown=counted(
                msgspec.structs.replace(one, why=context.redact(one.why))
                for one in (*cached, *tested)
                if isinstance(one, Unknown)
            ),
            wanted=counted(wanted.of(context.project, context.settings)),
            has_tests=bool(context.project.layout.tests),
            undecided=counted(self.reasons),
        )

    def broken(self) -> Iterator[Complaint]:
        """The files that are not text, or not YAML."""
        for one in self.place.broken:
            yield msgspec.structs.replace(
                schema.made(self.place, one.path, self.context.redact(one.why), one.line), tool="gates", code="yaml"
            )

    def invalid(self) -> Iterable[Complaint]:
        names = [os.fspath(name) for name in self.place.workflows]
        self.context.progress(f"{len(names)} workflows and actions by their schemas")
        found = schema.check(self.context, self.tools["check-jsonschema"], self.place, names)
        if isinstance(found, Reason):
            self.reasons.append(found)
            return []
        return [msgspec.structs.replace(one, message=self.context.redact(one.message)) for one in found]

    def audit(self, names: list[str]) -> Audit:
        """What zizmor says of the files that are workflows and actions by their schemas."""
        if not names:
            return Audit((), (), 0)
        self.context.progress(f"zizmor over {len(names)} files")
        found = zizmor.audit(self.context, self.tools["zizmor"].argv, self.place, names)
        if isinstance(found, Reason):
            self.reasons.append(found)
            return Audit((), (), 0)
        return found

    def unloaded(self, audit: Audit) -> Iterator[Complaint]:
        for name, why in audit.refused:
            made = schema.made(self.place, name, self.context.redact(f"zizmor does not load it: {why}"), None)
            yield msgspec.structs.replace(made, tool="zizmor", code="not-loaded")

    def clean(self, found: Iterable[Lost]) -> Iterator[Lost]:
        for one in found:
            yield msgspec.structs.replace(one, text=self.context.redact(one.text), why=self.context.redact(one.why))

    def testers(self) -> testers.Testers:
        """What of the project runs its tests, beside the workflows."""
        root = self.place.root
        names = [name for name in self.place.tree.files if not name.startswith(".github/") and wiring.handles(name)]
        wires = wiring.read(root, names).wires
        texts: dict[str, str] = {}
        for path in {one.path for one in wires if one.runner}:
            try:
                texts[path] = documents.text_of(root, path) or ""
            except GatesError:
                continue
        return testers.find(wires, texts)
