"""Schema: the tables of the store, in migrations of which each is applied once and never changes afterwards."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "migrations"

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied TEXT NOT NULL
)
"""


class SchemaError(Exception):
    """The store has another schema than this version knows; a clause that says so of it."""


class Migration(NamedTuple):
    """One step of the schema; its digest is over the text with line ends normalised."""

    number: int
    name: str
    sha256: str
    text: str


@lru_cache(maxsize=1)
def migrations() -> tuple[Migration, ...]:
    """All steps that this version knows, in order."""
    return tuple(read(FOLDER))


def read(folder: Path) -> Iterator[Migration]:
    """The steps in a folder, in order."""
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text("utf-8")
        yield Migration(int(path.name[:4]), path.stem, hashlib.sha256(text.encode()).hexdigest(), text)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether every step was applied as it is known.

    Raises:
        SchemaError: one was changed since, or there are some that this version does not know.
    """
    return len(_applied(connection)) == len(migrations())


def check(connection: sqlite3.Connection) -> None:
    """Refuse a store that cannot be asked by this version.

    Raises:
        SchemaError: it is older or newer, or made by other migrations of the same names.
    """
    if not is_current(connection):
        raise SchemaError(
            "was made by an older version of gates and cannot be brought up to date where it cannot be written"
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, inside the transaction of the caller.

    Raises:
        SchemaError: as `is_current`.
    """
    connection.execute(_TABLE)
    known = _applied(connection)
    for one in migrations():
        if one.number in known:
            continue
        for statement in _statements(one.text):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO migrations VALUES (?, ?, ?, ?)",
            (one.number, one.name, one.sha256, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        )


def _applied(connection: sqlite3.Connection) -> set[int]:
    """The numbers of the steps that were applied, each compared with what is known of it."""
    # In one look: between two, another process may make the tables.
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "migrations" not in tables:
        if tables:
            raise SchemaError("is not one that gates made: move that file away")
        return set()
    known = {one.number: one for one in migrations()}
    found = connection.execute("SELECT number, name, sha256 FROM migrations ORDER BY number").fetchall()
    for number, name, digest in found:
        if number not in known:
            raise SchemaError(
                f"was made by a newer version of gates (its schema has step {name}, this version ends with"
                f" {migrations()[-1].name}): use that version, or delete the file, and it is made anew from the events"
            )
        if digest != known[number].sha256:
            raise SchemaError(
                f"was made by a migration {name} with the SHA-256 {digest}, and the one of this version has"
                f" {known[number].sha256}: use the version that made it, or make it anew with"
                " `gates runs ingest --rebuild`"
            )
    return {number for number, _, _ in found}


def _statements(text: str) -> Iterator[str]:
    """The statements of a step, one by one: `executescript` would end the transaction."""
    begun = ""
    for line in text.splitlines(keepends=True):
        begun += line
        if sqlite3.complete_statement(begun):
            yield begun
            begun = ""
