"""Opening: the store of a project with all that its event files hold by now, and what an answer from it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gates.engine import state
from gates.record.stored import ingest, sources
from gates.record.stored import store as stores
from gates.record.stored.errors import StoreError
from gates.record.stored.quarantine import NAME as QUARANTINE
from gates.record.stored.sources import Source
from gates.record.stored.store import Store


class Opened(NamedTuple):
    """An open store, and sentences about what is not in it."""

    store: Store
    notes: tuple[str, ...] = ()


def opened(root: Path) -> Opened:
    """The store of the project at `root`, brought up to date where it can be written; close it.

    Where nothing was recorded it is empty, and no file is made.

    Raises:
        StoreError: it cannot be read, or it was made by a newer version.
    """
    path = root / state.FOLDER / stores.NAME
    own = sources.own(root)
    if not path.exists() and not any(own.found()):
        return Opened(stores.in_memory(path))
    return filled(stores.opened(path), own)


def filled(store: Store, own: Source) -> Opened:
    """The store with what the event files hold by now, where it can be written; it is closed where that fails.

    Raises:
        StoreError: it cannot be read or written, or the event files cannot be read.
    """
    try:
        refused = ingest.ingest(store, [own]).refused if store.writable else []
        missing = 0 if store.writable else ingest.unread(store, own)
        return Opened(store, (*refused, *_lacking(store, missing)))
    except OSError as error:
        store.close()
        raise StoreError(f"the event files cannot be read: {error.strerror or error}") from error
    except BaseException:
        store.close()
        raise


def as_it_is(root: Path) -> Store:
    """The store of the project at `root` without a look at its event files; an empty one where there is none.

    Raises:
        StoreError: it cannot be read, or it was made by a newer version.
    """
    path = root / state.FOLDER / stores.NAME
    return stores.existing(path) or stores.in_memory(path)


def _lacking(store: Store, missing: int) -> Iterator[str]:
    if missing:
        noun = "run is" if missing == 1 else "runs are"
        yield f"{missing:,} newer {noun} not in this answer: {store.path.name} cannot be written"
    with store.reading() as connection:
        files, lines = connection.execute("SELECT count(*), total(bad_lines) FROM files WHERE bad_lines > 0").fetchone()
    if files:
        logs = "1 log" if files == 1 else f"{files:,} logs"
        said = "1 line is" if lines == 1 else f"{lines:,.0f} lines of {logs} are"
        yield f"{said} not in this answer: .gates/{QUARANTINE} has {'it' if lines == 1 else 'them'}, and why"
