"""Merging: one judgement out of the parts that several machines collected; a part that is missing is never assumed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from gates.engine import freshness, lanes, mishap, session, wholeness
from gates.engine.cache import Cache
from gates.engine.collection import Collected
from gates.engine.part import DamagedFactsError, OtherVersionError, Shards, Stored, stored
from gates.engine.plan import Plan, Planned, draw
from gates.engine.request import Request
from gates.engine.runner import Outcome
from gates.engine.session import Judgement
from gates.errors import UsageError
from gates.model.decision import Decision
from gates.model.evidence import Refusal, encode, sha256
from gates.model.measure import Denominator
from gates.model.reason import Reason


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What was found in the folders: readable parts by gate, and a reason for each file that is none."""

    by_gate: Mapping[str, tuple[Stored, ...]]
    damaged: tuple[Reason, ...]


def load(folders: Sequence[Path]) -> Parts:
    """Every part in the folders, sorted by gate, lane and shard.

    Raises:
        UsageError: a folder does not exist, or there is no part in any of them.
    """
    found: list[Stored] = []
    damaged: list[Reason] = []
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"there is no directory {str(folder)!r} to merge; `gates collect --output DIR` makes one")
        for path in sorted(folder.glob("*.json")):
            try:
                found.append(stored(path))
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
    with _uninterrupted():
        outcomes |= {one.gate.name: _outcome(one, request, parts, now) for one in plan.planned if not one.gate.always}
    return session.conclude(request, plan, outcomes, started)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """No search for cycles meanwhile: millions of facts are made, none is in a cycle, and it goes over all of them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _outcome(planned: Planned, request: Request, parts: Parts, now: datetime) -> Outcome:
    got = _by_lane(planned, request, parts, now)
    if isinstance(got, Reason):
        return Outcome(planned=planned, collected=Collected(reason=got), decision=None)
    joined = {str(name): one.facts for name, one in got.items()}
    merged = got[None].facts if None in got else _asked(planned, request, lambda: planned.gate.join(joined))
    if isinstance(merged, Refusal):
        return _apart(planned, request, got, merged.reason, now)
    whole = Collected(
        facts=merged,
        digest=_stored(encode(merged), request.project.root),
        tools=_tools([one.tools for one in got.values()]),
        commands=tuple(chain.from_iterable(one.commands for one in got.values())),
    )
    decision = _decided(planned, request, merged, now)
    if isinstance(decision, Reason):
        return Outcome(planned=planned, collected=Collected(reason=decision), decision=None)
    return Outcome(planned=planned, collected=whole, decision=decision)


def _stored(data: bytes, root: Path) -> str:
    """The digest of merged evidence, which is kept for a replay where the project can be written to."""
    digest = sha256(data)
    with suppress(OSError):
        Cache(root).store(digest, data)
    return digest


def _apart(
    planned: Planned, request: Request, got: Mapping[str | None, Collected], reason: Reason, now: datetime
) -> Outcome:
    """What is wrong in each lane, where the lanes do not make one: a fault on one system is a fault."""
    answers = [_decided(planned, request, one.facts, now) for one in got.values()]
    found = [one for one in answers if isinstance(one, Decision)]
    findings = dict.fromkeys(chain.from_iterable(one.findings for one in found))
    decision = Decision(
        denominator=found[0].denominator if found else Denominator(count=0, unit="files"),
        findings=tuple(findings),
        reason=reason,
    )
    return Outcome(planned=planned, collected=Collected(reason=reason), decision=decision)


def _decided(planned: Planned, request: Request, facts: Any, now: datetime) -> Decision | Reason:
    return mishap.decide(
        planned.gate, facts, planned.settings, now, root=request.project.root, redactor=lambda: request.redactor
    )


def _by_lane(planned: Planned, request: Request, parts: Parts, now: datetime) -> dict[str | None, Collected] | Reason:
    """The evidence of each lane, its shards made one; under None where there are no lanes."""
    name = planned.gate.name
    own = parts.by_gate.get(name, ())
    reason = (
        next(iter(parts.damaged), None)
        or wholeness.absent(name, own)
        or wholeness.foreign(name, own, request)
        or wholeness.refused(own)
        or wholeness.stale(name, own, freshness.limit(planned.gate.cache, planned.settings), now)
    )
    if reason is not None:
        return reason
    grouped = lanes.grouped(planned.gate, own, request.config.lanes)
    if isinstance(grouped, Reason):
        return grouped
    found: dict[str | None, Collected] = {}
    for lane, held in grouped.items():
        got = _merged(planned, request, lane, held)
        if isinstance(got, Reason):
            return got
        found[lane] = got
    return found


def _merged(planned: Planned, request: Request, lane: str | None, own: Sequence[Stored]) -> Collected | Reason:
    gate = planned.gate
    incomplete = wholeness.incomplete(gate.name, lane, own)
    if incomplete is not None:
        return incomplete
    whole = own[0].shard is None
    shards = Shards(gate.Evidence, own)
    try:
        merged = shards[0] if whole else _asked(planned, request, lambda: gate.merge(shards))
    except DamagedFactsError as error:
        message = f"evidence of {gate.name}{lanes.said(lane)} does not decode: {error}"
        return wholeness.again("evidence_corrupt", message, gate.name, lane)
    if isinstance(merged, Refusal):
        said = merged.reason.message if lane is None else f"lane {lane}: {merged.reason.message}"
        return msgspec.structs.replace(merged.reason, message=said)
    commands = own[0].commands if whole else tuple(chain.from_iterable(part.commands for part in own))
    return Collected(facts=merged, tools=own[0].tools, commands=commands)


def _asked(planned: Planned, request: Request, ask: Callable[[], Any]) -> Any:
    """What a gate answers; a refusal where it raises something of its own."""
    try:
        return ask()
    except DamagedFactsError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as in collection
        return Refusal(mishap.reason(error, planned.gate.name, request.project.root, lambda: request.redactor))


def _tools(found: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The versions of each tool, where lanes differ all of them."""
    names = sorted(set(chain.from_iterable(found)))
    return {name: ", ".join(dict.fromkeys(one[name] for one in found if name in one)) for name in names}


def _damaged(path: Path, error: Exception) -> Reason:
    if isinstance(error, OtherVersionError):
        return Reason(code="schema_version_mismatch", message=f"{path.name}: {error}", fix=wholeness.SAME_VERSION)
    return Reason(
        code="evidence_corrupt",
        message=f"{path.name} cannot be trusted: {error}",
        fix="collect it again, or remove the file if it is no evidence",
    )


def _order(part: Stored) -> tuple[str, str, int]:
    return (part.gate, part.lane or "", 0 if part.shard is None else part.shard.index)
