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

from gates.record.stored import schema
from gates.record.stored.errors import BUSY, PATIENCE, StoreError, code, told
from pytest_vltair import filelock

NAME = "record.sqlite"
LOCK = ".lock"
"""What follows the name of the store in that of the file which is locked while it is written or made anew."""


class Store:
    """An open store; `path` is its file, `writable` whether more can be written to it.

    One that was opened without a lock has `as_it_was`: SQLite takes its file for one that nobody changes.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        *,
        writable: bool,
        shared: bool = True,
        as_it_was: tuple[int, ...] | None = None,
    ) -> None:
        self.connection = connection
        self.path = path
        self.writable = writable
        self._shared = shared
        self._as_it_was = as_it_was

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
            StoreError: it cannot be read, what is in it is none, or it has no lock and somebody wrote it meanwhile.
        """
        with told(self.path), self._unchanged():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        try:
            yield
        finally:
            # Before what SQLite or a reader says of it: pages of two states are neither damage nor an answer.
            if self._as_it_was not in (None, _state(self.path)):
                raise StoreError(f"the store .gates/{self.path.name} was written while it was read: try again")

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
                raise StoreError(f"the store .gates/{path.name} {BUSY}")
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
        store = Store(_connection(path, "rwc"), path, writable=True, shared=shared)
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


def _connection(path: Path, mode: str, more: str = "") -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}{more}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)


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
            if code(error) != "BUSY" or time.monotonic() > end:
                raise
            time.sleep(filelock.PAUSE)
        else:
            return


def _to_read(path: Path) -> Store:
    """The store opened to be read, also where not even its lock can be had."""
    try:
        store = Store(_connection(path, "ro"), path, writable=False)
        schema.check(store.connection)
    except sqlite3.OperationalError:
        if (path.parent / (path.name + "-wal")).exists():
            raise
        as_it_was = _state(path)
        store = Store(_connection(path, "ro", "&immutable=1"), path, writable=False, as_it_was=as_it_was)
        schema.check(store.connection)
    return store


def _state(path: Path) -> tuple[int, ...]:
    """What differs where the file was written or replaced; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))
