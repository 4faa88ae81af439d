"""Identity: what a certificate of sigstore says of the workflow that it was given to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.builtin.attested.expected import Workflow
from gates.builtin.attested.facts import Identity
from gates.builtin.attested.refusal import Refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

FULCIO = "1.3.6.1.4.1.57264.1."
CLAIMS = {
    "issuer": "8",
    "signer": "9",
    "repository": "12",
    "commit": "13",
    "ref": "14",
    "config": "18",
}
"""The last number of each claim's object identifier (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md)."""


class Policy:
    """What sigstore asks of the certificate, which it has verified by then: `found` is the identity afterwards."""

    def __init__(self, trust: Workflow) -> None:
        self.trust = trust
        self.found: Identity | None = None

    def verify(self, cert: Certificate) -> None:
        """Take in the identity.

        Raises:
            Refused: it is another one.
        """
        self.found = claims(cert)
        check(self.found, self.trust)


def claims(cert: Certificate) -> Identity:
    """What the certificate says.

    Raises:
        Refused: it does not say all of it.
    """
    held = {name: _claim(cert, name, FULCIO + number) for name, number in CLAIMS.items()}
    return Identity(at=cert.not_valid_before_utc.isoformat(), **held)


def check(found: Identity, trust: Workflow) -> None:
    """Nothing where all of it is as trusted.

    Raises:
        Refused: issuer, repository, workflow or ref is another one.
    """
    if found.issuer != trust.issuer:
        raise Refused("issuer-wrong", f"{found.issuer} vouched for it, and {trust.issuer} is trusted")
    if found.repository != trust.repository:
        raise Refused("repository-wrong", f"it was signed for {found.repository}, and {trust.repository} is trusted")
    wanted = trust.identity.removesuffix(f"@{trust.ref}")
    for told in (found.signer, found.config):
        if told.rpartition("@")[0] != wanted:
            raise Refused("workflow-wrong", f"{told} signed it, and {wanted} is trusted")
    if found.ref != trust.ref or found.signer != trust.identity or found.config != trust.identity:
        raise Refused("ref-wrong", f"it ran for {found.ref}, and {trust.ref} is trusted")


def _claim(cert: Certificate, name: str, number: str) -> str:
    """The text of a claim: a DER UTF8String of less than 128 bytes, or with its length in one or two more."""
    from cryptography.x509 import ExtensionNotFound, ObjectIdentifier, UnrecognizedExtension

    try:
        held = cert.extensions.get_extension_for_oid(ObjectIdentifier(number)).value
    except (ExtensionNotFound, ValueError) as error:
        raise Refused("claim-missing", f"the certificate does not say its {name}") from error
    data = held.value if isinstance(held, UnrecognizedExtension) else b""
    head = 2 if len(data) > 1 and data[1] < 0x80 else 2 + (data[1] & 0x7F if len(data) > 1 else 0)
    size = data[1] if head == 2 and len(data) > 1 else int.from_bytes(data[2:head], "big")
    if data[:1] != b"\x0c" or not size or len(data) != head + size:
        raise Refused("claim-missing", f"what the certificate says of its {name} cannot be read")
    return data[head:].decode("utf-8", "backslashreplace")
