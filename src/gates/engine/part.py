"""Part: evidence of one gate from one machine or shard, in a file that `gates merge` can trust or refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gates import __version__
from gates.engine import machine, state
from gates.engine.collection import Collected, decode
from gates.model.evidence import Facts, encode, sha256
from gates.model.gate import Shard
from gates.model.reason import Reason

SCHEMA_VERSION = 3


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts, or the reason why there are none, with what they were made from, and when (None where there are none)."""

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
    taken_at: str | None
    reason: Reason | None
    facts: msgspec.Raw
    evidence: str


class Stored(Part, frozen=True, kw_only=True):
    """A part without its facts, which are read again when they are needed: many shards need not fit into memory."""

    path: Path

    def load(self, kind: type[Any]) -> Facts:
        """The facts, of a gate's own type.

        Raises:
            DamagedFactsError: the file has changed, or does not hold facts of this type.
        """
        try:
            sealed = msgspec.json.decode(self.path.read_bytes(), type=_Sealed)
            facts = memoryview(msgspec.json.decode(memoryview(sealed.part), type=_Facts).facts)
            if sha256(facts) == self.evidence:
                return decode(kind, facts)
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise DamagedFactsError(str(error)) from error
        raise DamagedFactsError(f"{self.path.name} has changed while it was read")


class Shards(Sequence[Any]):
    """The facts of several parts, each read when it is asked for and not kept: go over them once."""

    def __init__(self, kind: type[Any], own: Sequence[Stored]) -> None:
        self._kind = kind
        self._own = own

    def __len__(self) -> int:
        """How many there are."""
        return len(self._own)

    def __iter__(self) -> Iterator[Any]:
        """Each in turn; nothing here holds on to it while the next is read."""
        for one in self._own:
            yield one.load(self._kind)

    def __getitem__(self, index: Any) -> Any:
        """The facts of one, or of each in a slice."""
        if isinstance(index, slice):
            return [one.load(self._kind) for one in self._own[index]]
        return self._own[index].load(self._kind)


class DamagedFactsError(Exception):
    """A part whose facts are not what its file said when it was looked at first, or not of the gate's type."""


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    facts: msgspec.Raw


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
        taken_at=got.taken_at,
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


def stored(path: Path) -> Stored:
    """What is said of the part in a file, all of which was verified.

    Raises:
        OtherVersionError: it is of another schema version.
        ValueError: it is damaged.
        OSError: it cannot be read.
    """
    found = {name: getattr(part, name) for part in (read(path),) for name in Part.__struct_fields__}
    return Stored(**{**found, "facts": msgspec.Raw(b"null")}, path=path)


def read(path: Path) -> Part:
    """The part in a file.

    Raises:
        OtherVersionError: it is of another schema version.
        ValueError: it is damaged.
        OSError: it cannot be read.
    """
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
        body = memoryview(sealed.part)
        part = _of_this_version(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"it does not decode: {error}") from error
    if sha256(body) != sealed.sha256 or sha256(memoryview(part.facts)) != part.evidence:
        raise ValueError("its digest does not match its content")
    return part


def _of_this_version(body: memoryview) -> Part:
    try:
        part = msgspec.json.decode(body, type=Part)
        made_by: Part | _Versions = part
    except msgspec.ValidationError:
        made_by = msgspec.json.decode(body, type=_Versions)
        if made_by.schema_version == SCHEMA_VERSION:
            raise
    if made_by.schema_version != SCHEMA_VERSION:
        said = f"gates {made_by.gates_version} wrote it in schema version {made_by.schema_version}"
        raise OtherVersionError(f"{said}, and this one ({__version__}) reads {SCHEMA_VERSION}")
    return part
