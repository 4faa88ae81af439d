"""Grounds: what a run was decided on beside its evidence, as one value that is kept under its digest.

With the evidence that they name, a run can be decided again with nothing of the project at hand. Schema version 1, in
canonical JSON, in `.gates/grounds/SHA256.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from gates import __version__
from gates.engine import state
from gates.engine.circumstances import Consulted
from gates.engine.session import Judgement
from gates.model.decision import Decision
from gates.model.evidence import encode, sha256
from gates.model.gate import Shard
from gates.model.reason import Reason
from gates.model.report import NotJudged

if TYPE_CHECKING:
    from gates.config.source import Source
    from gates.engine.joined import Joined
    from gates.engine.runner import Outcome
    from gates.process.redact import Redactor

SCHEMA_VERSION = 1
FOLDER = "grounds"
KEPT = 512
"""Grounds of that many runs, the newest, at most `SIZE` bytes of them; a sixteenth more before some are removed."""
SIZE = 64 << 20
ROOT = "."
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
SECRET = "its settings hold a secret"  # noqa: S105 - a sentence


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings as they were written: the file, None where there was none, and its text."""

    path: str | None
    text: str


class JudgedGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A judged gate: the digest of its evidence, or the reason why it has none.

    `decision` is there where it was not made on one piece of evidence.
    """

    name: str
    because: str
    evidence: Digest | None
    reason: Reason | None
    decision: Decision | None
    tools: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...]


class ProjectGrounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one project was decided on; `registered` are the gates there were, with the revision of their code."""

    now: datetime
    settings: Written
    registered: tuple[tuple[str, str], ...]
    judged: tuple[JudgedGate, ...]
    not_judged: tuple[NotJudged, ...]
    consulted: Consulted
    with_baseline: bool
    shard: Shard | None
    allow_undecided: tuple[str, ...]
    approve: tuple[tuple[str, str], ...]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project of a workspace by its folder, as `gates.engine.joining.Part` has it; `.` where it is the only one."""

    project: str
    name: str
    grounds: ProjectGrounds | None
    owed: bool = True
    aside: bool = False
    left: tuple[NotJudged, ...] = ()


class Grounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run was decided on; `workspace` is the name of one, None where one project was judged by itself.

    Where they may not be kept, `refused` says why, and there is nothing else in them.
    """

    schema_version: int
    gates_version: str
    workspace: str | None = None
    chosen: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    refused: str = ""


def keep(root: Path, judged: Judgement | Joined) -> str | None:
    """The digest under which the grounds of a judgement are kept below `root`; None where they cannot be written.

    Evidence that they name counts as used now, so that it is among the last to be removed.
    """
    try:
        data = encode(_grounds(judged))
        digest = sha256(data)
        path = state.folder(root, FOLDER) / f"{digest}.json"
        if not state.used(path):
            state.write(path, data)
            # Once in sixteen times: to look at each of 512 files costs more than to write one.
            if digest.startswith("0"):
                state.prune(path.parent, KEPT, SIZE)
    except (OSError, ValueError, TypeError):
        # Of anybody's gate there may be what is no JSON; the verdict stands, and the run is not replayable.
        return None
    for judgement in judged.judgements.values():
        _touch(judgement)
    return digest


def _grounds(judged: Judgement | Joined) -> Grounds:
    if isinstance(judged, Judgement):
        grounds = _of(judged)
        return _whole(Place(project=ROOT, name=judged.report.project.name, grounds=grounds))
    places = (
        Place(
            project=one.project,
            name=one.name,
            owed=one.owed,
            aside=one.aside,
            left=one.left,
            grounds=None if one.aside else _of(judged.judgements[one.project]),
        )
        for one in judged.parts
    )
    return _whole(*places, workspace=judged.name, chosen=judged.chosen)


def _whole(*places: Place, workspace: str | None = None, chosen: tuple[str, ...] = ()) -> Grounds:
    """The grounds of a run; but for the reason nothing of them where a project's may not be kept."""
    if any(one.grounds is None and not one.aside for one in places):
        return Grounds(schema_version=SCHEMA_VERSION, gates_version=__version__, refused=SECRET)
    return Grounds(
        schema_version=SCHEMA_VERSION, gates_version=__version__, workspace=workspace, chosen=chosen, places=places
    )


def _of(judgement: Judgement) -> ProjectGrounds | None:
    """The grounds of one project; None where a secret is in them."""
    request = judgement.request
    source, redactor = request.config.source, request.redactor
    text = _shown(source, redactor)
    if text is None:
        return None
    judged = tuple(_judged(judgement.outcomes[one.gate.name]) for one in judgement.plan.judged)
    held = encode([judgement.consulted, [one.decision for one in judged if one.decision is not None]])
    if redactor.data(held) != held:
        return None
    return ProjectGrounds(
        now=judgement.now,
        settings=Written(path=source.path, text=text),
        registered=tuple((name, request.revisions.get(name, "")) for name in request.gates),
        judged=judged,
        not_judged=judgement.report.not_judged,
        consulted=judgement.consulted,
        with_baseline=request.with_baseline,
        shard=request.shard,
        allow_undecided=request.allow_undecided,
        approve=request.approve,
    )


def _judged(outcome: Outcome) -> JudgedGate:
    got = outcome.collected
    return JudgedGate(
        name=outcome.planned.gate.name,
        because=outcome.planned.because,
        evidence=got.digest,
        reason=got.reason,
        decision=outcome.decision if got.digest is None else None,
        tools=got.tools,
        commands=got.commands,
    )


def _shown(source: Source, redactor: Redactor) -> str | None:
    """The text of the settings without a secret: all of it, or what of it is gates' own; None where that has one."""
    if redactor.text(source.text) == source.text:
        return source.text
    own = source.own_text()
    return own if own is not None and redactor.text(own) == own else None


def _touch(judgement: Judgement) -> None:
    folder = judgement.request.project.root / state.FOLDER / "evidence"
    for one in judgement.outcomes.values():
        if one.collected.digest is not None:
            with suppress(OSError):
                state.used(folder / f"{one.collected.digest}.json")
