"""Circumstances: what a decision depends on beside evidence and settings, and what of it a run asked for.

The committed baselines, what git says was moved, what the proofs say, and which project it is. A run asks disk and git
and remembers every answer; a replay answers from what was remembered, and asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from gates.config import baseline as committed
from gates.config.baseline import Baseline, BaselineError
from gates.model.reason import Reason, ReasonCode
from gates.model.report import ProjectFacts
from gates.project.moves import Moves

if TYPE_CHECKING:
    from gates.engine.request import Request
    from gates.model.gate import Gate, Shard
    from gates.project.facts import Project


class Circumstances(Protocol):
    """Whoever knows them."""

    def project(self) -> ProjectFacts:
        """Name, commit and scope of what is judged."""

    def baseline(self, gate: str) -> Baseline | None:
        """The committed baseline of a gate, or None where it has none.

        Raises:
            BaselineError: it cannot be used.
        """

    def moves(self, gate: str) -> Moves:
        """What was moved since the baseline of a gate was last changed."""

    def unproved(self, gate: Gate[Any, Any], tools: Mapping[str, str]) -> Reason | None:
        """Why the proofs do not vouch for a gate that was judged with these tools, or None."""


class Unusable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a baseline could not be used."""

    code: ReasonCode
    message: str
    path: str
    line: int | None


class Consulted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was asked for and what the answer was, by gate; a gate without a baseline is in neither table of them."""

    project: ProjectFacts
    baselines: Mapping[str, Baseline]
    unusable: Mapping[str, Unusable]
    moves: Mapping[str, Moves]
    proofs: Mapping[str, Reason | None]


class Present:
    """The circumstances as disk and git have them now; each answer is remembered."""

    def __init__(self, request: Request, now: datetime) -> None:
        """Those of the project of a request; proofs must be young enough as of `now`."""
        self._request = request
        self._now = now
        self._baselines: dict[str, Baseline] = {}
        self._unusable: dict[str, Unusable] = {}
        self._moves: dict[str, Moves] = {}
        self._proofs: dict[str, Reason | None] = {}

    def project(self) -> ProjectFacts:
        """Name, commit and scope of what is judged."""
        return self._project

    def baseline(self, gate: str) -> Baseline | None:
        """The baseline as it is in the project.

        Raises:
            BaselineError: the file is damaged, foreign or of another version.
        """
        try:
            found = committed.read(self._request.project.root, gate)
        except BaselineError as error:
            self._unusable[gate] = Unusable(
                code=error.code, message=error.message, path=error.path or "", line=error.line
            )
            raise
        if found is not None:
            self._baselines[gate] = found
        return found

    def moves(self, gate: str) -> Moves:
        """What git says, which is asked once."""
        if gate not in self._moves:
            self._moves[gate] = History(self._request.project, gate).moves
        return self._moves[gate]

    def unproved(self, gate: Gate[Any, Any], tools: Mapping[str, str]) -> Reason | None:
        """What the receipts of `gates prove` say."""
        self._proofs[gate.name] = _unproved(self._request, gate, tools, self._now)
        return self._proofs[gate.name]

    def consulted(self) -> Consulted:
        """All that was asked until now."""
        return Consulted(
            project=self._project,
            baselines=self._baselines,
            unusable=self._unusable,
            moves=self._moves,
            proofs=self._proofs,
        )

    @cached_property
    def _project(self) -> ProjectFacts:
        return project_facts(self._request.project, self._request.shard)


class Past:
    """The circumstances of an earlier run, as it remembered them.

    What nobody asked then is answered so that nothing becomes better by it: no file was moved, and nothing was proved.
    """

    def __init__(self, consulted: Consulted) -> None:
        """Those that the run consulted."""
        self._consulted = consulted

    def project(self) -> ProjectFacts:
        """The project as it was."""
        return self._consulted.project

    def baseline(self, gate: str) -> Baseline | None:
        """The baseline as it was.

        Raises:
            BaselineError: it could not be used then.
        """
        unusable = self._consulted.unusable.get(gate)
        if unusable is not None:
            raise BaselineError(unusable.message, path=unusable.path, line=unusable.line, code=unusable.code)
        return self._consulted.baselines.get(gate)

    def moves(self, gate: str) -> Moves:
        """What git said then."""
        return self._consulted.moves.get(gate, Moves())

    def unproved(self, gate: Gate[Any, Any], tools: Mapping[str, str]) -> Reason | None:
        """What the proofs said then."""
        del tools
        name = gate.name
        if name in self._consulted.proofs:
            return self._consulted.proofs[name]
        message = f"that run did not ask for the proofs of {name}"
        return Reason(code="evidence_missing", message=message, fix=f"gates prove {name}")


class History(msgspec.Struct, frozen=True, dict=True):
    """What was moved since the baseline of a gate was last changed; asked of git when it is needed, and once.

    That commit and not the base of the change, since a rename that was merged long ago is none of the change's.
    """

    project: Project
    gate: str

    @cached_property
    def moves(self) -> Moves:
        """Renames and deletions; none where there is no git, or no commit."""
        from gates.project import moves

        git = self.project.git
        if git is None or git.head is None:
            return moves.Moves()
        return moves.since(git, moves.written(git, committed.name(self.gate)) or git.head)


def project_facts(project: Project, shard: Shard | None) -> ProjectFacts:
    """Name, commit and scope of what is judged."""
    git = project.git
    return ProjectFacts(
        name=project.name,
        commit=None if git is None else git.head,
        dirty=None if git is None else git.dirty(),
        scope="full" if shard is None else {"shard": str(shard)},
    )


def _unproved(request: Request, gate: Gate[Any, Any], tools: Mapping[str, str], now: datetime) -> Reason | None:
    from gates.engine import proofs

    config = request.config
    rules = [rule.code for rule in proofs.judged_rules(gate, config)]
    standing = proofs.standing(gate, config, request.revisions, tools)
    if request.has_committed_state:
        return proofs.untrusted(gate.name)
    return proofs.lacking(request.project.root, standing, [*rules, proofs.STARVED], now, config.prove.max_age or 0)
