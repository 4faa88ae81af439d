"""Kept: parses of earlier runs, in one SQLite file of the gate's state; whatever is wrong with it, it is empty."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

NAME = "parses.sqlite"
MOST = 20_000
"""Parses that are kept at least; the oldest go first. One of a file of 1,000 lines has some 8 kB."""

TABLE = "create table if not exists parse (key text, sha256 text, checksum blob, value blob, primary key (key, sha256))"
CHUNK = 500


def load(folder: Path, contents: Iterable[str]) -> dict[str, dict[str, bytes]]:
    """Parses by key and digest of the content, of these contents; a row that is not as it was written is none."""
    path = folder / NAME
    found: dict[str, dict[str, bytes]] = {}
    if not path.is_file():
        return found
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            for key, content, checksum, value in _rows(database, sorted(set(contents))):
                if isinstance(value, bytes) and checksum == _checksum(key, content, value):
                    found.setdefault(key, {})[content] = value
    except sqlite3.OperationalError:
        return {}
    except sqlite3.Error:
        _remove(path)
        return {}
    return found


def store(folder: Path, key: str, parses: Mapping[str, bytes]) -> None:
    """Keep these parses, if it can be done: a run never fails for want of a place to keep something."""
    path = folder / NAME
    rows = [(key, content, _checksum(key, content, value), value) for content, value in parses.items()]
    try:
        with closing(sqlite3.connect(path, timeout=1)) as database, database:
            database.execute(TABLE)
            database.executemany("insert or replace into parse values (?, ?, ?, ?)", rows)
            most = max(MOST, 4 * len(rows))
            database.execute("delete from parse where rowid <= (select max(rowid) from parse) - ?", (most,))
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
            _remove(path)


def _remove(path: Path) -> None:
    """The next run makes a new one, where it can."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _rows(database: sqlite3.Connection, contents: list[str]) -> Iterator[tuple[str, str, bytes, object]]:
    for at in range(0, len(contents), CHUNK):
        asked = contents[at : at + CHUNK]
        places = ",".join("?" * len(asked))
        yield from database.execute(f"select * from parse where sha256 in ({places})", asked)  # noqa: S608 - marks only


def _checksum(key: str, content: str, value: bytes) -> bytes:
    return hashlib.blake2b(f"{key} {content} ".encode() + value, digest_size=16).digest()
