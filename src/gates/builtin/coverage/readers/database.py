"""Database: the data file of coverage.py, by the schema that its documentation describes.

https://coverage.readthedocs.io/en/latest/dbschema.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Ran, Recorded, UnreadableDataError
from gates.builtin.coverage.readers.jumps import Jumps, joined, packed

MAGIC = b"SQLite format 3\0"
SCHEMA = 7
"""The schema that is known: that of coverage.py since its version 5."""

NOTHING = Ran(lines=0)
JOURNAL = bytes.fromhex("d9d505f920a163d7")
TABLES = frozenset({"coverage_schema", "meta", "file", "context", "line_bits", "arc", "tracer"})


def read(path: Path, *, contexts: bool) -> Recorded:
    """What ran of each file; lines by context too, where they are asked for.

    Raises:
        UnreadableDataError: it is damaged or incomplete, names no file, or is of another schema than `SCHEMA`.
    """
    _whole(path)
    # immutable: no lock, no journal, and nothing that lies beside the file is touched, which may come from anywhere.
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.executescript("pragma trusted_schema = off; pragma cell_size_check = on;")
            _known(database)
            return _recorded(database, contexts=contexts)
    except sqlite3.Error as error:
        raise UnreadableDataError(f"it is damaged: SQLite says: {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadableDataError(f"it is damaged: {error}") from error


def _whole(path: Path) -> None:
    """Refuse a file that was cut: SQLite itself takes half a last page for a whole one."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100:
        raise UnreadableDataError(f"it is cut off: {len(head)} bytes are not even the head of an SQLite database")
    page = int.from_bytes(head[16:18], "big")
    size, due = path.stat().st_size, (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if size != due:
        raise UnreadableDataError(f"it is cut off or damaged: it has {size:,} bytes, and its head says {due:,}")
    journal = path.with_name(f"{path.name}-journal")
    if journal.is_file() and _starts(journal, JOURNAL):
        raise UnreadableDataError(f"it is half written: {journal.name} beside it holds a change that was never ended")


def _starts(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _known(database: sqlite3.Connection) -> None:
    tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    if "coverage_schema" not in tables:
        raise UnreadableDataError("it is an SQLite database, and not one of coverage.py")
    versions = [version for (version,) in database.execute("select version from coverage_schema")]
    if len(versions) != 1 or not isinstance(versions[0], int):
        raise UnreadableDataError("it is damaged: it does not say which schema it has")
    if versions[0] != SCHEMA:
        newer = versions[0] > SCHEMA
        which = "a newer" if newer else "an older"
        raise UnreadableDataError(
            f"it is of {which} coverage.py: its schema is {versions[0]}, and {SCHEMA} is the one that is known",
            newer=newer,
        )
    if missing := sorted(TABLES - tables):
        raise UnreadableDataError(f"it is damaged: it has no table `{missing[0]}`")


def _recorded(database: sqlite3.Connection, *, contexts: bool) -> Recorded:
    meta = dict(database.execute("select key, value from meta"))
    names = _names(database, "select id, path from file", "file")
    if not names:
        raise UnreadableDataError("it names no file: nothing was measured")
    arcs = bool(int(meta.get("has_arcs", 0)))
    tracers = _names(database, "select file_id, tracer from tracer", "plugin")
    found = _found(database, names, arcs=arcs, contexts=contexts)
    if tracers.keys() - names.keys():
        raise UnreadableDataError("it is damaged: it has a plugin for a file that it does not name")
    files = {
        name: replace(found.get(number, NOTHING), tracer=tracers.get(number, "")) for number, name in names.items()
    }
    return Recorded(version=str(meta.get("version", "")), arcs=arcs, files=files)


def _found(database: sqlite3.Connection, names: Mapping[int, str], *, arcs: bool, contexts: bool) -> Mapping[int, Ran]:
    known = _names(database, "select id, context from context", "context") if contexts else {}
    rows = _jumped(database, contexts=contexts) if arcs else _lined(database)
    found: dict[int, Ran] = {}
    for number, parts in groupby(rows, key=itemgetter(0)):
        if number not in names or number in found:
            raise UnreadableDataError(f"it is damaged: it has lines of a file that it does not name ({number})")
        ran, jumps = 0, []
        by: dict[str, int] = {}
        for _, context, part, jumped in parts:
            ran |= part
            jumps += [jumped] if jumped is not None else []
            if contexts:
                if context not in known:
                    raise UnreadableDataError(f"it is damaged: it does not name the context {context}")
                if part:
                    by[known[context]] = part
        found[number] = Ran(lines=ran, arcs=joined(jumps) if jumps else frozenset(), by=by)
    return found


def _names(database: sqlite3.Connection, query: str, what: str) -> dict[int, str]:
    names: dict[int, str] = {}
    for number, name in database.execute(query):
        if not isinstance(number, int) or not isinstance(name, str) or (what == "file" and not name):
            raise UnreadableDataError(f"it is damaged: {name!r} is no name of a {what}")
        names[number] = name
    return names


def _lined(database: sqlite3.Connection) -> Iterator[tuple[int, int, int, None]]:
    for number, context, bits in database.execute("select file_id, context_id, numbits from line_bits order by 1, 2"):
        yield number, context, _ran(bits), None


def _ran(bits: object) -> int:
    """The lines of a numbits, in which line n is bit n from the lowest, as in our own sets; Python's line 0 is none."""
    if not isinstance(bits, bytes) or len(bits) > lines.LARGEST // 8 + 1:
        msg = "its lines are no set of lines of a file"
        raise ValueError(msg)
    return int.from_bytes(bits, "little") & ~1


def _jumped(database: sqlite3.Connection, *, contexts: bool) -> Iterator[tuple[int, int, int, Jumps]]:
    # Grouped by the index that the table has, and made text by SQLite: a third of the time that single rows take.
    context, grouped = ("context_id", "file_id, context_id") if contexts else ("0", "file_id")
    query = f"select file_id, {context}, count(*), group_concat(fromno), group_concat(tono) from arc group by {grouped}"  # noqa: S608
    for number, within, count, froms, tos in database.execute(query):
        jumps, ran = packed(count, froms, tos)
        yield number, within, ran, jumps
