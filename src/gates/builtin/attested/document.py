"""Document: the attestations in a file, read so strictly that no two readers can read two things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from gates.builtin.attested.refusal import Refused

Form = Literal["dsse", "sigstore", "pep740", "pep740-one"]
MOST = 16 << 20
"""Bytes of a file; a bundle with a certificate and a log entry has some 10,000."""

BUNDLE = "application/vnd.dev.sigstore.bundle"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One attestation as it is written: `raw` without the end of its line, and the object that this is."""

    form: Form
    raw: bytes
    value: Mapping[str, Any]


def read(path: Path) -> tuple[Document, ...]:
    """The documents of a file: one, or one on each line.

    Raises:
        Refused: it is not there, cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise Refused("attestation-missing", f"{path.name} cannot be read: {error.strerror or error}") from error
    return parse(data)


def parse(data: bytes) -> tuple[Document, ...]:
    """The documents in `data`.

    Raises:
        Refused: there is none, or something else.
    """
    if len(data) > MOST:
        raise Refused("attestation-too-large", f"more than {MOST:,} bytes")
    if not data.strip():
        raise Refused("attestation-empty", "it is empty")
    lines = data.removesuffix(b"\n").split(b"\n")
    if len(lines) > 1 and not all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        # One document over several lines, as bundles are sometimes printed.
        lines = [data]
    return tuple(_document(line) for line in lines)


def strict(data: bytes) -> Any:
    """The JSON value of `data`: UTF-8, no key twice, no NaN.

    Raises:
        Refused: it is none.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not-utf8", f"byte {error.start} is no UTF-8") from error
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused("not-json", said) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused("duplicate-key", f"the key {twice[:80]!r} is there twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _document(line: bytes) -> Document:
    value = strict(line)
    if not isinstance(value, dict):
        raise Refused("unknown-document", f"a JSON {type(value).__name__} instead of an object")
    return Document(form=_form(value), raw=line, value=value)


def _form(value: Mapping[str, Any]) -> Form:
    media = value.get("mediaType")
    if isinstance(media, str) and media.startswith(BUNDLE):
        return "sigstore"
    if "attestation_bundles" in value:
        return "pep740"
    if "verification_material" in value and "envelope" in value:
        return "pep740-one"
    if {"payload", "payloadType", "signatures"} & set(value):
        return "dsse"
    raise Refused("unknown-document", f"an object with {', '.join(sorted(value)[:6]) or 'nothing in it'}")
