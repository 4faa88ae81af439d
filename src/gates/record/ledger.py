"""Ledger: the lines of `heads.jsonl`, of which there is one for each run that was closed.

`pytest_vltair.heads` writes and links them, in the schema version of the events.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from gates.record.events import Digest, Moment, Number


class Closed(
    msgspec.Struct, frozen=True, kw_only=True, tag="closed", tag_field="kind", rename={"chain_prev": "chainPrev"}
):
    """A line of `heads.jsonl` about a run that was closed: its file, how many events, and the digest of the last."""

    seq: Number
    at: Moment
    run: str
    file: str
    events: Number
    head: Digest
    chain: Digest
    chain_prev: Digest
    trace_id: str = ""
    span_id: str = ""
    attempt: Number = 0


class Retired(
    msgspec.Struct, frozen=True, kw_only=True, tag="retired", tag_field="kind", rename={"chain_prev": "chainPrev"}
):
    """A line of `heads.jsonl` about a run whose file retention took away: what the file was, so that none is missed."""

    seq: Number
    at: Moment
    run: str
    file: str
    events: Number
    head: Digest
    chain: Digest
    chain_prev: Digest


class Checkpoint(
    msgspec.Struct, frozen=True, kw_only=True, tag="checkpoint", tag_field="kind", rename={"chain_prev": "chainPrev"}
):
    """A line of `heads.jsonl` about a checkpoint that was signed: its file's name, and the SHA-256 of that file."""

    seq: Number
    at: Moment
    name: str
    sha256: Digest
    chain: Digest
    chain_prev: Digest


AnyHead: TypeAlias = Closed | Retired | Checkpoint


def decode(line: bytes) -> AnyHead:
    """The line of `heads.jsonl`, with or without its end.

    Raises:
        ValueError: it is none of this schema version.
    """
    try:
        found: AnyHead = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return found


_DECODER = msgspec.json.Decoder(AnyHead)
