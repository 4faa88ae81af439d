"""Deciding again: the judgement that follows from grounds and stored evidence, and from nothing else.

No tool is run, git is not asked, and of the project's files only those of its own modules of gates are imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates import __version__
from gates.config import settings, source
from gates.engine import failure, joining, mishap, session, state
from gates.engine.circumstances import Past
from gates.engine.collection import Collected, decode
from gates.engine.grounds import Grounds, JudgedGate, Place, ProjectGrounds
from gates.engine.joined import Joined
from gates.engine.plan import Plan, Planned
from gates.engine.request import Request
from gates.engine.runner import Outcome
from gates.engine.session import Judgement
from gates.errors import GatesError, UsageError
from gates.model.decision import Decision
from gates.model.evidence import sha256
from gates.model.reason import Reason
from gates.plugins import manager
from gates.project.facts import Project
from gates.record.replay import supposed
from gates.record.replay.replayable import ReplayError
from gates.record.replay.supposed import Change

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.plugins.hookspecs import Renderer
    from gates.plugins.manager import Registry


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again.

    `renderers` are the plugins' formats, `lost` the reasons of gates whose evidence is not what it was, and `notes` say
    what else is not as it was then.
    """

    judged: Judgement | Joined
    renderers: Mapping[str, Renderer]
    lost: tuple[Reason, ...]
    notes: tuple[str, ...]


def again(root: Path, grounds: Grounds, changes: Sequence[Change] = (), as_of: datetime | None = None) -> Again:
    """The judgement on these grounds below `root`; with `changes` of settings, or as of another moment.

    Raises:
        ReplayError: a gate is not installed any more, or the settings cannot be read by this version.
        UsageError: a change is of what the run did not judge, or has a value of the wrong type.
    """
    supposed.refuse_strangers(grounds, changes)
    deciding = [
        _Deciding(root, place, place.grounds, supposed.about(place, changes), as_of)
        for place in grounds.places
        if place.grounds is not None
    ]
    judgements = {one.place.project: one.judgement() for one in deciding}
    notes = [note for one in deciding for note in one.notes]
    if grounds.gates_version != __version__:
        notes.append(f"it was decided by gates {grounds.gates_version}; this is {__version__}")
    return Again(
        judged=_joined(grounds, judgements),
        renderers={name: render for one in deciding for name, render in one.renderers.items()},
        lost=tuple(reason for one in deciding for reason in one.lost),
        notes=tuple(dict.fromkeys(notes)),
    )


