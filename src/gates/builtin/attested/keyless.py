"""Keyless: sigstore bundles and PEP 740 files, verified offline, and signing where an identity is at hand."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.attested.document import Document
from gates.builtin.attested.envelope import PAYLOAD_TYPE, decoded
from gates.builtin.attested.expected import Workflow
from gates.builtin.attested.facts import Dist, Identity
from gates.builtin.attested.identity import Policy
from gates.builtin.attested.keys import INSTALL, KeyRefused, NoLibrary
from gates.builtin.attested.refusal import Refused

if TYPE_CHECKING:
    from sigstore.verify import Verifier

NO_IDENTITY = (
    "there is no identity to sign with: keyless signing needs the token of a CI job (`permissions: id-token: write`);"
    " elsewhere name a key with --key"
)


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """What a workflow signed: a statement, or (of a bundle without one) the file with the digest `sha256`."""

    payload: bytes = b""
    sha256: str = ""
    identity: Identity


def opened(document: Document, trust: Workflow, dists: Sequence[Dist]) -> tuple[Vouched, ...]:
    """What is in a bundle, or in a PEP 740 file with several; `dists` is looked up for a bundle without a statement.

    Raises:
        Refused: one of them is malformed, not verified, or signed by somebody else.
        NoLibrary: sigstore, or pypi-attestations, is not installed.
    """
    with _quiet():
        verifier = _verifier()
        if document.form == "sigstore":
            bundle = _bundle(document)
            if "messageSignature" in document.value:
                return (_signature(verifier, bundle, trust, _signed(document, dists)),)
            return (_statement(verifier, bundle, trust),)
        return tuple(_statement(verifier, one, trust) for one in _pep740(document))


def sign(payload: bytes) -> bytes:
    """The sigstore bundle of a statement, on one line, signed with the identity of this CI job.

    Raises:
        KeyRefused: there is no identity, or sigstore's services refuse it or cannot be reached.
        NoLibrary: sigstore is not installed.
    """
    try:
        from sigstore.dsse import Statement
        from sigstore.models import ClientTrustConfig
        from sigstore.oidc import IdentityToken, detect_credential
        from sigstore.sign import SigningContext
    except ImportError:
        raise NoLibrary(f"sigstore is not installed: {INSTALL}") from None
    try:
        token = detect_credential()
    except Exception as error:  # noqa: BLE001 - a library's own errors are of many kinds
        raise KeyRefused(f"the CI job's identity cannot be had: {type(error).__name__}") from None
    if token is None:
        raise KeyRefused(NO_IDENTITY)
    try:
        context = SigningContext.from_trust_config(ClientTrustConfig.production())
        with context.signer(IdentityToken(token)) as signer:
            bundle = signer.sign_dsse(Statement(payload))
    except Exception as error:  # noqa: BLE001 - a library's own errors are of many kinds
        # What the services answer may quote the token.
        raise KeyRefused(f"sigstore did not sign: {type(error).__name__}; sign with --key, or try again") from None
    return bundle.to_json().encode()


@contextmanager
def _quiet() -> Iterator[None]:
    """Inside, sigstore's own log says nothing: it warns of being offline, which is what is asked for."""
    log = logging.getLogger("sigstore")
    before, log.disabled = log.level, False
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _verifier() -> Verifier:
    try:
        from sigstore.verify import Verifier
    except ImportError:
        raise NoLibrary(f"sigstore is not installed: {INSTALL}") from None
    # With the root of trust that it ships: nothing is asked of the network.
    return Verifier.production(offline=True)


def _bundle(document: Document) -> Any:
    from sigstore.models import Bundle

    try:
        return Bundle.from_json(document.raw)
    except Exception as error:
        raise Refused("bundle-malformed", _first(error)) from error


def _pep740(document: Document) -> tuple[Any, ...]:
    try:
        from pypi_attestations import Attestation, Provenance
    except ImportError:
        raise NoLibrary(f"pypi-attestations is not installed: {INSTALL}") from None
    try:
        if document.form == "pep740-one":
            return (Attestation.model_validate_json(document.raw).to_bundle(),)
        held = Provenance.model_validate_json(document.raw)
        found = tuple(one.to_bundle() for bundle in held.attestation_bundles for one in bundle.attestations)
    except Exception as error:
        raise Refused("bundle-malformed", _first(error)) from error
    if not found:
        raise Refused("bundle-malformed", "it holds no attestation")
    return found


def _statement(verifier: Verifier, bundle: Any, trust: Workflow) -> Vouched:
    policy = Policy(trust)
    try:
        kind, payload = verifier.verify_dsse(bundle, policy)
    except Refused:
        raise
    except Exception as error:
        raise Refused("bundle-unverified", _first(error)) from error
    if kind != PAYLOAD_TYPE:
        raise Refused("payload-type", f"it holds {kind[:80]}, and {PAYLOAD_TYPE} is expected")
    return Vouched(payload=payload, identity=_known(policy))


def _signature(verifier: Verifier, bundle: Any, trust: Workflow, sha256: str) -> Vouched:
    from sigstore.hashes import Hashed
    from sigstore_models.common.v1 import HashAlgorithm

    policy = Policy(trust)
    try:
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(sha256))
        verifier.verify_artifact(hashed, bundle, policy)
    except Refused:
        raise
    except Exception as error:
        raise Refused("bundle-unverified", _first(error)) from error
    return Vouched(sha256=sha256, identity=_known(policy))


def _signed(document: Document, dists: Sequence[Dist]) -> str:
    """Of a signature without a statement: the SHA-256 of the file that it is of."""
    held = document.value["messageSignature"]
    told = held.get("messageDigest") if isinstance(held, dict) else None
    if isinstance(told, dict) and isinstance(told.get("digest"), str):
        return decoded(told["digest"], "digest").hex()
    if len(dists) == 1:
        return dists[0].sha256
    raise Refused("bundle-malformed", "it does not say of which file it is the signature")


def _known(policy: Policy) -> Identity:
    if policy.found is None:
        raise Refused("bundle-unverified", "sigstore did not look at the identity")
    return policy.found


def _first(error: Exception) -> str:
    """The first line of what a library says, shortened."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
