"""Envelope: DSSE 1.0, one payload with one signature, in one spelling."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from gates.builtin.attested.document import Document
from gates.builtin.attested.refusal import Refused

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def sign(payload: bytes, signer: CryptoSigner, kind: str = PAYLOAD_TYPE) -> bytes:
    """The envelope of `payload`, on one line without its end; the type `kind` is signed with it."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(payload, kind, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict())


def canonical(value: Any) -> bytes:
    """The one spelling of an envelope: keys sorted, no white space, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def opened(document: Document, key: SSlibKey, kind: str = PAYLOAD_TYPE) -> bytes:
    """The payload of an envelope that `key` signed, of the type `kind`.

    Raises:
        Refused: it is not as gates writes it, or signed by somebody else, or not signed.
    """
    payload, keyid, signature = _parts(document, kind)
    if keyid != key.keyid:
        raise Refused("key-unknown", f"it is signed with the key {keyid[:16]}, and {key.keyid[:16]} is trusted")
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import Signature

    envelope = Envelope(payload, kind, {keyid: Signature(keyid, signature.hex())})
    try:
        envelope.verify([key], 1)
    except VerificationError as error:
        raise Refused("signature-wrong", f"the key {keyid[:16]} did not sign this payload") from error
    return payload


def _parts(document: Document, kind: str) -> tuple[bytes, str, bytes]:
    value = document.value
    if set(value) != {"payload", "payloadType", "signatures"}:
        raise Refused("envelope-fields", f"it has {', '.join(sorted(value))}")
    if not isinstance(value["payload"], str) or not isinstance(value["signatures"], list):
        raise Refused("envelope-fields", "`payload` is no text, or `signatures` no list")
    if value["payloadType"] != kind:
        raise Refused("payload-type", f"it holds {str(value['payloadType'])[:80]}, and {kind} is expected")
    signatures = value["signatures"]
    if not signatures:
        raise Refused("signature-missing", "`signatures` is empty")
    if len(signatures) > 1:
        raise Refused("signature-count", f"it bears {len(signatures)} signatures, and one is expected")
    (one,) = signatures
    if not isinstance(one, dict) or set(one) != {"keyid", "sig"} or not all(isinstance(v, str) for v in one.values()):
        raise Refused("envelope-fields", "a signature has other fields than `keyid` and `sig`")
    if not one["sig"]:
        raise Refused("signature-missing", "the signature is empty")
    payload, signature = decoded(value["payload"], "payload"), decoded(one["sig"], "signature")
    if canonical(value) != document.raw:
        raise Refused("not-canonical", "it has white space, another order of keys or other escapes")
    return payload, one["keyid"], signature


def decoded(text: str, what: str) -> bytes:
    """The bytes of a base64 text in its one canonical spelling.

    Raises:
        Refused: it is none.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("base64", f"the {what} is no base64") from error
    if base64.b64encode(data).decode() != text:
        raise Refused("base64", f"the {what} is not in the canonical spelling of base64")
    return data
