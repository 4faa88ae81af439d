"""Checkpoints: signed notes of how far `heads.jsonl` was, which show what was changed or cut off before them.

A checkpoint is an envelope (DSSE) of the type `KIND`, signed with the key of provenance. One is in
`events/checkpoints/LINES.json`; a copy that is kept elsewhere is what whoever can write to `.gates` cannot take back.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gates.engine.codec import CODEC
from gates.errors import GatesError
from gates.model.evidence import encode, sha256
from gates.record import events
from gates.record.integrity import history, whose
from gates.record.integrity.history import Fault, Heads, Seen
from gates.record.integrity.whose import Whose
from pytest_vltair import heads
from pytest_vltair.heads import NAME

KIND = "application/vnd.pytest-vltair.checkpoint+json"
FOLDER = "checkpoints"
SCHEMA_VERSION = 1


class CheckpointError(GatesError):
    """There is nothing to sign, or what would be signed is not what was written."""

    slug = "checkpoint"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed: at a moment in UTC, `heads.jsonl` of the project had so many lines, the last with this digest."""

    schema_version: int
    project: str
    lines: int
    chain: events.Digest
    at: events.Moment


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoints that were found: what they saw of `heads.jsonl`, and what is wrong with them.

    `verified` are the names of those that the key signed, the one that saw most last.
    """

    seen: tuple[Seen, ...] = ()
    verified: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def made(folder: Path, project: str, at: str) -> bytes:
    """What to sign of the folder of events; `project` is the name where no run tells it.

    Raises:
        CheckpointError: no run was closed, or `heads.jsonl` is not whole.
        OSError: it cannot be read.
    """
    found = history.read_heads(folder)
    if found.fault is not None:
        where = f"{found.fault.file}:{found.fault.line}"
        raise CheckpointError(f"{where} is not what was written ({found.fault.kind}); see `gates runs verify`")
    if not found.links:
        raise CheckpointError("no run was closed here, so there is nothing to sign")
    lines = len(found.links)
    name = whose.read(folder, project, frozenset(found.closed)).last
    held = Checkpoint(schema_version=SCHEMA_VERSION, project=name, lines=lines, chain=found.links[-1].chain, at=at)
    return encode(held)


def seen(who: str, payload: bytes) -> Seen:
    """What a checkpoint saw of `heads.jsonl`; `who` is its name."""
    held = msgspec.json.decode(payload, type=Checkpoint)
    return Seen(who, held.lines, held.chain)


def entered(folder: Path, payload: bytes, signed: bytes) -> Path:
    """The file in which a signed checkpoint is kept now; a line of `heads.jsonl` says that there is one.

    Raises:
        OSError: it cannot be written.
    """
    from gates.engine import state

    held = msgspec.json.decode(payload, type=Checkpoint)
    digest = sha256(signed)
    place = folder / FOLDER / f"{held.lines}.json"
    place.parent.mkdir(exist_ok=True)
    with state.locked(folder) as alone:
        # Two processes may sign the same lines at once: each has a file of its own, and none takes that of the other.
        if not alone or place.exists():
            place = place.with_name(f"{held.lines}-{digest[:8]}.json")
        state.write(place, signed)
    heads.append(folder, {"kind": "checkpoint", "at": held.at, "name": place.name, "sha256": digest}, CODEC)
    return place


def check(folder: Path, elsewhere: Sequence[Path], project: str, unseal: Callable[[bytes], bytes] | None) -> Checked:
    """What the checkpoints in the folder of events, and those `elsewhere`, say of `heads.jsonl`.

    `project` is the name that they bear where no run tells it. `unseal` gives what was signed; without it they are held
    to the log as they are, and none is verified.
    """
    found, theirs = _log(folder, project)
    missing = tuple(_missing(folder, found))
    known = {one.file for one in missing}
    seen: list[Seen] = []
    verified: list[Seen] = []
    faults = []
    unread = []
    for name, path in _found(folder, elsewhere):
        try:
            data = path.read_bytes()
        except OSError as error:
            unread.append(f"the checkpoint {name} cannot be read: {error.strerror or error}")
            continue
        if not _is_checkpoint(data):
            unread += [f"{name} is no checkpoint: {_instead(path in elsewhere)}"] if name not in known else []
            continue
        held = _read(data, found, theirs, unseal)
        if isinstance(held, str):
            faults.append(Fault(file=name, line=None, kind="changed", expected=f"a checkpoint of {theirs}: {held}"))
            continue
        seen.append(Seen(name, held.lines, held.chain))
        verified += seen[-1:] if unseal is not None else []
    verified.sort(key=lambda one: one.lines)
    if unseal is not None and not (verified or faults or unread):
        unread.append("there is no checkpoint to verify: name one that was kept elsewhere with --checkpoint")
    return Checked(
        seen=tuple(seen),
        verified=tuple(one.who for one in verified),
        faults=(*faults, *missing),
        unread=tuple(unread),
        notes=tuple(_notes(seen, verified, theirs)),
    )


def _log(folder: Path, project: str) -> tuple[Heads, Whose]:
    """What the log says that checkpoints are held to; what cannot be read is said where the rest of it is verified."""
    found = Heads()
    try:
        found = history.read_heads(folder)
        return found, whose.read(folder, project, frozenset(found.closed))
    except OSError:
        return found, Whose((project,), is_all=False)


def _found(folder: Path, elsewhere: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    for path in sorted((folder / FOLDER).glob("*.json")):
        yield f"{FOLDER}/{path.name}", path
    for path in elsewhere:
        yield path.as_posix(), path


def _notes(seen: Sequence[Seen], verified: Sequence[Seen], theirs: Whose) -> Iterator[str]:
    if verified:
        last = verified[-1]
        log = f"{NAME} of {theirs}"  # the whole log of another project may have been put here, with its checkpoints
        yield f"signed up to line {last.lines} of {log}, by {last.who}; nobody vouches for the end of what is after it"
    elif seen:
        yield f"{len(seen)} checkpoint{'s' * (len(seen) != 1)} not verified: --key names the public key"


def _is_checkpoint(data: bytes) -> bool:
    """Whether a file says that it is a checkpoint; whatever else lies there or is named shows nothing of the log."""
    try:
        found: Any = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("payloadType") == KIND


def _instead(is_named: bool) -> str:
    if is_named:
        return "name the file that `gates runs checkpoint --output FILE` wrote"
    return f"move it out of {FOLDER}"


def _read(data: bytes, found: Heads, theirs: Whose, unseal: Callable[[bytes], bytes] | None) -> Checkpoint | str:
    """The checkpoint in a file, or in one clause why it is not believed."""
    try:
        payload = _claimed(data) if unseal is None else unseal(data)
        held = msgspec.json.decode(payload, type=Checkpoint)
    except (ValueError, msgspec.MsgspecError) as error:
        return str(error)
    except GatesError as error:
        if error.slug != "seal":
            raise
        return error.message
    if held.schema_version != SCHEMA_VERSION:
        return f"it has schema version {held.schema_version}, this is {SCHEMA_VERSION}"
    # A run that is retired or damaged tells no name any more; a checkpoint that fits the log is one of it all the same.
    if held.project not in theirs.names and (theirs.is_all or found.end(held.lines) != held.chain):
        return f"it is one of {held.project}"
    return held


def _claimed(data: bytes) -> bytes:
    """The payload of an envelope, whoever signed it."""
    found: Any = msgspec.json.decode(data)
    try:
        return base64.b64decode(found["payload"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("it is no signed envelope") from error


def _missing(folder: Path, found: Heads) -> Iterator[Fault]:
    """Checkpoints that `heads.jsonl` names and that are gone, or other ones now."""
    for name, digest in found.signed.items():
        shown = f"{FOLDER}/{Path(name).name}"
        try:
            data = (folder / shown).read_bytes()
        except FileNotFoundError:
            wanted = f"the checkpoint with the SHA-256 {digest[:12]}"
            yield Fault(file=shown, line=None, kind="dropped", expected=wanted)
        except OSError:
            continue
        else:
            if sha256(data) != digest:
                yield Fault(file=shown, line=None, kind="changed", expected=f"the SHA-256 {digest[:12]}")
