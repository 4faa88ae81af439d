"""Evidence: what `collect` returned, as a plain value that survives being written as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Generic, Self, TypeVar

import msgspec

from gates.model.reason import Reason, ReasonCode

T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every gate's `Evidence` type.

    Fields have no defaults and lists are `Counted`, so that evidence that lost a field, an element or its tail does
    not decode: losing information never improves a verdict. Times, hosts, pids and temporary paths do not belong
    here; the engine keeps them beside the facts.
    """


class Sealed(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts of which no value may lose a part either: `seal` is the digest of all the rest."""

    seal: str

    @classmethod
    def sealed(cls, **held: Any) -> Self:
        """The facts with their seal."""
        return cls(**held, seal=sha256(encode(held)))

    def __post_init__(self) -> None:
        """Refuse facts that are not what was sealed.

        Raises:
            ValueError: something was lost or changed; msgspec reports it as a validation error.
        """
        held = {name: getattr(self, name) for name in self.__struct_fields__ if name != "seal"}
        if self.seal != sha256(encode(held)):
            raise ValueError("its seal does not match its content")


class Counted(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True, gc=False):
    """A list that knows its length, so that a truncated one is refused when it is read."""

    count: int
    items: tuple[T, ...]

    def __post_init__(self) -> None:
        """Refuse a list that lost or gained an element.

        Raises:
            ValueError: `count` is not the number of `items`; msgspec reports it as a validation error.
        """
        if self.count != len(self.items):
            msg = f"says {self.count} items and holds {len(self.items)}"
            raise ValueError(msg)


class Lane(msgspec.Struct, Generic[T], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole evidence of one kind of run of the suite, such as a system, among that of others."""

    name: str
    run: T


_NOTHING: Counted[Any] = Counted(count=0, items=())


def counted(items: Iterable[T]) -> Counted[T]:
    """`items` with their count; one value for all lists without any, of which evidence is full."""
    held = tuple(items)
    return Counted(count=len(held), items=held) if held else _NOTHING


class Refusal(msgspec.Struct, frozen=True):
    """What `collect` returns when there is no evidence: the gate is undecided for this reason."""

    reason: Reason


def refuse(code: ReasonCode, message: str, fix: str) -> Refusal:
    """A refusal with its reason."""
    return Refusal(Reason(code=code, message=message, fix=fix))


def same(gate: str, lanes: Mapping[str, T]) -> T | Refusal:
    """The evidence that all lanes have, or a refusal that names the first that has another one."""
    (first, held), *others = lanes.items()
    for name, one in others:
        if encode(one) != encode(held):
            message = f"lanes {first} and {name} have different evidence of {gate}, and it does not say what both mean"
            return refuse("evidence_foreign", message, f"gates collect {gate} --output DIR on one machine, in no lane")
    return held


def encode(value: Any) -> bytes:
    """The canonical JSON of a value: keys sorted, no white space, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def sha256(data: bytes | memoryview) -> str:
    """The SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()
