"""Beside: what was read though it is no source of the project; nothing tells when it changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from gates.builtin.trace.facts import FileRef, Item
from gates.builtin.trace.gathering.reports import Report
from gates.builtin.trace.references import Files


def why(documents: Iterable[str], items: Iterable[Item], files: Files, reports: Sequence[Report]) -> str:
    """Why evidence of these may not be used again, "" where all of it is of the tree."""
    if reports:
        return "JUnit files are read anew each time"
    outside = next((one for one in documents if one not in files.known or _leads_out(one, files)), None)
    if outside is not None:
        return f"{outside} is no source of the project"
    named = ((item, one) for item in items for one in item.files.items)
    found = next((one.token for item, one in named if _is_beside(item, one, files)), None)
    return "" if found is None else f"{found} is no source of the project"


def _leads_out(path: str, files: Files) -> bool:
    """Whether a link leads to another file than those whose digest is known."""
    real = os.path.realpath(files.root / path)
    return os.path.relpath(real, os.path.realpath(files.root)).replace(os.sep, "/") != path


def _is_beside(item: Item, named: FileRef, files: Files) -> bool:
    """Whether it was found on the disk alone, or looked for there in vain by an item that must have it."""
    if named.exists is False:
        return item.status == "done"
    return any(path not in files.known and path not in files.folders for path in named.paths.items)
