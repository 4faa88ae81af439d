"""History: the files of runs and `heads.jsonl` as they are found, each with the first thing that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from gates.record.integrity import kept, links
from gates.record.integrity.kept import Named
from gates.record.integrity.links import End, Flaw, Found, Kind, Link
from pytest_vltair import heads
from pytest_vltair.chain import ZEROS
from pytest_vltair.eventlog import END, OPEN, SUFFIX

START = "command_start"
CLOCKS = timedelta(minutes=1)
"""By how much times may go back without a word: runs that end at once wait for each other."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as it was written: file (from the folder of events on), line from 1, what happened, what was due."""

    file: str
    line: int | None
    kind: Kind
    expected: str


class Seen(NamedTuple):
    """Somebody saw so many lines of `heads.jsonl`, the last with this digest."""

    who: str
    lines: int
    chain: str


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know of the file of one run; an open one has no end yet.

    `head` is the digest of its last whole line, `at` when that was, `named` what its events name by its digest, `notes`
    what is worth saying and no fault.
    """

    name: str
    events: int
    head: str
    at: str
    seen: Seen | None
    schema_version: int
    named: tuple[Named, ...]
    notes: tuple[str, ...]
    fault: Fault | None
    is_open: bool


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """What `heads.jsonl` says: the closed runs by file in their order, and which of them are retired.

    `signed` are the names of checkpoints with the SHA-256 of their files, `torn` bytes of a line that was never whole.
    """

    links: tuple[Link, ...] = ()
    closed: Mapping[str, End] = msgspec.field(default_factory=dict)
    retired: frozenset[str] = frozenset()
    signed: Mapping[str, str] = msgspec.field(default_factory=dict)
    fault: Fault | None = None
    torn: int = 0

    def end(self, lines: int) -> str | None:
        """The digest of the last of so many lines; None where there are fewer."""
        if lines == 0:
            return ZEROS
        return self.links[lines - 1].chain if 0 < lines <= len(self.links) else None


def read_heads(folder: Path) -> Heads:
    """What `heads.jsonl` in the folder of events says; nothing where it is not there.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        data = heads.settled(folder)
    except FileNotFoundError:
        return Heads()
    lines, rest = links.split(data)
    found: list[Found] = [links.read(line) for line in lines]
    # A killed run leaves the beginning of a line, which the next one cuts off; a whole line without its end was edited.
    lost = bool(rest) and isinstance(links.read(rest), Link)
    if lost:
        found.append(links.torn(rest))
    flaw = links.flaw(found)
    whole = tuple(one for one in found if isinstance(one, Link))
    return Heads(
        links=whole,
        closed={str(one.fields.get("file")): _end(one) for one in _of(whole, "closed")},
        retired=frozenset(str(one.fields.get("file")) for one in _of(whole, "retired")),
        signed={str(one.fields.get("name")): str(one.fields.get("sha256")) for one in _of(whole, "checkpoint")},
        fault=None if flaw is None else _fault(heads.NAME, flaw),
        torn=0 if lost else len(rest),
    )


def names(folder: Path) -> dict[str, bool]:
    """The files of runs by name, and whether each is open; a folder that is not there has none.

    Raises:
        OSError: a folder cannot be listed.
    """
    found: dict[str, bool] = {}
    # A run that is closed meanwhile is found in one of them, or in both.
    for place, is_open in ((folder / OPEN, True), (folder, False)):
        if place.is_dir():
            there = sorted(path.name for path in place.iterdir() if path.suffix == SUFFIX and path.name != heads.NAME)
            found |= dict.fromkeys(there, is_open)
    return found


