"""Verifying: whether the log of runs is what was written, and else what was done to it first.

Each file is a chain, `heads.jsonl` is a chain over how each file ended, each run noted how far that one was when it
began, and a checkpoint is a signed note of the same kind. Each of these is held to the others.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from gates.record.events import SCHEMA_VERSION
from gates.record.integrity import history, kept
from gates.record.integrity.checkpoints import Checked
from gates.record.integrity.history import Fault, Heads, Log, Seen
from pytest_vltair import filelock, heads
from pytest_vltair.eventlog import OPEN


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `faults` the first of each file in the order of the history, `unread` what could not be read.

    `runs` counts the files of closed runs, `elsewhere` those of them that `heads.jsonl` does not name; `checkpoints`
    are those whose signature was verified.
    """

    runs: int
    events: int
    heads: int
    retired: int
    elsewhere: int
    checkpoints: tuple[str, ...]
    faults: tuple[Fault, ...]
    unread: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Literal["passed", "failed", "undecided"]:
        """Failed where something was tampered with, undecided where something cannot be read."""
        return "failed" if self.faults else "undecided" if self.unread else "passed"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be verified."""
        return not (self.runs or self.events or self.heads or self.faults or self.unread)


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """The folder of events as it was read, in the order of the history; `unread` has a clause by name of file."""

    path: Path
    heads: Heads
    logs: tuple[Log, ...]
    unread: dict[str, str]

    @property
    def closed(self) -> tuple[Log, ...]:
        """The files of runs that are over."""
        return tuple(log for log in self.logs if not log.is_open)

    @property
    def elsewhere(self) -> tuple[Log, ...]:
        """The files of closed runs that `heads.jsonl` does not name."""
        return tuple(log for log in self.closed if log.name not in self.heads.closed)

    def named(self) -> tuple[kept.Named, ...]:
        """What events name by its digest, each once."""
        return tuple(dict.fromkeys(one for log in self.logs for one in log.named))


def read(path: Path) -> Folder:
    """The folder of events; what cannot be read is in `unread`. Runs may begin and end meanwhile."""
    unread: dict[str, str] = {}
    names: dict[str, bool] = {}
    found = Heads()
    try:
        # Listed first: a file that is closed by now is in `heads.jsonl` when that is read.
        names = history.names(path)
        found = history.read_heads(path)
    except OSError as error:
        unread[Path(error.filename or heads.NAME).name] = _why(error)
    rank = {name: number for number, name in enumerate(found.closed)}
    logs = []
    for name in sorted({*names, *found.closed}, key=lambda name: (rank.get(name, len(rank)), name)):
        try:
            log = history.read_log(path, name, found.closed.get(name), is_open=names.get(name, False))
        except OSError as error:
            unread[name] = _why(error)
            continue
        if log is not None:
            logs.append(log)
    gone = found.closed.keys() - {log.name for log in logs} - unread.keys() - found.retired
    if gone and heads.NAME not in unread:
        found = msgspec.structs.replace(found, retired=found.retired | (gone & _retired(path)))
    return Folder(path=path, heads=found, logs=tuple(logs), unread=unread)


def goes_on(path: Path) -> bool:
    """Whether the run still writes whose open file this is; also where nobody can tell."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not filelock.attempt(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)


def verify(path: Path, checked: Checked | None = None, *, own: bool = True) -> Verified:
    """What can be said of a folder of events, and of what checkpoints say of `heads.jsonl`.

    A folder that is not the project's `own` may be without `heads.jsonl`: its files come from elsewhere.
    """
    folder = read(path)
    checked = checked or Checked()
    missing: Counter[str] = Counter()
    faults = [
        *([folder.heads.fault] if folder.heads.fault else ()),
        *_dropped(folder),
        *(log.fault for log in folder.logs if log.fault),
        *_cut(folder, checked.seen),
        *checked.faults,
        *_changed(folder, missing),
    ]
    unread = [*(f"{name} cannot be read: {why}" for name, why in folder.unread.items()), *checked.unread]
    if own and not faults and not unread and folder.closed and not folder.heads.links:
        unread.append(
            f"{heads.NAME} is missing: whether all runs are here cannot be told; name a folder from elsewhere"
        )
    return Verified(
        runs=len(folder.closed),
        events=sum(log.events for log in folder.logs),
        heads=len(folder.heads.links),
        retired=len(folder.heads.retired),
        elsewhere=len(folder.elsewhere),
        checkpoints=checked.verified,
        faults=tuple(faults),
        unread=tuple(unread),
        notes=(*_notes(folder, missing), *checked.notes),
    )


