"""Lines: the events in an event file, and what in it is none."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import msgspec

from gates.record import events
from gates.record.stored.quarantine import Bad

_CHAIN = re.compile(rb'"chain":"([0-9a-f]{64})",(?="chainPrev":")')


class Line(NamedTuple):
    """A line that is an event: its number in the file from 1, its text, its event, and the key of that."""

    number: int
    text: str
    event: events.AnyEvent
    key: bytes


class Read(NamedTuple):
    """What is in a file."""

    lines: list[Line]
    bad: list[Bad]


def read(data: bytes, name: str, *, is_open: bool = False) -> Read:
    """The events in the bytes of a file, and the lines that are none; of an open file only whole lines count."""
    *whole, rest = data.split(b"\n")
    found = Read([], [])
    for number, line in enumerate(whole, start=1):
        try:
            event = _event(line)
        except ValueError as error:
            found.bad.append(Bad(name, number, str(error), line.decode("utf-8", "backslashreplace")))
        else:
            key = bytes.fromhex(events.key(event.run, event.span_id, event.attempt, event.seq))
            found.lines.append(Line(number, line.decode(), event, key))
    if rest and not is_open:
        text = rest.decode("utf-8", "backslashreplace")
        found.bad.append(Bad(name, len(whole) + 1, "its end is missing", text))
    return found


def foreign(data: bytes) -> object | None:
    """The version of the schema in which a file is written, where it is not that of these events."""
    first = data.partition(b"\n")[0]
    try:
        said = msgspec.json.decode(first)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(said, dict) or "schema_version" not in said:
        return None
    version: object = said["schema_version"]
    return None if version == events.SCHEMA_VERSION else version


def _event(line: bytes) -> events.AnyEvent:
    digest = _CHAIN.search(line)
    if digest is None:
        raise ValueError("it bears no digest")
    hashed = hashlib.sha256(line[: digest.start()])
    hashed.update(line[digest.end() :])
    if hashed.hexdigest().encode() != digest[1]:
        raise ValueError("its digest is not that of its content")
    return events.decode(line)
