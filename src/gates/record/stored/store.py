"""Store: the database `.gates/record.sqlite`, made from the event files and made again from them at any time."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from gates.errors import GatesError
from gates.record.stored import schema
from pytest_vltair import filelock

NAME = "record.sqlite"
PATIENCE = 30.0
"""Seconds to wait for another process that writes; it holds the store for the time of one event file."""

LOCK = ".lock"
"""What follows the name of the store in that of the file which is locked while it is written or made anew."""

_BUSY = f"is kept locked by another process for more than {PATIENCE:.0f} seconds: try again"
_AGAIN = "`gates runs ingest --rebuild` makes it anew from the event files"


class StoreError(GatesError):
    """The store cannot be read, or cannot be written."""

    slug = "store"


class Store:
    """An open store; `path` is its file, `writable` whether more can be written to it."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, writable: bool, shared: bool = True) -> None:
        self.connection = connection
        self.path = path
        self.writable = writable
        self._shared = shared

    def __enter__(self) -> Self:
        """The store; leaving closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Inside, the store is as it is now, whatever others write meanwhile.

        Raises:
            StoreError: it cannot be read, or what is in it is none.
        """
        with told(self.path):
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside, or nothing of it; others wait meanwhile.

        Raises:
            StoreError: it cannot be written.
        """
        with told(self.path), alone(self.path) if self._shared else nullcontext():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Inside, no other process writes to the store at `path`.

    Raises:
        StoreError: another one does for too long.
    """
    descriptor = _lock(path)
    try:
        with suppress(OSError):  # of a file system without locks
            if not filelock.wait(descriptor, PATIENCE):
                raise StoreError(f"the store .gates/{path.name} {_BUSY}")
        yield
    finally:
        os.close(descriptor)


def opened(path: Path, *, shared: bool = True) -> Store:
    """The store at `path`, made where it is not there, with the schema of this version.

    Where it cannot be written it is opened to be read. One that is not `shared` is known to no other process.

    Raises:
        StoreError: it is damaged, made by a newer version, cannot be read, or cannot be made.
    """
    with told(path):
        if path.exists() and not _may_write(path):
            return _to_read(path)
        store = _connected(path, "rwc", shared=shared)
        try:
            _prepare(store)
        except BaseException:
            store.close()
            raise
        return store


def existing(path: Path) -> Store | None:
    """The store at `path` to be read, or None where there is none.

    Raises:
        StoreError: it is damaged, made by another version, or cannot be read.
    """
    if not path.exists():
        return None
    with told(path):
        return _to_read(path)


def in_memory(path: Path) -> Store:
    """An empty store that is written nowhere, in place of the one at `path`; what is put aside is put there."""
    connection = sqlite3.connect("", isolation_level=None)
    store = Store(connection, path, writable=True, shared=False)
    with store.writing():
        schema.migrate(connection)
    return store


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


def _connected(path: Path, mode: str, more: str = "", *, shared: bool = True) -> Store:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{more}", uri=True, isolation_level=None, timeout=PATIENCE
    )
    return Store(connection, path, writable=mode == "rwc", shared=shared)


def _prepare(store: Store) -> None:
    """Settings of a connection that writes.

    Foreign keys stay off: rows are replaced by run, children first, and `gates runs reconcile` compares them all.
    A commit that a power failure takes back is made again from the event files, so NORMAL is enough.
    """
    connection = store.connection
    _use_log(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 8192")
    connection.execute("PRAGMA cache_size = -65536")
    if not schema.is_current(connection):
        with store.writing():
            schema.migrate(connection)


def _lock(path: Path) -> int:
    try:
        return os.open(path.with_name(path.name + LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(f"the store .gates/{path.name} cannot be written: {path.name}{LOCK}: {why}") from error


def _use_log(connection: sqlite3.Connection) -> None:
    """Let others read while one writes; on file systems without shared memory they wait, which is as safe.

    SQLite does not wait by itself where another process makes the same change.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if _code(error) != "BUSY" or time.monotonic() > end:
                raise
            time.sleep(filelock.PAUSE)
        else:
            return


def _to_read(path: Path) -> Store:
    """The store opened to be read, also where not even its lock can be had."""
    try:
        store = _connected(path, "ro")
        schema.check(store.connection)
    except sqlite3.OperationalError:
        if (path.parent / (path.name + "-wal")).exists():
            raise
        store = _connected(path, "ro", "&immutable=1")
        schema.check(store.connection)
    return store


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))


def _code(error: sqlite3.Error) -> str:
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return name.removeprefix("SQLITE_").partition("_")[0]


def _said(error: sqlite3.Error) -> str:
    match _code(error):
        case "CORRUPT" | "NOTADB" | "FORMAT":
            return f"is damaged: {_AGAIN}"
        case "FULL":
            return "cannot be written: the disk is full; nothing is lost, run `gates runs ingest` once there is room"
        case "READONLY" | "CANTOPEN" | "PERM" | "AUTH":
            return "cannot be written or made: see to the permissions of its folder; the event files hold everything"
        case "BUSY" | "LOCKED":
            return _BUSY
        case _:
            return f"cannot be used: {error}; {_AGAIN}"
