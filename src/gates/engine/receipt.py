"""Receipt: which gate, inputs, settings and tools a piece of evidence came from, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gates.model.evidence import encode, sha256

SCHEMA_VERSION = 1


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


def seal(receipt: Receipt) -> bytes:
    """The bytes of a receipt with their digest, so that a flipped or lost byte shows."""
    body = encode(receipt)
    return encode(_Sealed(receipt=msgspec.Raw(body), sha256=sha256(body)))


def unseal(data: bytes) -> Receipt:
    """The receipt that `seal` wrote.

    Raises:
        ValueError: it is damaged, or was written by a version with another schema.
    """
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
        body = bytes(sealed.receipt)
        receipt = msgspec.json.decode(body, type=Receipt)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"it does not decode: {error}") from error
    if sha256(body) != sealed.sha256:
        raise ValueError("its digest does not match its content")
    if receipt.schema_version != SCHEMA_VERSION:
        raise ValueError(f"it has schema version {receipt.schema_version}, this is {SCHEMA_VERSION}")
    return receipt
