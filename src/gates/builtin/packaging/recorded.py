"""Recorded: whether a wheel's RECORD names each of its files with the right digest (PyPA, "Recording installed")."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
from collections.abc import Mapping

ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
"""The specification asks for SHA-256 or better."""

SIGNATURES = (".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")


def wrong(contents: Mapping[str, bytes], record: str) -> tuple[str, ...]:
    """Names that the member `record` lacks, has without being there, or has with another digest; sorted.

    All of them where it is missing.
    """
    text = contents.get(record, b"").decode("utf-8", "replace")
    rows = {row[0]: row[1] for row in csv.reader(text.splitlines()) if len(row) > 1 and not row[0].endswith("/")}
    names = {one for one in contents if one != record and not one.endswith(SIGNATURES)}
    rows.pop(record, None)
    differing = {name for name in names & set(rows) if not _same(rows[name], contents[name])}
    return tuple(sorted((names ^ set(rows)) | differing))


def _same(said: str, data: bytes) -> bool:
    algorithm, _, digest = said.partition("=")
    if algorithm not in ALGORITHMS:
        return False
    try:
        held = base64.b64decode(digest + "=" * (-len(digest) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return held == hashlib.new(algorithm, data).digest()
