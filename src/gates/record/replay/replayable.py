"""Replayable: a closed run of the log with the grounds on which it was decided, read without the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from gates import __version__
from gates.engine import state
from gates.engine.grounds import FOLDER, ROOT, SCHEMA_VERSION, Grounds
from gates.errors import GatesError, UsageError
from gates.model.decision import Verdict
from gates.model.evidence import sha256
from gates.model.report import key
from gates.record import events
from gates.record.events import CommandEnd, CommandStart, GateDecided
from gates.record.integrity import links
from pytest_vltair import eventlog

if TYPE_CHECKING:
    from gates.record.events import AnyEvent

LAST = "last"
DECIDING = ("check", "merge")
"""The commands whose runs can be decided again; others run what they judge."""

ELSEWHERE = "A run of another machine is decided again beside its own .gates: --project DIR"
"""Said where a run is not found: the store may list it all the same."""

_GATE = b'"event":"gate"'
"""What stands in the lines of gates and in no other: in a text the quotation marks would be escaped."""

_NAME = re.compile(r"[0-9TZ]+(?:-[0-9a-f]*)?|[0-9a-f]+")


class ReplayError(GatesError):
    """A run cannot be decided again (exit 3)."""

    slug = "replay"


class Replayable(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its name, how it began and ended, the verdict of each gate by its key, and what it was decided on."""

    run: str
    start: CommandStart
    end: CommandEnd
    verdicts: Mapping[str, Verdict]
    grounds: Grounds


def find(root: Path, wanted: str) -> Replayable:
    """The run that `wanted` names: its name, the beginning of that or of what stands after its dash, or `last`.

    `last` is the newest that can be decided again.

    Raises:
        UsageError: there is none, or more than one.
        ReplayError: it cannot be decided again; the message says why.
    """
    folder = root / state.FOLDER / eventlog.FOLDER
    if wanted == LAST:
        path = _last(folder)
        if path is None:
            raise ReplayError(
                f"no run of `gates check` or `gates merge` is kept here; `gates check` leaves one. {ELSEWHERE}"
            )
    else:
        path = _named(folder, wanted)
    start, end, verdicts = _read(path)
    grounds = _grounds(root, start, end)
    return Replayable(run=start.run, start=start, end=end, verdicts=verdicts, grounds=grounds)


def _named(folder: Path, wanted: str) -> Path:
    if _NAME.fullmatch(wanted) is None:
        raise UsageError(f"{wanted!r} names no run: write 20261122T171350Z-8939d157, its beginning, 8939d157, or last")
    # Listed first: one that is closed meanwhile is found below.
    names = [one.stem for one in (folder / eventlog.OPEN).glob(f"*{eventlog.SUFFIX}")]
    paths = _newest_first(folder)
    found = [one for one in paths if one.stem.startswith(wanted)]
    found = found or [one for one in paths if one.stem.partition("-")[2].startswith(wanted)]
    exact = [one for one in found if one.stem == wanted]
    if len(found) > 1 and not exact:
        raise UsageError(f"{wanted} may be any of {len(found)} runs, such as {found[0].stem}; write more of the name")
    if found:
        return (exact or found)[0]
    if any(one.startswith(wanted) or one.partition("-")[2].startswith(wanted) for one in names):
        raise ReplayError(f"the run {wanted} has not ended, or was cut off; the next `gates check` closes what is dead")
    raise UsageError(
        f"there is no run {wanted} in {state.FOLDER}/{eventlog.FOLDER}; `gates runs list` shows those that are."
        f" {ELSEWHERE}"
    )


def _newest_first(folder: Path) -> list[Path]:
    """The files of closed runs; a run's name begins with the moment at which it did."""
    return sorted(folder.glob(f"[0-9]*{eventlog.SUFFIX}"), reverse=True)


def _last(folder: Path) -> Path | None:
    """The file of the newest run that can be decided again: names tell the second, and the log itself the rest."""
    for _, within_second in groupby(_newest_first(folder), key=lambda one: one.stem.partition("-")[0]):
        found = [(at, one) for one in within_second if (at := _judged_at(one)) is not None]
        if found:
            return max(found)[1]
    return None


def _judged_at(path: Path) -> str | None:
    """When a run began that can be decided again; None for any other."""
    try:
        start, end = _ends(path.read_bytes())
    except (OSError, ValueError):
        return None
    return start.at if start.command in DECIDING and end.grounds is not None else None


