"""Part: evidence of one gate from one machine or shard, in a file that `gates merge` can trust or refuse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gates import __version__
from gates.engine import machine, state
from gates.engine.collection import Collected
from gates.model.evidence import encode, sha256
from gates.model.gate import Shard
from gates.model.reason import Reason

SCHEMA_VERSION = 2


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts, or the reason why there are none, with what they were made from."""

    schema_version: int
    gates_version: str
    gate: str
    lane: str | None
    shard: Shard | None
    commit: str | None
    tree: str
    platform: str
    python: str
    settings: Any
    tools: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...]
    reason: Reason | None
    facts: msgspec.Raw
    evidence: str


class _Versions(msgspec.Struct, frozen=True, kw_only=True):
    schema_version: int
    gates_version: str


class OtherVersionError(ValueError):
    """A part in another form, written by another version of gates."""


class _Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    part: msgspec.Raw
    sha256: str


def make(
    gate: str,
    got: Collected,
    settings: Any,
    *,
    shard: Shard | None,
    commit: str | None,
    tree: str,
    python: str,
    lane: str | None = None,
) -> Part:
    """The part of one gate of this run."""
    facts = encode(got.facts)
    return Part(
        schema_version=SCHEMA_VERSION,
        gates_version=__version__,
        gate=gate,
        lane=lane,
        shard=shard,
        commit=commit,
        tree=tree,
        platform=f"{machine.system()} {machine.architecture()}",
        python=python,
        settings=msgspec.to_builtins(settings),
        tools=got.tools,
        commands=got.commands,
        reason=got.reason,
        facts=msgspec.Raw(facts),
        evidence=sha256(facts),
    )


def write(part: Part, folder: Path) -> Path:
    """The file `GATE.json`, `GATE.2-of-4.json` or `GATE.LANE.2-of-4.json` that now holds the part.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lane = "" if part.lane is None else f".{part.lane}"
    shard = "" if part.shard is None else f".{part.shard.index}-of-{part.shard.count}"
    path = folder / f"{part.gate}{lane}{shard}.json"
    body = encode(part)
    state.write(path, encode(_Sealed(part=msgspec.Raw(body), sha256=sha256(body))))
    return path


def read(path: Path) -> Part:
    """The part in a file.

    Raises:
        OtherVersionError: it is of another schema version.
        ValueError: it is damaged.
        OSError: it cannot be read.
    """
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
        body = bytes(sealed.part)
        made_by = msgspec.json.decode(body, type=_Versions)
        if made_by.schema_version != SCHEMA_VERSION:
            said = f"gates {made_by.gates_version} wrote it in schema version {made_by.schema_version}"
            raise OtherVersionError(f"{said}, and this one ({__version__}) reads {SCHEMA_VERSION}")
        part = msgspec.json.decode(body, type=Part)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"it does not decode: {error}") from error
    if sha256(body) != sealed.sha256 or sha256(bytes(part.facts)) != part.evidence:
        raise ValueError("its digest does not match its content")
    return part