def _dropped(folder: Folder) -> Iterator[Fault]:
    """Files that `heads.jsonl` names and that are nowhere; and that one itself, where runs of this folder ended."""
    there = {log.name for log in folder.logs} | set(folder.unread)
    for name, end in folder.heads.closed.items():
        if name not in there and name not in folder.heads.retired:
            wanted = f"the file of a closed run with {end.lines} events, the last with the digest {end.chain[:12]}"
            yield Fault(file=name, line=None, kind="dropped", expected=wanted)
    runs = len(folder.closed)
    unknown = folder.heads.links or folder.heads.fault or heads.NAME in folder.unread
    if runs and not unknown and (folder.path / OPEN).is_dir():
        wanted = f"{runs} line{'s' * (runs != 1)}, one for each closed run that is here"
        yield Fault(file=heads.NAME, line=1, kind="dropped", expected=wanted)


def _cut(folder: Folder, seen: Sequence[Seen]) -> Iterator[Fault]:
    """The earliest of what runs and checkpoints saw of `heads.jsonl`, and that is not there any more."""
    if folder.heads.fault is not None or heads.NAME in folder.unread:
        return
    ours = [one for log in folder.logs if log.name in folder.heads.closed and (one := log.seen)]
    for one in sorted((*ours, *seen), key=lambda one: one.lines):
        digest = folder.heads.end(one.lines)
        if digest is None:
            wanted = f"{one.lines} line{'s' * (one.lines != 1)}, which {one.who} has seen"
            yield Fault(file=heads.NAME, line=len(folder.heads.links) + 1, kind="dropped", expected=wanted)
            return
        if digest != one.chain:
            wanted = f"the digest {one.chain[:12]}, which {one.who} has seen: this line or one before it is another"
            yield Fault(file=heads.NAME, line=max(one.lines, 1), kind="changed", expected=wanted)
            return
    for log in folder.elsewhere:
        saw = log.seen
        if saw is not None and saw.lines and folder.heads.end(saw.lines) == saw.chain:
            wanted = f"a line about {log.name}, which began after line {saw.lines} of this history"
            yield Fault(file=heads.NAME, line=len(folder.heads.links) + 1, kind="dropped", expected=wanted)
            return


def _changed(folder: Folder, missing: Counter[str]) -> Iterator[Fault]:
    """Files that events name by their digest, and that have another one now; `missing` counts what is not there."""
    for one in folder.named():
        try:
            digest = hashlib.sha256(one.within(folder.path.parent).read_bytes()).hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            missing[one.folder] += 1
            continue
        except OSError as error:
            folder.unread[one.path] = _why(error)
            continue
        if digest != one.sha256:
            wanted = f"the SHA-256 {one.sha256[:12]} that an event names; it has {digest[:12]}"
            yield Fault(file=f"../{one.path}", line=None, kind="changed", expected=wanted)


def _notes(folder: Folder, missing: Mapping[str, int]) -> Iterator[str]:
    if folder.heads.torn:
        yield f"{heads.NAME} ends with {folder.heads.torn} bytes of a line that was never whole"
    yield from history.set_back(heads.NAME, folder.heads.links)
    if folder.elsewhere and heads.NAME not in folder.unread:
        verb = "is" if len(folder.elsewhere) == 1 else "are"
        found = _listed([log.name for log in folder.elsewhere])
        yield f"{found} {verb} not in {heads.NAME}: from elsewhere, and verified only in itself"
    for log in folder.logs:
        yield from log.notes
        if log.schema_version > SCHEMA_VERSION:
            said = f"schema version {log.schema_version}, and this one reads {SCHEMA_VERSION}"
            yield f"{log.name} was written by a newer version of gates ({said}): its chain was verified, not its events"
        if log.is_open:
            state = "its run goes on" if goes_on(folder.path / OPEN / log.name) else "the next run closes it"
            yield f"{OPEN}/{log.name} is open: verified up to line {log.events}; {state}"
    left = [log.name for log in folder.logs if log.name in folder.heads.retired]
    if left:
        yield f"{_listed(left)} retired and still there: the next `gates runs retire` takes it away"
    for name, count in sorted(missing.items()):
        files = "file is" if count == 1 else "files are"
        yield f"{count} {files} not kept in {name} (any more), which events name"


def _retired(path: Path) -> frozenset[str]:
    """What is retired by now: somebody may take runs away while they are read."""
    try:
        return history.read_heads(path).retired
    except OSError:
        return frozenset()


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _listed(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
