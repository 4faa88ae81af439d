"""Wholeness: whether the parts of a gate belong to this tree, commit and settings, and whether no shard is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gates import __version__
from gates.engine import masking
from gates.engine.freshness import is_fresh, told
from gates.engine.lanes import flag, said
from gates.engine.part import Stored
from gates.engine.request import Request
from gates.model.evidence import encode
from gates.model.reason import Reason, ReasonCode

SAME_VERSION = f"python -m pip install pytest-vltair=={__version__}"
"""To be pasted on the machine that collected; then it collects again."""


def absent(name: str, own: Sequence[Stored]) -> Reason | None:
    """Why there is nothing to judge, or None."""
    return None if own else again("evidence_missing", f"no part holds evidence of {name}", name)


def foreign(name: str, own: Sequence[Stored], request: Request) -> Reason | None:
    """Why a part does not belong to what is judged here, or None."""
    here = request.project.tree.digest()
    own_settings = request.config.gates[name]
    known = {encode(own_settings), encode(masking.digested(own_settings))}
    git = request.project.git
    for part in own:
        what = f"evidence of {name}{_place(part)}"
        if part.gates_version != __version__:
            message = f"{what} was collected by gates {part.gates_version}, this is {__version__}"
            return Reason(code="schema_version_mismatch", message=message, fix=SAME_VERSION)
        if part.tree != here:
            at = "" if part.commit is None else f" (commit {part.commit[:12]})"
            return again("evidence_foreign", f"{what} was made from another tree{at} than this one", name, part.lane)
        if git is not None and part.commit is not None and part.commit != git.head:
            message = f"{what} is of commit {part.commit[:12]}, not this one"
            return again("evidence_foreign", message, name, part.lane)
        if encode(part.settings) not in known:
            return again("evidence_foreign", f"{what} was collected with other settings", name, part.lane)
    return None


def stale(name: str, own: Sequence[Stored], limit: float | None, now: datetime) -> Reason | None:
    """Why evidence of a part is too old to be judged, or None; without a `limit` none is."""
    for part in own:
        if limit is not None and part.reason is None and not is_fresh(part.taken_at, now, limit):
            when = "at a time that it does not say" if part.taken_at is None else f"at {part.taken_at}"
            message = (
                f"evidence of {name}{_place(part)} was taken {when}, not within {told(limit)} before {_second(now)}"
            )
            return again("evidence_stale", message, name, part.lane)
    return None


def _second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def refused(own: Sequence[Stored]) -> Reason | None:
    """Why a machine collected no evidence, or None; it says which, where there are lanes."""
    for part in own:
        if part.reason is not None:
            message = part.reason.message
            in_lane = message if part.lane is None else f"lane {part.lane}: {message}"
            return Reason(code=part.reason.code, message=in_lane, fix=part.reason.fix)
    return None


def incomplete(name: str, lane: str | None, own: Sequence[Stored]) -> Reason | None:
    """Why the parts of one lane are not each shard once, or None."""
    shards = [part.shard for part in own if part.shard is not None]
    within = said(lane)
    if not shards:
        return _doubled(name, lane, own)
    counts = {shard.count for shard in shards}
    if len(counts) > 1 or len(shards) != len(own):
        return again("evidence_foreign", f"the shards of {name}{within} are not parts of one whole", name, lane)
    count = counts.pop()
    indices = [shard.index for shard in shards]
    missing = sorted(set(range(1, count + 1)) - set(indices))
    if missing:
        named = ", ".join(f"{index}/{count}" for index in missing)
        return again("evidence_incomplete", f"shard {named} of {name}{within} is missing", name, lane)
    twice = sorted({index for index in indices if indices.count(index) > 1})
    if twice:
        named = ", ".join(f"{index}/{count}" for index in twice)
        return again("evidence_foreign", f"shard {named} of {name}{within} is there more than once", name, lane)
    return None


def _doubled(name: str, lane: str | None, own: Sequence[Stored]) -> Reason | None:
    if lane is not None and len(own) > 1:
        return again("evidence_foreign", f"the lane {lane} of {name} is there more than once", name, lane)
    if len({part.evidence for part in own}) > 1:
        return again("evidence_foreign", f"{len(own)} machines collected different evidence of {name}", name)
    return None


def again(code: ReasonCode, message: str, gate: str, lane: str | None = None) -> Reason:
    """A reason that is mended by collecting anew."""
    fix = f"gates collect {gate}{flag(lane)} --output DIR on every machine, then merge again"
    return Reason(code=code, message=message, fix=fix)


def _place(part: Stored) -> str:
    shard = "" if part.shard is None else f" (shard {part.shard})"
    return said(part.lane) + shard
