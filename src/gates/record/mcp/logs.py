"""Logs: the store of a project, for a process that asks it again and again, and where no store can be kept."""

from __future__ import annotations

import time
from pathlib import Path

from gates.engine import state
from gates.record.asked import opening
from gates.record.asked.opening import Opened
from gates.record.stored import sources
from gates.record.stored import store as stores
from gates.record.stored.errors import StoreError
from pytest_vltair import eventlog

SETTLED = 2.0
"""Seconds after which a change to a folder has another stamp than the next one, on every file system."""


class Logs:
    """The logs of the project at `root`, which are looked through again only where something was added to them."""

    def __init__(self, root: Path) -> None:
        own = sources.own(root)
        self._root = root
        self._source = own
        self._path = root / state.FOLDER / stores.NAME
        self._folders = tuple(filter(None, (own.folder, own.recordings)))
        self._read: tuple[int, ...] | None = None
        self._notes: tuple[str, ...] = ()

    def opened(self) -> Opened:
        """The store with all that is there by now; close it.

        Raises:
            StoreError: it is damaged, made by a newer version, or nothing can be read.
        """
        stamps = self._stamps()
        if stamps is not None and stamps == self._read and self._path.exists():
            return Opened(opening.as_it_is(self._root), self._notes)
        try:
            opened = opening.opened(self._root)
        except StoreError as error:
            if self._path.exists():
                raise
            store, notes = opening.filled(stores.in_memory(self._path), self._source)
            return Opened(store, (f"answered from the logs alone, which takes longer: {error}", *notes))
        if opened.store.writable:
            self._read, self._notes = stamps, opened.notes
        return opened

    def _stamps(self) -> tuple[int, ...] | None:
        """When files were last added to the folders or taken away; None where that does not tell what is in them."""
        try:
            found = tuple(folder.stat().st_mtime_ns for folder in self._folders if folder.exists())
            is_open = any((self._folders[0] / eventlog.OPEN).iterdir())
        except OSError:
            return None
        settled = all(time.time_ns() - one > SETTLED * 1e9 for one in found)
        return found if settled and not is_open else None