class _Deciding:
    """One project; `lost`, `notes` and `renderers` are filled as its judgement is made."""

    def __init__(
        self, root: Path, place: Place, grounds: ProjectGrounds, changes: Sequence[Change], as_of: datetime | None
    ) -> None:
        self.root = root / place.project
        self.place = place
        self.grounds = grounds
        self.changes = changes
        self.now = as_of or grounds.now
        self.lost: list[Reason] = []
        self.notes: list[str] = []
        self.renderers: Mapping[str, Renderer] = {}

    def judgement(self) -> Judgement:
        registry, config = self._settings()
        self.renderers = registry.renderers
        request = Request(
            project=Project(root=self.root, name=self.grounds.consulted.project.name),
            gates={name: registry.gates[name] for name, _ in self.grounds.registered},
            revisions=registry.revisions,
            config=config,
            # What was secret in the environment then is nowhere in the evidence, and what is now was not hidden then.
            environ={},
            with_baseline=self.grounds.with_baseline,
            shard=self.grounds.shard,
            as_of=self.now,
            allow_undecided=self.grounds.allow_undecided,
            approve=self.grounds.approve,
        )
        held = {one.name: one for one in self.grounds.judged}
        plan = Plan(
            planned=tuple(
                Planned(gate=request.gates[one.name], settings=config.gates[one.name], because=one.because)
                for one in self.grounds.judged
            ),
            not_judged=self.grounds.not_judged,
        )
        outcomes = {one.gate.name: self._outcome(one, held[one.gate.name], request) for one in plan.planned}
        run = failure.run_facts(self.grounds.now, tuple(config.notes))
        report = session.concluded(request, plan, outcomes, self.now, Past(self.grounds.consulted), lambda _: run)
        return Judgement(
            report=report,
            request=request,
            plan=plan,
            outcomes=outcomes,
            now=self.now,
            consulted=self.grounds.consulted,
        )

    def _settings(self) -> tuple[Registry, Config]:
        """The gates as they are installed now, and the settings as they were, with the changes in them."""
        written = self.grounds.settings
        try:
            given = source.of(written.path, written.text)
            changed, origins = supposed.applied(given, self.changes)
            registry = manager.registry(settings.plugins(given), self.root, commands=settings.commands(changed))
            self._compare(registry)
            config = _resolved(changed, registry)
        except UsageError:
            raise
        except GatesError as error:
            if self.changes:
                raise UsageError(f"{supposed.OPTION} cannot be meant: {error.message}") from error
            raise ReplayError(f"the run cannot be decided again here: {error}") from error
        return registry, msgspec.structs.replace(config, origins=origins)

    def _compare(self, registry: Registry) -> None:
        """Refuse to go on without a gate that there was, and note what has other code now."""
        for name, revision in self.grounds.registered:
            if name not in registry.gates:
                raise ReplayError(f"the gate {name} was there then, and is not installed now")
            if registry.revisions.get(name, "") != revision:
                self.notes.append(f"the code of the gate {name} is not what it was")

    def _outcome(self, planned: Planned, held: JudgedGate, request: Request) -> Outcome:
        got = Collected(reason=held.reason, tools=held.tools, commands=held.commands)
        if held.evidence is None:
            return Outcome(planned=planned, collected=got, decision=held.decision)
        facts = self._facts(planned, held.evidence)
        if isinstance(facts, Reason):
            self.lost.append(facts)
            return Outcome(planned=planned, collected=msgspec.structs.replace(got, reason=facts), decision=None)
        decided: Decision | Reason = mishap.decide(
            planned.gate, facts, planned.settings, self.now, root=self.root, redactor=lambda: request.redactor
        )
        if isinstance(decided, Reason):
            return Outcome(planned=planned, collected=Collected(reason=decided), decision=None)
        whole = msgspec.structs.replace(got, facts=facts, digest=held.evidence)
        return Outcome(planned=planned, collected=whole, decision=decided)

    def _facts(self, planned: Planned, digest: str) -> Any:
        """The evidence of a gate under its digest, or why there is none any more."""
        gate = planned.gate.name
        shown = f"the evidence of {gate} ({digest[:12]})"
        fix = f"gates check {gate}"
        try:
            data = (self.root / state.FOLDER / "evidence" / f"{digest}.json").read_bytes()
        except FileNotFoundError:
            message = f"{shown} is gone; the last that was used is kept, and it is not among it"
            return Reason(code="evidence_missing", message=message, fix=fix)
        except OSError as error:
            message = f"{shown} cannot be read: {error.strerror or error}"
            return Reason(code="unreadable", message=message, fix=fix)
        if sha256(data) != digest:
            return Reason(code="evidence_corrupt", message=f"{shown} is damaged: its digest does not match", fix=fix)
        try:
            return decode(planned.gate.Evidence, data)
        except (msgspec.MsgspecError, RecursionError) as error:
            message = f"{shown} does not decode with this version of the gate: {error}"
            return Reason(code="schema_version_mismatch", message=message, fix=fix)


def _resolved(given: source.Source, registry: Registry) -> Config:
    return settings.resolve(
        given,
        {name: gate.Settings for name, gate in registry.gates.items()},
        environ={},
        flags={},
        rules=tuple(registry.rules),
        unwaivable=registry.unwaivable,
        former=registry.former,
    )


def _joined(grounds: Grounds, judgements: Mapping[str, Judgement]) -> Judgement | Joined:
    if grounds.workspace is None:
        return judgements[joining.ROOT]
    parts = tuple(
        joining.Part(
            project=one.project,
            name=one.name,
            report=judgements[one.project].report if one.project in judgements else None,
            owed=one.owed,
            aside=one.aside,
            left=one.left,
        )
        for one in grounds.places
    )
    report = joining.join(parts, grounds.workspace, chosen=grounds.chosen)
    return Joined(report=report, judgements=judgements, name=grounds.workspace, parts=parts, chosen=grounds.chosen)
