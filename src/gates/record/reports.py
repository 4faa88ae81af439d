"""Reports: what a run reported, kept so that a replay can say whether it comes to the same, and where it does not.

A kept report is without its `run`, and without personal data; the digest in it is that of the report as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from gates.engine import masking, state
from gates.model.evidence import encode, sha256
from gates.model.report import Report

SCHEMA_VERSION = 1
FOLDER = "reports"
KEPT = 512
SIZE = 64 << 20
"""Bytes of all reports together."""
LARGEST = 4 << 20
"""Bytes of a report above which only its digest is kept."""


class KeptReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as it is kept; `exact` is the digest of the report as it was, `report` None where it was too large."""

    schema_version: int
    exact: str
    report: dict[str, Any] | None


class _Scrubbing(msgspec.Struct, frozen=True):
    """What masking asks of a redactor."""

    text: Callable[[str], str]


def keep(root: Path, report: Report, scrub: Callable[[str], str]) -> str | None:
    """The digest under which a report is kept below `root`; None where it cannot be written.

    `scrub` takes personal data out of a text.
    """
    try:
        data = _encoded(report, scrub)
        digest = sha256(data)
        path = state.folder(root, FOLDER) / f"{digest}.json"
        if path.is_file():
            path.touch()
        else:
            state.write(path, data)
            state.prune(path.parent, KEPT, SIZE)
    except (OSError, ValueError):
        return None
    return digest


def exact(report: Report) -> str:
    """The SHA-256 in hex of a report without its `run`: two that are alike are the same, byte for byte."""
    return sha256(canonical(report))


def canonical(report: Report) -> bytes:
    """The canonical JSON of a report without its `run`.

    Raises:
        ValueError: a text in it is none in UTF-8.
    """
    held = {name: getattr(report, name) for name in report.__struct_fields__ if name != "run"}
    return encode({name: one for name, one in held.items() if one is not msgspec.UNSET})


def read(root: Path, digest: str) -> KeptReport:
    """The report that is kept under a digest.

    Raises:
        OSError: it is not there, or cannot be read.
        ValueError: it is damaged, or of another schema version.
    """
    data = (root / state.FOLDER / FOLDER / f"{digest}.json").read_bytes()
    if sha256(data) != digest:
        raise ValueError("its digest does not match its content")
    found = msgspec.json.decode(data, type=KeptReport)
    if found.schema_version != SCHEMA_VERSION:
        raise ValueError(f"it has schema version {found.schema_version}, this is {SCHEMA_VERSION}")
    return found


def scrubbed(body: bytes, scrub: Callable[[str], str]) -> bytes:
    """The canonical JSON of a report with every text in it scrubbed."""
    # Looked through as one text first, since hardly any report has something to hide.
    text = body.decode().replace("\\n", "\n").replace("\\t", "\t")
    if scrub(text) == text:
        return body
    hiding: Any = _Scrubbing(scrub)
    return encode(masking.plain(msgspec.json.decode(body), hiding))


def _encoded(report: Report, scrub: Callable[[str], str]) -> bytes:
    body = canonical(report)
    shown = None if len(body) > LARGEST else msgspec.Raw(scrubbed(body, scrub))
    return encode({"schema_version": SCHEMA_VERSION, "exact": sha256(body), "report": shown})
