"""Putting: events into their table, at each place of a run the one that came first."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gates.record.stored.lines import Line
from gates.record.stored.quarantine import Bad

CONFLICT = "another event is there at this place of the run"

_INSERT = "INSERT INTO events (key, run, seq, line) VALUES (?, ?, ?, ?)"
# The key holds the span as well: two files that went apart have other spans at the same place.
_HELD = "SELECT line FROM events WHERE (run = ? AND seq = ?) OR key = ?"


def put(connection: sqlite3.Connection, found: Sequence[Line], name: str) -> tuple[list[Line], list[Bad]]:
    """The events of the file `name` that were not there yet, and those in whose place is another one, which stays."""
    inserted: list[Line] = []
    conflicts: list[Bad] = []
    if _are_new(connection, found):
        connection.executemany(_INSERT, [(one.key, one.event.run, one.event.seq, one.text) for one in found])
        return list(found), []
    for one in found:
        place = (one.event.run, one.event.seq)
        held = {text for (text,) in connection.execute(_HELD, (*place, one.key))}
        if not held:
            connection.execute(_INSERT, (one.key, *place, one.text))
            inserted.append(one)
        elif one.text not in held:
            conflicts.append(Bad(name, one.number, CONFLICT, one.text))
    return inserted, conflicts


def _are_new(connection: sqlite3.Connection, found: Sequence[Line]) -> bool:
    """Whether no event of these runs is there yet, and none is among the lines twice."""
    known = "SELECT 1 FROM events WHERE run = ? LIMIT 1"
    return len({(one.event.run, one.event.seq) for one in found}) == len(found) and not any(
        connection.execute(known, (run,)).fetchone() for run in {one.event.run for one in found}
    )
