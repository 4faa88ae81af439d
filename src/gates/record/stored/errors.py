"""Errors of the store: what SQLite says of it, and what is no store, in one sentence with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gates.errors import GatesError
from gates.record.stored import schema

PATIENCE = 30.0
"""Seconds to wait for another process that writes; it holds the store for the time of one event file."""

BUSY = f"is kept locked by another process for more than {PATIENCE:.0f} seconds: try again"
_AGAIN = "`gates runs ingest --rebuild` makes it anew from the event files"


class StoreError(GatesError):
    """The store cannot be read, or cannot be written."""

    slug = "store"


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Inside, what SQLite has to say of the store at `path`, or what is in it and is none, is raised as one sentence.

    Raises:
        StoreError: that sentence.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the store .gates/{path.name} {_said(error)}") from error
    except schema.SchemaError as error:
        raise StoreError(f"the store .gates/{path.name} {error}") from error
    except ValueError as error:
        # Of what stands in it, somebody changed something to what it never was.
        raise StoreError(f"the store .gates/{path.name} is damaged: {error}; {_AGAIN}") from error


def code(error: sqlite3.Error) -> str:
    """The name of an error in SQLite's list of result codes, without its first word and what is more exact."""
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return name.removeprefix("SQLITE_").partition("_")[0]


def _said(error: sqlite3.Error) -> str:
    match code(error):
        case "CORRUPT" | "NOTADB" | "FORMAT":
            return f"is damaged: {_AGAIN}"
        case "FULL":
            return "cannot be written: the disk is full; nothing is lost, run `gates runs ingest` once there is room"
        case "READONLY" | "CANTOPEN" | "PERM" | "AUTH":
            return "cannot be written or made: see to the permissions of its folder; the event files hold everything"
        case "BUSY" | "LOCKED":
            return BUSY
        case _:
            return f"cannot be used: {error}; {_AGAIN}"
