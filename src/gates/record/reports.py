"""Reports: what a run reported, kept so that a replay can say whether it comes to the same, and where it does not.

A kept report is without its `run`, and without personal data. Where that took nothing out of it, the file holds its
canonical JSON; else it is in an envelope with the digest of the report as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from gates.engine import masking, state
from gates.engine.codec import decoded
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
        body = canonical(report)
        folder = state.folder(root, FOLDER)
        # A report that is there under its own digest has nothing to hide, as was found out when it was written.
        exactly = sha256(body)
        if state.used(folder / f"{exactly}.json"):
            return exactly
        data = _shown(body, scrub)
        digest = sha256(data)
        if not state.used(folder / f"{digest}.json"):
            state.write(folder / f"{digest}.json", data)
            state.prune(folder, KEPT, SIZE)
    except (OSError, ValueError, TypeError):
        # Of anybody's gate there may be what is no JSON; the verdict stands, and the run is not replayable.
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
    found = decoded(data)
    if not isinstance(found, dict) or not {"gates", "exact"} & set(found):
        raise ValueError("it is no report")
    if "gates" in found:
        return KeptReport(schema_version=SCHEMA_VERSION, exact=digest, report=found)
    kept = msgspec.convert(found, KeptReport)
    if kept.schema_version != SCHEMA_VERSION:
        raise ValueError(f"it has schema version {kept.schema_version}, this is {SCHEMA_VERSION}")
    return kept


def scrubbed(body: bytes, scrub: Callable[[str], str]) -> bytes:
    """The canonical JSON of a report with every text in it scrubbed."""
    # Looked through as one text first, since hardly any report has something to hide.
    text = body.decode().replace("\\n", "\n").replace("\\t", "\t")
    if scrub(text) == text:
        return body
    hiding: Any = _Scrubbing(scrub)
    return encode(masking.plain(msgspec.json.decode(body), hiding))


def _shown(body: bytes, scrub: Callable[[str], str]) -> bytes:
    """What is written of a report."""
    shown = None if len(body) > LARGEST else scrubbed(body, scrub)
    if shown == body:
        return body
    held = None if shown is None else msgspec.Raw(shown)
    return encode({"schema_version": SCHEMA_VERSION, "exact": sha256(body), "report": held})
