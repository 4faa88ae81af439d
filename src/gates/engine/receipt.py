"""Receipt: which gate, inputs, settings and tools a piece of evidence came from, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from gates.model.evidence import encode, sha256

SCHEMA_VERSION = 1

T = TypeVar("T", bound=msgspec.Struct)


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` is the digest of `parts`; `evidence` the digest under which the facts are stored; times are UTC."""

    schema_version: int
    gate: str
    key: str
    parts: Mapping[str, str]
    evidence: str
    taken_at: str
    duration_s: float
    tools: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...]
    settings: Any


class _Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    receipt: msgspec.Raw
    sha256: str


def seal(receipt: msgspec.Struct) -> bytes:
    """The bytes of a receipt with their digest, so that a flipped or lost byte shows."""
    body = encode(receipt)
    return encode(_Sealed(receipt=msgspec.Raw(body), sha256=sha256(body)))


def unseal(data: bytes) -> Receipt:
    """The receipt of evidence that `seal` wrote.

    Raises:
        ValueError: it is damaged, or was written by a version with another schema.
    """
    return unseal_as(data, Receipt, SCHEMA_VERSION)


def unseal_as(data: bytes, kind: type[T], schema_version: int) -> T:
    """The receipt of this kind that `seal` wrote.

    Raises:
        ValueError: it is damaged, or was written by a version with another schema.
    """
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
        body = bytes(sealed.receipt)
        receipt = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"it does not decode: {error}") from error
    if sha256(body) != sealed.sha256:
        raise ValueError("its digest does not match its content")
    found = getattr(receipt, "schema_version", None)
    if found != schema_version:
        raise ValueError(f"it has schema version {found}, this is {schema_version}")
    return receipt
