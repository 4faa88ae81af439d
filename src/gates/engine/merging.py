"""Merging: one judgement out of the parts that several machines collected; a part that is missing is never assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gates import __version__
from gates.engine import mishap, session
from gates.engine.collection import Collected, decode
from gates.engine.part import OtherVersionError, Part, read
from gates.engine.plan import Plan, Planned, draw
from gates.engine.request import Request, redactor_of
from gates.engine.runner import Outcome
from gates.engine.session import Judgement
from gates.errors import UsageError
from gates.model.evidence import Refusal, encode, sha256
from gates.model.reason import Reason

SAME_VERSION = f"python -m pip install pytest-vltair=={__version__}"
"""To be pasted on the machine that collected; then it collects again."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What was found in the folders: readable parts by gate, and a reason for each file that is none."""

    by_gate: Mapping[str, tuple[Part, ...]]
    damaged: tuple[Reason, ...]


def load(folders: Sequence[Path]) -> Parts:
    """Every part in the folders, sorted by gate and shard.

    Raises:
        UsageError: a folder does not exist, or there is no part in any of them.
    """
    found: list[Part] = []
    damaged: list[Reason] = []
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"there is no directory {str(folder)!r} to merge; `gates collect --output DIR` makes one")
        for path in sorted(folder.glob("*.json")):
            try:
                found.append(read(path))
            except (OSError, ValueError) as error:
                damaged.append(_damaged(path, error))
    if not found and not damaged:
        raise UsageError(
            f"there is no evidence in {', '.join(map(str, folders))}; `gates collect --output DIR` makes some"
        )
    names = sorted({part.gate for part in found})
    return Parts(
        by_gate={name: tuple(sorted((one for one in found if one.gate == name), key=_order)) for name in names},
        damaged=tuple(damaged),
    )


def judge(request: Request, parts: Parts) -> Judgement:
    """Decide on merged evidence with the settings of the project at hand.

    Every gate that is judged in this project needs its parts; a gate without one is undecided. Gates that are judged
    always are judged here: what they read is in every checkout, and none needs a tool.
    """
    started = datetime.now(UTC)
    plan = draw(request.project, request.gates, request.config, request.named)
    now = request.as_of or started
    here = Plan(planned=tuple(one for one in plan.planned if one.gate.always), not_judged=())
    outcomes = dict(session.carried_out(request, here, now))
    outcomes |= {one.gate.name: _outcome(one, request, parts, now) for one in plan.planned if not one.gate.always}
    return session.conclude(request, plan, outcomes, started)


def _outcome(planned: Planned, request: Request, parts: Parts, now: datetime) -> Outcome:
    got = _merged(planned, request, parts)
    if got.reason is not None:
        return Outcome(planned=planned, collected=got, decision=None)
    decision = mishap.decide(
        planned.gate,
        got.facts,
        planned.settings,
        now,
        root=request.project.root,
        redactor=lambda: redactor_of(request),
    )
    if isinstance(decision, Reason):
        return Outcome(planned=planned, collected=Collected(reason=decision), decision=None)
    return Outcome(planned=planned, collected=got, decision=decision)


def _merged(planned: Planned, request: Request, parts: Parts) -> Collected:
    name = planned.gate.name
    own = parts.by_gate.get(name, ())
    reason = (
        next(iter(parts.damaged), None)
        or _absent(name, own)
        or _foreign(name, own, request)
        or next((part.reason for part in own if part.reason is not None), None)
        or _incomplete(name, own)
    )
    if reason is not None:
        return Collected(reason=reason)
    try:
        facts = [decode(planned.gate.Evidence, bytes(part.facts)) for part in own]
    except msgspec.MsgspecError as error:
        return Collected(reason=_reason("evidence_corrupt", f"evidence of {name} does not decode: {error}", name))
    merged: Any = facts[0] if own[0].shard is None else planned.gate.merge(facts)
    if isinstance(merged, Refusal):
        return Collected(reason=merged.reason)
    return Collected(
        facts=merged,
        digest=sha256(encode(merged)),
        tools=own[0].tools,
        commands=own[0].commands if own[0].shard is None else tuple(one for part in own for one in part.commands),
    )


def _absent(name: str, own: Sequence[Part]) -> Reason | None:
    if own:
        return None
    return _reason("evidence_missing", f"no part holds evidence of {name}", name)


def _foreign(name: str, own: Sequence[Part], request: Request) -> Reason | None:
    here = request.project.tree.digest()
    settings = encode(request.config.gates[name])
    git = request.project.git
    for part in own:
        if part.gates_version != __version__:
            other = f"evidence of {name} was collected by gates {part.gates_version}, this is {__version__}"
            return Reason(code="schema_version_mismatch", message=other, fix=SAME_VERSION)
        if part.tree != here:
            at = "" if part.commit is None else f" (commit {part.commit[:12]})"
            return _reason("evidence_foreign", f"evidence of {name} was made from another tree{at} than this one", name)
        if git is not None and part.commit is not None and part.commit != git.head:
            return _reason(
                "evidence_foreign", f"evidence of {name} is of commit {part.commit[:12]}, not this one", name
            )
        if encode(part.settings) != settings:
            return _reason("evidence_foreign", f"evidence of {name} was collected with other settings", name)
    return None


def _incomplete(name: str, own: Sequence[Part]) -> Reason | None:
    shards = [part.shard for part in own if part.shard is not None]
    if not shards:
        if len({part.evidence for part in own}) > 1:
            return _reason("evidence_foreign", f"{len(own)} machines collected different evidence of {name}", name)
        return None
    counts = {shard.count for shard in shards}
    if len(counts) > 1 or len(shards) != len(own):
        return _reason("evidence_foreign", f"the shards of {name} are not parts of one whole", name)
    count = counts.pop()
    indices = [shard.index for shard in shards]
    missing = sorted(set(range(1, count + 1)) - set(indices))
    if missing:
        named = ", ".join(f"{index}/{count}" for index in missing)
        return _reason("evidence_incomplete", f"shard {named} of {name} is missing", name)
    if len(indices) > count:
        return _reason("evidence_foreign", f"a shard of {name} is there more than once", name)
    return None


def _reason(code: Any, message: str, gate: str) -> Reason:
    return Reason(
        code=code, message=message, fix=f"gates collect {gate} --output DIR on every machine, then merge again"
    )


def _damaged(path: Path, error: Exception) -> Reason:
    if isinstance(error, OtherVersionError):
        return Reason(code="schema_version_mismatch", message=f"{path.name}: {error}", fix=SAME_VERSION)
    return Reason(
        code="evidence_corrupt",
        message=f"{path.name} cannot be trusted: {error}",
        fix="collect it again, or remove the file if it is no evidence",
    )


def _order(part: Part) -> tuple[str, int]:
    return (part.gate, 0 if part.shard is None else part.shard.index)
