"""Store: the database `.gates/record.sqlite`, made from the event files and made again from them at any time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from gates.errors import GatesError

NAME = "record.sqlite"


class StoreError(GatesError):
    """The store cannot be read, or cannot be written."""

    slug = "store"


class Store:
    """An open store; `path` is its file, `writable` whether more can be written to it."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
        self.connection = connection
        self.path = path
        self.writable = writable

    def __enter__(self) -> Store:
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
