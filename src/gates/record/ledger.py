"""Ledger: the lines of `heads.jsonl`, of which there is one for each run that was closed.

`pytest_vltair.heads` writes and links them, in the schema version of the events.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from gates.record.events import Digest, Moment, Number


class Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", rename={"chain_prev": "chainPrev"}):
    """What every line bears; `seq` counts the lines from 0."""

    seq: Number
    at: Moment
    chain: Digest
    chain_prev: Digest


class Closed(Line, frozen=True, kw_only=True, tag="closed"):
    """A run was closed: its file, how many events, and the digest of the last."""

    run: str
    file: str
    events: Number
    head: Digest
    trace_id: str = ""
    span_id: str = ""
    attempt: Number = 0


class Retired(Line, frozen=True, kw_only=True, tag="retired"):
    """Retention took the file of a run away: what the file was, so that none is missed."""

    run: str
    file: str
    events: Number
    head: Digest


class Checkpoint(Line, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint was signed: its file's name, and the SHA-256 of that file."""

    name: str
    sha256: Digest


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
