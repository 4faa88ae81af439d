"""Naming: which runs of the store somebody means who writes the name of one, a part of it, or `last`."""

from __future__ import annotations

from gates.record.asked.filters import FAR
from gates.record.stored.store import Store

LAST = "last"
CANDIDATES = 4
"""So many names are looked up where a part of a name is that of several runs."""

_BY_BEGINNING = "SELECT run FROM runs WHERE run >= :part AND run < :part || :far ORDER BY run DESC LIMIT :most"
_BY_TAIL = (
    "SELECT run FROM runs WHERE substr(run, instr(run, '-') + 1, length(:part)) = :part ORDER BY run DESC LIMIT :most"
)
_NEWEST = "SELECT run FROM runs ORDER BY started DESC, run DESC LIMIT 1"
_EXACT = "SELECT run FROM runs WHERE run = :part"


def named(store: Store, part: str) -> tuple[str, ...]:
    """Names of runs, the newest first: that of the newest for `last`, that which is `part`, or those with this part.

    A part is the beginning of a name, or that of what stands after its dash: `20261122T1713`, `8939d157`.

    Raises:
        StoreError: the store cannot be read.
    """
    queries = (_NEWEST,) if part == LAST else (_EXACT, _BY_BEGINNING, _BY_TAIL)
    given = {"part": part.encode("utf-8", "replace").decode(), "far": FAR, "most": CANDIDATES}
    with store.reading():
        for query in queries:
            rows = store.connection.execute(query, given).fetchall()
            if rows and part:
                return tuple(row[0] for row in rows)
    return ()
