"""Sealing: what is no attestation, such as a checkpoint of the record, signed with the key of provenance.

Its type is signed with it, so that neither can be taken for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.builtin.attested import document, envelope, keys
from gates.builtin.attested.refusal import Refused
from gates.errors import GatesError


class SealRefused(GatesError):  # noqa: N818 - like Refused
    """What was sealed is not believed; the message says why, in one clause."""

    slug = "seal"


def seal(payload: bytes, kind: str, key: str | None, environ: Mapping[str, str]) -> bytes:
    """The signed line of a payload of the type `kind`; the key is in the file `key`, else in the variable.

    Raises:
        KeyRefused: there is no key to sign with.
        NoLibrary: what signs is not installed.
    """
    return envelope.sign(payload, keys.private(key, environ), kind) + b"\n"


def unseal(data: bytes, kind: str, public_key: str) -> bytes:
    """The payload of the type `kind` that the owner of the public key in a file signed.

    Raises:
        SealRefused: it is damaged, of another type, or signed by somebody else.
        KeyRefused: the public key cannot be used.
        NoLibrary: what verifies is not installed.
    """
    key = keys.public(Path(public_key))
    try:
        (one,) = document.parse(data)
        if one.form != "dsse":
            raise SealRefused("it is no signed envelope")
        return envelope.opened(one, key, kind)
    except Refused as error:
        raise SealRefused(error.message) from error
    except ValueError as error:
        raise SealRefused("it holds more than one line") from error
