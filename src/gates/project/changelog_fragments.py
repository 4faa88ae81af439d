"""Fragments: towncrier's news fragments, which become the entry of the next release."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gates.errors import GatesError
from gates.project import documents

TYPES = {
    "feature": "Features",
    "bugfix": "Bugfixes",
    "doc": "Improved Documentation",
    "removal": "Deprecations and Removals",
    "misc": "Misc",
}
"""What towncrier knows without configuration: https://towncrier.readthedocs.io, "Defining custom fragment types"."""

FILES = ("towncrier.toml", "pyproject.toml")
"""In towncrier's own order."""


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """One fragment: its path below the root, its issue ("" for an orphan), its type, its heading and its section."""

    path: str
    issue: str
    type: str
    heading: str
    section: str
    shown: bool


def settings(root: Path) -> Mapping[str, Any]:
    """The table `[tool.towncrier]`; empty where there is none, or its file cannot be read, which towncrier tells."""
    for name in FILES:
        try:
            text = documents.text_of(root, name)
            tools = documents.table(documents.toml(text or "", name), "tool")
        except GatesError:
            continue
        if "towncrier" in tools:
            return documents.table(tools, "towncrier") or {"name": ""}
    return {}


def find(root: Path, table: Mapping[str, Any]) -> tuple[Fragment, ...]:
    """The fragments that wait for a release, by section, type and path; none without towncrier's table."""
    if not table:
        return ()
    types = _types(table)
    order = list(types)
    found = [one for section, folder in _folders(table) for one in _within(root, folder, section, types)]
    return tuple(sorted(found, key=lambda one: (one.section, order.index(one.type), one.path)))


def text(root: Path, fragment: Fragment) -> str:
    """What a fragment says, without the blank lines around it."""
    try:
        return (root / fragment.path).read_bytes().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _types(table: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Heading, and whether the text is shown, of each type."""
    listed = table.get("type")
    pairs: list[tuple[Any, Any]] = list(documents.table(table, "fragment").items())
    if isinstance(listed, list) and listed:
        rows = [one for one in listed if isinstance(one, Mapping)]
        pairs = [(one.get("directory") or str(one.get("name", "")).lower(), one) for one in rows]
    own = {
        str(key): (str(one.get("name") or str(key).capitalize()), one.get("showcontent", True) is not False)
        for key, one in pairs
        if isinstance(one, Mapping)
    }
    return own or {key: (heading, key != "misc") for key, heading in TYPES.items()}


def _folders(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and folder of each section."""
    package = str(table.get("package") or "").replace(".", "/")
    base = table.get("directory") or "/".join(
        part
        for part in (str(table.get("package_dir") or ".").strip("/"), package, "newsfragments")
        if part not in {"", "."}
    )
    sections = [one for one in table.get("section") or () if isinstance(one, Mapping)]
    for one in sections or [{"path": "", "name": ""}]:
        path = str(one.get("path") or "").strip("/")
        own = str(base).strip("/")
        parts = own.rpartition("/") if path and not table.get("directory") else ("", "", own)
        yield str(one.get("name") or ""), "/".join(part for part in (parts[0], parts[2], path) if part)


def _within(root: Path, folder: str, section: str, types: Mapping[str, tuple[str, bool]]) -> Iterator[Fragment]:
    try:
        names = sorted(one.name for one in os.scandir(root / folder) if one.is_file())
    except OSError:
        return
    for name in names:
        issue, *parts = name.split(".")
        kind = next((part for part in parts[:2] if part in types), None)
        if kind is None or not issue:
            continue
        heading, shown = types[kind]
        shown_issue = "" if issue.startswith("+") else issue
        yield Fragment(
            path=f"{folder}/{name}", issue=shown_issue, type=kind, heading=heading, section=section, shown=shown
        )
