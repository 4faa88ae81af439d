"""Events: what a run writes into its event log, line by line, in canonical JSON.

Schema version 1. `pytest_vltair.eventlog` writes the lines and links them; these types are how they are read. All text
was scrubbed of secrets and personal data before it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from gates.model.decision import Verdict
from pytest_vltair import eventlog

SCHEMA_VERSION = eventlog.SCHEMA_VERSION

Trace = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Span = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What the store has room for."""

Status = Literal["passed", "failed", "undecided", "error", "interrupted", "lost"]
"""How an execution ended. `error`: no verdict at all (exit 2 and 4); `lost`: it was killed, and a later run says so."""


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="event",
    rename={"chain_prev": "chainPrev"},
):
    """What every event bears. The idempotency key is the SHA-256 over `run`, `span_id`, `attempt` and `seq`.

    `trace_id` is that of the question (which all attempts at it share), `span_id` that of this attempt; `seq` counts
    the events of the file from 0.
    """

    run: str
    trace_id: Trace
    span_id: Span
    attempt: Number
    seq: Number
    at: Moment
    chain: Digest
    chain_prev: Digest


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The log of closed runs as it was at the start of this one: its lines and the digest of the last."""

    lines: Number
    chain: Digest


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The project that was judged; `branch` and `commit` are None outside git."""

    name: str
    commit: str | None
    branch: str | None
    scope: str


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """Who ran it: `kind` is `local` or a CI, `id` tells machines apart and names none, `job` is the CI's own name."""

    kind: str
    id: str
    job: str
    system: str
    machine: str
    python: str


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """Why something did not pass: a reason's code or an exception's type, its message, and the hash that groups it."""

    type: str
    message: str
    stack_hash: str


class CommandStart(Event, frozen=True, kw_only=True, tag="command_start"):
    """A command began. `configuration` is the digest of the settings; `retry_of` the span of the attempt before."""

    schema_version: Number
    command: str
    gates: tuple[str, ...]
    project: Judged
    configuration: Digest
    retry_of: Span | None
    runner: Runner
    gates_version: str
    backfilled: bool
    heads: Seen


class GateDecided(Event, frozen=True, kw_only=True, tag="gate"):
    """A gate came to its verdict. `inputs` is the key of all that it read, `outputs` the digest of its evidence.

    `error` is there unless it passed, `findings` counts those that block by rule, `started` is None where nothing was
    collected, durations are in milliseconds.
    """

    gate: str
    project: str
    verdict: Verdict
    error: Error | None
    denominator: Number | None
    unit: str | None
    cached: bool
    inputs: str | None
    outputs: str | None
    configuration: Digest
    started: Moment | None
    duration_ms: Number
    findings: Mapping[str, int]
    tools: Mapping[str, str]


class FindingMade(Event, frozen=True, kw_only=True, tag="finding"):
    """One finding of the gate whose span this event bears."""

    gate: str
    project: str
    rule: str
    name: str
    tool_rule: str | None
    severity: str
    message: str
    path: str | None
    line: Number | None
    subject: str | None
    fingerprint: str
    blocks: bool


class MeasureTaken(Event, frozen=True, kw_only=True, tag="measure"):
    """One number that the gate whose span this event bears judged."""

    gate: str
    project: str
    name: str
    value: float
    unit: str
    limit: float | None
    limit_from: str | None
    direction: str | None


class TestsRecorded(Event, frozen=True, kw_only=True, tag="tests"):
    """Tests ran; `recording` is the digest of the recorded run, in `.gates/recordings/DIGEST.jsonl`."""

    gate: str
    project: str
    recording: Digest


class CommandEnd(Event, frozen=True, kw_only=True, tag="command_end"):
    """The command ended, or another run found it dead (`closed_by`, `torn` bytes of an event that was never whole).

    `report` is the digest of the report without `run`, `grounds` that of what it was decided on, `unwritten` how many
    findings have no event of their own because there were too many.
    """

    status: Status
    verdict: Verdict
    exit_code: Number | None
    duration_ms: Number = 0
    error: Error | None = None
    report: str | None = None
    grounds: str | None = None
    unwritten: Number = 0
    closed_by: str | None = None
    torn: Number = 0


AnyEvent: TypeAlias = CommandStart | GateDecided | FindingMade | MeasureTaken | TestsRecorded | CommandEnd


def key(run: str, span_id: str, attempt: int, seq: int) -> str:
    """The idempotency key of an event: the SHA-256 in hex over what makes it that one and no other."""
    from gates.model.evidence import sha256

    return sha256(f"{run}\0{span_id}\0{attempt}\0{seq}".encode())


def decode(line: bytes) -> AnyEvent:
    """The event of a line, with or without its end.

    Raises:
        ValueError: it is none of this schema version.
    """
    try:
        found: Any = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    event: AnyEvent = found
    # The pattern of a moment lets the 31st of June through, with which nobody can reckon.
    datetime.fromisoformat(event.at)
    return event


_DECODER = msgspec.json.Decoder(AnyEvent)
