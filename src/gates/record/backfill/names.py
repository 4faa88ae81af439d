"""Names: what a run of long ago is called, and which name is still free for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gates.record.backfill.runs import Past
from pytest_vltair import eventlog, heads


def of(past: Past, data: bytes, number: int) -> str:
    """The name of the run in this file, after so many of which the writer was killed."""
    salted = data if number == 0 else data + b"\0%d" % number
    return eventlog.named(past.started, hashlib.sha256(salted).hexdigest()[:8])


def free(folder: Path, past: Past, data: bytes) -> str | None:
    """The name that the run gets, None where it is there already; one that was cut off is written anew.

    There is an open file of that name where another process writes it.
    """
    # In this order: a run is entered first, then moved from among the open ones, and taken away last.
    entered = _entered(folder)
    number = 0
    while True:  # each number but the last has a file of a writer that was killed
        run = of(past, data, number)
        name = f"{run}{eventlog.SUFFIX}"
        if (folder / eventlog.OPEN / name).exists():
            return run
        match _is_whole(folder / name):
            case None:
                return None if _entry(run) in entered else run
            case True:
                return None
        number += 1


def is_entered(folder: Path, run: str) -> bool:
    """Whether a run was closed here, even if it was taken away since."""
    return _entry(run) in _entered(folder)


def _entered(folder: Path) -> bytes:
    try:
        return (folder / heads.NAME).read_bytes()
    except FileNotFoundError:
        return b""


def _entry(run: str) -> bytes:
    """What is in a line about this run."""
    return b'"run":"' + run.encode() + b'"'


def _is_whole(path: Path) -> bool | None:
    """Whether a closed file holds the run to its end, and not up to where its writer was killed; None without one."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    last = data.rstrip(b"\n").rpartition(b"\n")[2]
    return b'"status":"lost"' not in last