def read_log(folder: Path, name: str, end: End | None, *, is_open: bool) -> Log | None:
    """The file of a run, None where it is gone; `end` is how it was closed, where that is known.

    Raises:
        OSError: it cannot be read.
    """
    data = _bytes(folder, name, is_open=is_open)
    if data is None:
        return None
    lines, rest = links.split(data)
    found: list[Found] = [links.read(line) for line in lines]
    is_open = is_open and end is None
    if rest and not is_open:
        found.append(links.torn(rest))
    shown = f"{OPEN}/{name}" if is_open else name
    flaw = links.flaw(found, end)
    whole = [one for one in found if isinstance(one, Link)]
    first, last = (whole[0].fields, whole[-1].fields) if whole else ({}, {})
    version = first.get("schema_version")
    return Log(
        name=name,
        events=len(whole),
        head=whole[-1].chain if whole else ZEROS,
        at=str(last.get("at", "")),
        seen=_seen(name, first.get("heads")),
        schema_version=version if type(version) is int else 0,
        named=tuple(dict.fromkeys(named for one in whole for named in kept.named(one.fields))),
        # What is backfilled was not when it was written.
        notes=() if first.get("backfilled") else tuple(set_back(shown, whole)),
        fault=_misshapen(shown, found, is_open=is_open) if flaw is None else _fault(shown, _after_the_end(found, flaw)),
        is_open=is_open,
    )


def _seen(name: str, found: Any) -> Seen | None:
    if not isinstance(found, dict) or type(found.get("lines")) is not int:
        return None
    return Seen(name, found["lines"], str(found.get("chain")))


def set_back(name: str, found: Sequence[Link]) -> Iterator[str]:
    """A note where the time goes back; the order of lines is that of their chain, whatever the time."""
    for number, (before, after) in enumerate(pairwise(str(one.fields.get("at")) for one in found), 2):
        try:
            went_back = datetime.fromisoformat(before) - datetime.fromisoformat(after) > CLOCKS
        except (ValueError, TypeError):
            continue
        if went_back:
            yield f"{name}:{number}: the clock was set back, from {before} to {after}"
            return


def _bytes(folder: Path, name: str, *, is_open: bool) -> bytes | None:
    begun, closed = folder / OPEN / name, folder / name
    # An open one may be closed meanwhile; a closed one may wait in the first place, and be moved between two looks.
    for path in (begun, closed) if is_open else (closed, begun, closed):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            continue
    return None


def _after_the_end(found: Sequence[Found], flaw: Flaw) -> Flaw:
    """The flaw, which is something inserted where a last event comes before it."""
    before = found[flaw.line - 2] if flaw.kind == "changed" and flaw.line > 1 else None
    if isinstance(before, Link) and before.fields.get("event") == END:
        return Flaw(flaw.line, "inserted", f"nothing after `{END}`")
    return flaw


def _misshapen(name: str, found: Sequence[Found], *, is_open: bool) -> Fault | None:
    """What is wrong with the events of a chain that is whole: the first, the last, and whose they are."""
    run = Path(name).name.removesuffix(SUFFIX)
    events = [one.fields for one in found if isinstance(one, Link)]
    for number, one in enumerate(events, 1):
        if one.get("run") != run:
            return Fault(file=name, line=number, kind="inserted", expected=f"an event of the run {run}")
        if number > 1 and events[number - 2].get("event") == END:
            return Fault(file=name, line=number, kind="inserted", expected=f"nothing after `{END}`")
        if (one.get("event") == START) != (number == 1):
            wanted = f"`{START}` as the first event, and nowhere else"
            return Fault(file=name, line=number, kind="dropped" if number == 1 else "inserted", expected=wanted)
    if not is_open and (not events or events[-1].get("event") != END):
        return Fault(file=name, line=len(events) + 1, kind="dropped", expected=f"`{END}` as the last event")
    return None


def _of(found: Sequence[Link], kind: str) -> Iterator[Link]:
    return (one for one in found if one.fields.get("kind") == kind)


def _end(one: Link) -> End:
    events = one.fields.get("events")
    return End(events if type(events) is int else 0, str(one.fields.get("head")))


def _fault(name: str, flaw: Flaw) -> Fault:
    return Fault(file=name, line=flaw.line, kind=flaw.kind, expected=flaw.expected)
