"""Collection: the evidence of one gate, from the cache or from the world, or the reason why there is none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import freshness, key, masking, mishap
from gates.engine.cache import Cache, Hit
from gates.engine.context import GateContext
from gates.engine.plan import Planned
from gates.engine.receipt import SCHEMA_VERSION, Receipt
from gates.model.evidence import Facts, Refusal, encode, sha256
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.project.facts import Project


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """Facts and their digest, or a reason; and the account of how they came about.

    `inputs` is the key of all that was read, `began` the moment at which collecting began, None for what is cached.
    """

    facts: Any = None
    digest: str | None = None
    inputs: str | None = None
    reason: Reason | None = None
    began: str | None = None
    seconds: float = 0.0
    cached: bool = False
    taken_at: str | None = None
    unkept: str | None = None
    recording: str | None = None
    sharded: bool = False
    tools: Mapping[str, str] = msgspec.field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()


def collect(planned: Planned, context: GateContext, cache: Cache, needs: Mapping[str, str], now: datetime) -> Collected:
    """Evidence of a planned gate; `needs` are the digests of the evidence that it reads. Never raises."""
    started = time.monotonic()
    try:
        got = _collect(planned, context, cache, needs, now)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a gate raises makes it undecided, and no other
        reason = mishap.reason(error, planned.gate.name, context.project.root, context.world.find_redactor)
        got = Collected(
            reason=reason,
            seconds=time.monotonic() - started,
            tools=dict(context.tools),
            commands=tuple(context.commands),
        )
    return got if got.cached else masking.collected(got, context.world.redactor)


def recall(
    planned: Planned, context: GateContext, cache: Cache, needs: Mapping[str, str], now: datetime
) -> Collected | None:
    """What the cache holds of a planned gate's evidence over the same inputs, damaged or not; None where nothing."""
    return _recalled(planned, context, cache, key.digest(_key(planned, context, needs, fresh=False)), now)


def _recalled(planned: Planned, context: GateContext, cache: Cache, digest: str, now: datetime) -> Collected | None:
    again = _again(context)
    found = cache.find(planned.gate.name, digest, freshness.policy(planned.gate.cache, planned.settings), now, again)
    if isinstance(found, Reason):
        return Collected(reason=found)
    return None if found is None else _from_cache(planned, found, again)


def _collect(
    planned: Planned, context: GateContext, cache: Cache, needs: Mapping[str, str], now: datetime
) -> Collected:
    gate = planned.gate
    started = time.monotonic()
    if planned.refused is not None:
        return Collected(reason=planned.refused)
    before = _key(planned, context, needs, fresh=False)
    recalled = _recalled(planned, context, cache, key.digest(before), now)
    if recalled is not None:
        return recalled
    context.world.observer.started(gate.name)
    began = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    answer = gate.collect(context)
    account = masking.collected(
        Collected(
            inputs=key.digest(before),
            began=began,
            seconds=time.monotonic() - started,
            tools=dict(sorted(context.tools.items())),
            commands=tuple(context.commands),
            sharded=context.shard is not None,
            recording=context.recording,
        ),
        context.world.redactor,
    )
    if isinstance(answer, Refusal):
        return msgspec.structs.replace(account, reason=answer.reason)
    data = encode(answer)
    taken_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    receipt = Receipt(
        schema_version=SCHEMA_VERSION,
        gate=gate.name,
        key=account.inputs or "",
        parts=before,
        evidence=sha256(data),
        taken_at=taken_at,
        duration_s=round(account.seconds, 3),
        tools=account.tools,
        commands=account.commands,
        settings=masking.settings(planned.settings, context.world.redactor),
    )
    _keep(planned, context, cache, data, receipt, needs)
    return msgspec.structs.replace(
        account,
        facts=decode(gate.Evidence, data),
        digest=receipt.evidence,
        taken_at=taken_at,
        unkept=context.unkept,
    )


def decode(kind: type[Any], data: bytes | memoryview) -> Facts:
    """Typed facts out of their JSON; every decision is made on what survived the writing.

    Raises:
        msgspec.MsgspecError: a field is missing, unknown or of another type, or a counted list lost an element.
    """
    facts: Facts = msgspec.json.decode(data, type=kind)
    return facts


def _again(context: GateContext) -> str:
    """The command that collects the same evidence anew."""
    if context.shard is None:
        return f"gates check {context.gate} --no-cache"
    return f"gates collect {context.gate} --shard {context.shard} --no-cache --output .gates/parts"


def _from_cache(planned: Planned, hit: Hit, again: str) -> Collected:
    receipt = hit.receipt
    try:
        facts = decode(planned.gate.Evidence, hit.facts)
    except msgspec.MsgspecError as error:
        name = planned.gate.name
        return Collected(
            reason=Reason(
                code="evidence_corrupt",
                message=f"the cached evidence {receipt.evidence[:12]} of {name} does not decode: {error}",
                fix=again,
            )
        )
    return Collected(
        facts=facts,
        digest=receipt.evidence,
        inputs=receipt.key,
        cached=True,
        taken_at=receipt.taken_at,
        tools=receipt.tools,
        commands=receipt.commands,
        sharded="shard" in receipt.parts,
    )


def _key(planned: Planned, context: GateContext, needs: Mapping[str, str], *, fresh: bool) -> dict[str, str]:
    world = context.world
    project = _taken_anew(world.project) if fresh else world.project
    around = key.Surroundings(
        project=project,
        interpreter=None if isinstance(world.python, Refusal) else world.python,
        environ=world.environ,
        find_base=lambda: world.base,
        shard=context.shard,
        offline=context.offline,
        revisions=world.revisions,
    )
    inputs = planned.gate.inputs(project, planned.settings)
    return key.parts(planned.gate.name, inputs, planned.settings, planned.demanded, needs, around)


def _taken_anew(project: Project) -> Project:
    from gates.project import facts

    return facts.find(project.root)


def _keep(
    planned: Planned, context: GateContext, cache: Cache, data: bytes, receipt: Receipt, needs: Mapping[str, str]
) -> None:
    """Store evidence, and let it be found again unless the gate forbade it or an input changed meanwhile."""
    try:
        cache.store(receipt.evidence, data)
        if freshness.policy(planned.gate.cache, planned.settings).kind == "never" or context.unkept is not None:
            return
        if key.digest(_key(planned, context, needs, fresh=True)) != receipt.key:
            context.unkept = "an input changed while it was collected"
            return
        cache.keep(receipt)
    except OSError as error:
        context.unkept = f".gates cannot be written: {error.strerror or error}"
