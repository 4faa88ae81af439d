"""Schemas: the JSON Schemas of a line of an event log, of a line of the log of heads, and of what is answered."""

from __future__ import annotations

from typing import get_args

from gates.config.schema import Schema, closed, strict
from gates.record import events, ledger
from gates.record.asked import documents

_NULL = {"type": "null"}
_NOT_NULL = {"not": _NULL}


def event() -> Schema:
    """The schema of one line of `.gates/events/RUN.jsonl`.

    That each line holds the digest of the one before it is beyond a schema: `gates runs verify` checks it.
    """
    return closed(events.AnyEvent, title="One line of an event log", name=f"gates-event-{events.SCHEMA_VERSION}")


def heads() -> Schema:
    """The schema of one line of `.gates/events/heads.jsonl`."""
    return closed(ledger.AnyHead, title="One line of the log of heads", name=f"gates-heads-{events.SCHEMA_VERSION}")


def answer() -> Schema:
    """The schema of `gates runs list` and `gates runs show` with `--output-format json`.

    Beyond the types it says that no answer is undecided without a reason, and none that is not has one.
    """
    kinds, name = get_args(documents.AnyAnswer), f"gates-answer-{documents.SCHEMA_VERSION}"
    schema = strict(documents.AnyAnswer, title="What the record answers", name=name)
    for kind in kinds:
        one = schema["$defs"][kind.__name__]
        one["properties"]["schema_version"] = {"const": documents.SCHEMA_VERSION}
        one["allOf"] = [_when("passed", _NULL), _when("undecided", _NOT_NULL)]
    return schema


def _when(verdict: str, reason: Schema) -> Schema:
    return {"if": {"properties": {"verdict": {"const": verdict}}}, "then": {"properties": {"reason": reason}}}
