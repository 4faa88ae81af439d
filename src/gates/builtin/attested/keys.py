"""Keys: ed25519 keys in files and in the environment; what is private is never told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.errors import GatesError, OutputError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

VARIABLE = "PROVENANCE_SIGNING_KEY"
"""Holds a private key in PEM; its name is one whose value is redacted everywhere."""

INSTALL = "pip install 'pytest-vltair[supply-chain]'"


class KeyRefused(GatesError):  # noqa: N818 - like Refused
    """A key that is missing or cannot be used; the message never has a part of it."""

    slug = "key"


class NoLibrary(GatesError):  # noqa: N818 - like Refused
    """The library that signs and verifies is not installed."""

    slug = "tool-missing"


def private(path: str | None, environ: Mapping[str, str]) -> CryptoSigner:
    """The signer with the key in the file `path`, else with that of the variable.

    Raises:
        KeyRefused: there is none, or it is no ed25519 key in unencrypted PKCS#8 PEM.
        NoLibrary: securesystemslib is not installed.
    """
    _ = _libraries()
    from securesystemslib.signer import CryptoSigner

    where, data = _private(path, environ)
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key: Any = load_pem_private_key(data, None)
        signer = CryptoSigner(key)
    except Exception as error:  # noqa: BLE001 - see below
        # Whatever the library says may quote what it read.
        kind = "is encrypted" if isinstance(error, TypeError) else "cannot be read"
        raise KeyRefused(f"the private key in {where} {kind}: write it as unencrypted PKCS#8 PEM") from None
    if signer.public_key.keytype != "ed25519":
        raise KeyRefused(f"the private key in {where} is {signer.public_key.keytype}: use ed25519")
    return signer


def _private(path: str | None, environ: Mapping[str, str]) -> tuple[str, bytes]:
    if path is not None and "KEY-----" in path:
        raise KeyRefused("--key takes the name of a file, and was given a key: it is in the shell's history now")
    if path is not None:
        try:
            return path, Path(path).read_bytes()
        except OSError as error:
            raise KeyRefused(
                f"the private key {path} cannot be read: {error.strerror or type(error).__name__}"
            ) from None
    held = environ.get(VARIABLE, "")
    if held.strip():
        return f"${VARIABLE}", held.strip().replace("\\n", "\n").encode() + b"\n"
    raise KeyRefused(f"there is no key to sign with: name a file with --key, or set {VARIABLE}")


def public(path: Path) -> SSlibKey:
    """The public key in a PEM file.

    Raises:
        KeyRefused: there is none, or it is no ed25519 key.
        NoLibrary: securesystemslib is not installed.
    """
    _ = _libraries()
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    if "KEY-----" in str(path):
        raise KeyRefused("a key was given where the name of its file is expected")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KeyRefused(f"the public key {path.name} cannot be read: {error.strerror or error}") from error
    if b"PRIVATE KEY" in data:
        raise KeyRefused(f"{path.name} is a private key, and whoever verifies must not have it: name the public one")
    try:
        key = SSlibKey.from_crypto(load_pem_public_key(data))
    except Exception:  # noqa: BLE001 - a library's own errors are of many kinds
        raise KeyRefused(f"{path.name} is no public key in PEM") from None
    if key.keytype != "ed25519":
        raise KeyRefused(f"the public key {path.name} is {key.keytype}: use ed25519")
    return key


def fresh() -> CryptoSigner:
    """A new key that is nowhere written down.

    Raises:
        NoLibrary: securesystemslib is not installed.
    """
    _ = _libraries()
    from securesystemslib.signer import CryptoSigner

    return CryptoSigner.generate_ed25519()


def generate(private_path: Path, public_path: Path) -> str:
    """Write a new pair, the private key for its owner's eyes only; returns the id of the key.

    Raises:
        OutputError: a file is there already, or cannot be written.
        NoLibrary: securesystemslib is not installed.
    """
    signer = fresh()
    for path, data, mode in ((private_path, signer.private_bytes, 0o600), (public_path, public_pem(signer), 0o644)):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise OutputError(f"{path} is there already, and no key is overwritten") from None
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    return str(signer.public_key.keyid)


def public_pem(signer: CryptoSigner) -> bytes:
    """The public half of a key, as its file has it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(signer.private_bytes, None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _libraries() -> Any:
    try:
        import cryptography
        import securesystemslib.dsse
    except ImportError:
        raise NoLibrary(f"securesystemslib with cryptography is not installed: {INSTALL}") from None
    return cryptography, securesystemslib.dsse
