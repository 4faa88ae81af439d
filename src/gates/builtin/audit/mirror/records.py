"""Records: a folder of OSV records as an index by the name of the distribution."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.audit.facts import Mirror
from gates.builtin.audit.mirror.matching import Affected
from gates.builtin.audit.service.answers import KNOWN
from gates.model.reason import Reason, ReasonCode
from pytest_vltair.installed import canonical

STAMP = "mirror.json"
"""The stamp, at the top of the folder: when all of it was taken, and where from."""

LARGEST = 16 * 1024 * 1024
"""Bytes of one record."""

TOP = "[tool.gates.audit]"


class _Record(msgspec.Struct, frozen=True):
    id: str
    modified: str
    affected: tuple[Affected, ...] | None = None
    withdrawn: str | None = None
    schema_version: str = "1.0.0"


class _Stamp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    taken: str
    source: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One record of the index: its id, its file, and what it says of the distribution."""

    id: str
    path: str
    affected: tuple[Affected, ...]


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """The index: entries by canonical name, files by id, and what is known of the folder itself."""

    folder: Path
    by_name: Mapping[str, tuple[Entry, ...]]
    by_id: Mapping[str, str]
    mirror: Mirror


def read(folder: Path, shown: str) -> Records | Reason:
    """The records below a folder, called `shown`; a reason where it is not there, empty, or one is no OSV record.

    Every file that ends in .json counts but the stamp; hidden folders and links to folders are left out.
    """
    by_name: dict[str, list[Entry]] = {}
    by_id: dict[str, str] = {}
    newest = ""
    decoder = msgspec.json.Decoder(_Record)
    listed = _files(folder, shown)
    if isinstance(listed, Reason):
        return listed
    for path in listed:
        held = _record(folder, path, shown, decoder)
        if isinstance(held, Reason):
            return held
        if by_id.setdefault(held.id, path) != path:
            return _malformed(shown, path, f"has the id {held.id[:60]} of {by_id[held.id]}")
        newest = max(newest, held.modified, key=_moment)
        for name in {canonical(one.package.name) for one in held.affected or () if one.package and one.ours}:
            about = tuple(
                one for one in held.affected or () if one.package and one.ours and canonical(one.package.name) == name
            )
            by_name.setdefault(name, []).append(Entry(held.id, path, about))
    if not by_id:
        return _reason(
            "evidence_missing", f"the mirror {shown} holds no advisory", f"fill it, or mend `mirror` in {TOP}"
        )
    taken = _taken(folder, shown)
    if isinstance(taken, Reason):
        return taken
    return Records(
        folder=folder,
        by_name={name: tuple(sorted(found, key=lambda one: one.id)) for name, found in by_name.items()},
        by_id=by_id,
        mirror=Mirror(path=shown, records=len(by_id), newest=newest, taken=taken),
    )


def _files(folder: Path, shown: str) -> list[str] | Reason:
    """Paths below the folder, in order, with forward slashes; a reason where not all of it can be listed."""
    if not folder.is_dir():
        return _reason("evidence_missing", f"the mirror {shown} is not there", f"mend `mirror` in {TOP}")
    unlisted: list[OSError] = []
    found = list(_walked(folder, unlisted))
    if not unlisted:
        return found
    said = unlisted[0].strerror or "it changed meanwhile"
    message = f"a folder of the mirror {shown} cannot be listed: {said}"
    return _reason("unreadable", message, f"mend the permissions below {shown}")


def _walked(folder: Path, unlisted: list[OSError]) -> Iterator[str]:
    for base, folders, names in os.walk(folder, onerror=unlisted.append):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        below = os.path.relpath(base, folder).replace(os.sep, "/")
        for name in sorted(names):
            path = name if below == "." else f"{below}/{name}"
            if name.endswith(".json") and not name.startswith(".") and path != STAMP:
                yield path


def _record(folder: Path, path: str, shown: str, decoder: msgspec.json.Decoder[_Record]) -> _Record | Reason:
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        return _reason("unreadable", f"{shown}/{path} cannot be read: {error.strerror}", f"mend {shown}/{path}")
    if len(data) > LARGEST:
        return _malformed(shown, path, "is larger than any record")
    try:
        held = decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _malformed(shown, path, f"is no OSV record: {str(error)[:120]}")
    flaw = _flaw(held)
    if flaw and KNOWN.fullmatch(held.schema_version) is None:
        return _reason("schema_version_mismatch", f"{shown}/{path} {flaw}", "update gates, or take it out")
    return _malformed(shown, path, flaw) if flaw else held


def _flaw(held: _Record) -> str:
    if KNOWN.fullmatch(held.schema_version) is None:
        return f"is of OSV schema {held.schema_version[:20]}, and 1 is understood"
    if not held.id.strip():
        return "has no id"
    if moment(held.modified) is None:
        return f"was modified at {held.modified[:40]!r}, which is no time"
    if not held.withdrawn and not held.affected:
        return "has no `affected`, so that nobody can say which versions it is about"
    if not held.withdrawn and all(one.package is None for one in held.affected or ()):
        return "does not name the package that it is about"
    return ""


def _taken(folder: Path, shown: str) -> str | Reason:
    """The time in the stamp, "" without a stamp."""
    try:
        data = (folder / STAMP).read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return _reason("unreadable", f"{shown}/{STAMP} cannot be read: {error.strerror}", f"mend {shown}/{STAMP}")
    try:
        taken = msgspec.json.decode(data, type=_Stamp).taken
    except (msgspec.MsgspecError, UnicodeDecodeError):
        taken = ""
    if moment(taken) is None:
        fix = f'write {{"taken": "2026-01-31T00:00:00Z"}} into {shown}/{STAMP}'
        return _reason("evidence_corrupt", f"{shown}/{STAMP} does not say when the mirror was taken", fix)
    return taken


def moment(text: str) -> Any:
    """The time that RFC 3339 writes as `text`, None where it is none or has no zone."""
    from datetime import datetime

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _moment(text: str) -> Any:
    from datetime import UTC, datetime

    return moment(text) or datetime.min.replace(tzinfo=UTC)


def _malformed(shown: str, path: str, why: str) -> Reason:
    fix = f"take {shown}/{path} out, or fetch it again"
    return _reason("evidence_corrupt", f"{shown}/{path} {why}", fix)


def _reason(code: ReasonCode, message: str, fix: str) -> Reason:
    return Reason(code=code, message=message, fix=fix)