def _read(path: Path) -> tuple[CommandStart, CommandEnd, Mapping[str, Verdict]]:
    """How a run began and ended and what its gates came to, out of a log of which every line is as it was written."""
    try:
        data = path.read_bytes()
        lines, rest = links.split(data)
        if rest or links.flaw([links.read(one) for one in lines]) is not None:
            raise ReplayError(f"the log of {path.stem} is not as it was written; gates runs verify says where")
        return (*_ends(data), _verdicts(lines))
    except (OSError, ValueError) as error:
        raise ReplayError(f"the log of {path.stem} cannot be read: {error}; gates runs verify says more") from error


def _ends(data: bytes) -> tuple[CommandStart, CommandEnd]:
    lines = data.splitlines()
    ends: Iterator[AnyEvent] = (events.decode(one) for one in (*lines[:1], *lines[-1:]))
    start, end = next(ends, None), next(ends, None)
    if not isinstance(start, CommandStart) or not isinstance(end, CommandEnd):
        raise ValueError("it does not begin with the start of a command and end with its end")  # noqa: TRY004
    return start, end


def _verdicts(lines: Sequence[bytes]) -> Mapping[str, Verdict]:
    """The recorded verdict of each gate, by its key."""
    found = [events.decode(one) for one in lines if _GATE in one]
    return {key(one.project, one.gate): one.verdict for one in found if isinstance(one, GateDecided)}


def _grounds(root: Path, start: CommandStart, end: CommandEnd) -> Grounds:
    if start.command not in DECIDING:
        command = start.command if start.command == "pytest" else f"gates {start.command}"
        raise ReplayError(f"{start.run} is a run of {command}, which runs what it judges; nothing replays it")
    if start.backfilled:
        raise ReplayError(f"{start.run} was taken over from another tool's report, without the evidence behind it")
    if end.grounds is None:
        raise ReplayError(
            f"{start.run} left nothing to decide on: it ended with the status {end.status}, or .gates could"
            " not be written"
        )
    name = f"{state.FOLDER}/{FOLDER}/{end.grounds}.json"
    try:
        data = (root / name).read_bytes()
    except FileNotFoundError as error:
        raise ReplayError(f"{name}, on which {start.run} was decided, is gone; only the newest are kept") from error
    except OSError as error:
        raise ReplayError(f"{name} cannot be read: {error.strerror or error}") from error
    if sha256(data) != end.grounds:
        raise ReplayError(f"{name} is damaged: its digest does not match its content")
    return _decoded(data, name, start)


def _decoded(data: bytes, name: str, start: CommandStart) -> Grounds:
    try:
        grounds = msgspec.json.decode(data, type=Grounds)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        made = f"gates {start.gates_version} wrote it, and this one ({__version__}) cannot read it"
        raise ReplayError(f"{name}: {made}: {error}") from error
    if grounds.schema_version != SCHEMA_VERSION:
        version = f"schema version {grounds.schema_version}, and this gates reads {SCHEMA_VERSION}"
        raise ReplayError(f"{name} is of {version}; use gates {start.gates_version}")
    if grounds.refused:
        raise ReplayError(f"{start.run} is not replayable: {grounds.refused}")
    wrong = next(_wrong(grounds), None)
    if wrong is not None:
        raise ReplayError(f"{name}: they are not of a run: {wrong}")
    return grounds


def _wrong(grounds: Grounds) -> Iterator[str]:
    """What gates does not write of a run, a clause each."""
    yield from (f"{one.project} is not below the project" for one in grounds.places if not _is_below(one.project))
    held = [(one.project, one.grounds) for one in grounds.places if one.grounds is not None]
    if not held:
        yield "nothing was judged"
    for project, found in held:
        known = {name for name, _ in found.registered}
        yield from (f"a gate {one.name} was judged that there was not" for one in found.judged if one.name not in known)
        if grounds.workspace is None and project != ROOT:
            yield f"there is no workspace that {project} would be in"


def _is_below(project: str) -> bool:
    """Whether a folder is named that is below another: modules of gates are imported from it."""
    place = PurePosixPath(project)
    return not {"..", "\\", ":"} & {*place.parts, *project} and not place.is_absolute()
