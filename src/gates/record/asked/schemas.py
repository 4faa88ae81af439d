"""Schemas: the JSON Schemas of a line of an event log, of one of the log of heads, and of what `gates runs` prints."""

from __future__ import annotations

from typing import Any, get_args

from gates.config.schema import Schema, closed, strict
from gates.record import events, ledger
from gates.record import maintenance as upkeep
from gates.record.asked import documents

_NULL = {"type": "null"}
_NOT_NULL = {"not": _NULL}
_NONE = {"type": "array", "maxItems": 0}
_SOME = {"type": "array", "minItems": 1}


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
    return _reasoned(documents.AnyAnswer, "What the record answers", "answer", documents.SCHEMA_VERSION)


def maintenance() -> Schema:
    """The schema of the other commands of `gates runs` with `--output-format json`, but for the report of a replay.

    Beyond the types it says that nothing is undecided without a reason, that what passed or failed has none, and that
    what passed has done what it is for.
    """
    schema = _reasoned(upkeep.AnyMaintenance, "What was done for the record", "maintenance", upkeep.SCHEMA_VERSION)
    parts = schema["$defs"]
    parts["Verification"]["allOf"] += [_when("passed", found=_with(faults=_NONE, unread=_NONE))]
    parts["Verification"]["allOf"] += [_when("failed", found=_with(faults=_SOME))]
    parts["Signing"]["allOf"] += [_when("passed", written=_SOME), _when("failed", written=_NONE)]
    parts["Signing"]["allOf"] += [_when("undecided", written=_NONE)]
    clean: dict[str, Schema] = {key: {"const": 0} for key in ("parse_errors", "conflicts", "quarantined")}
    clean["refused"] = _NONE
    parts["Ingestion"]["allOf"] += [_when("passed", ingested=_with(**clean)), _when("failed", ingested=_NOT_NULL)]
    parts["Reconciliation"]["allOf"] += [_when("passed", found=_with(bad_lines={"const": 0}))]
    drifted = {"anyOf": [_with(drifts=_SOME), _with(bad_lines={"minimum": 1})]}
    parts["Reconciliation"]["allOf"] += [_when("failed", found=drifted)]
    parts["Backfilling"]["allOf"] += [_when("passed", files=_SOME)]
    parts["Backfilling"]["properties"]["verdict"] = {"enum": ["passed", "undecided"]}
    parts["Retirement"]["allOf"] += [_when("passed", retired=_SOME), _when("failed", retired=_NONE)]
    parts["Refusal"]["properties"]["verdict"] = {"const": "undecided"}
    return schema


def _reasoned(kinds: Any, title: str, name: str, version: int) -> Schema:
    """The schema of forms that are told apart by a tag; each has a reason where it is undecided, and else none."""
    schema = strict(kinds, title=title, name=f"gates-{name}-{version}")
    for kind in get_args(kinds):
        one = schema["$defs"][kind.__name__]
        one["properties"]["schema_version"] = {"const": version}
        one["allOf"] = [_when("passed", reason=_NULL), _when("failed", reason=_NULL)]
        one["allOf"] += [_when("undecided", reason=_NOT_NULL)]
    return schema


def _with(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields}


def _when(verdict: str, **fields: Schema) -> Schema:
    return {"if": {"properties": {"verdict": {"const": verdict}}}, "then": {"properties": fields}}
